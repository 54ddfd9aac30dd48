import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import i18next from 'i18next';
import { describe, expect, it } from 'vitest';
import type { Strings } from '../../../src/i18n/pseudo.ts';
import { translator } from '../../../src/i18n/translator.ts';

/** i18next, whose format the words are in, is the judge: every key of every language, with counts that reach every plural form. */

const LOCALES = join(import.meta.dirname, '../../../locales');
const COUNTS = [...Array.from({ length: 121 }, (_, n) => n), 1_000, 1_000_000, 2_000_000, 0.5, 1.5];

const oracle = (lang: string, strings: Strings): ((key: string, values: Record<string, string | number>) => string) => {
  const instance = i18next.createInstance();
  void instance.init({
    lng: lang,
    resources: { [lang]: { translation: strings as Record<string, unknown> } },
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  return (key, values) => instance.t(key, values);
};

const keysOf = (strings: Strings, prefix = ''): string[] =>
  Object.entries(strings).flatMap(([key, value]) =>
    typeof value === 'string' ? [prefix + key] : keysOf(value, `${prefix}${key}.`),
  );

const files = readdirSync(LOCALES).filter((name) => /^[a-z]{2,3}\.json$/.test(name));

describe.each(files)('%s', (name) => {
  const lang = name.replace('.json', '');
  const strings = JSON.parse(readFileSync(join(LOCALES, name), 'utf8')) as Strings;
  const [own, other] = [translator(lang, strings), oracle(lang, strings)];

  it('says what i18next says, with words put in', () => {
    for (const key of keysOf(strings)) {
      const text = key
        .split('.')
        .reduce<Strings | string>((at, part) => (at as Strings)[part] ?? '', strings) as string;
      const names = [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, holder]) => holder ?? '');
      const values = Object.fromEntries(names.map((holder) => [holder, `<${holder}> & $1`]));
      expect([key, own(key, values)]).toEqual([key, other(key, values)]);
    }
  });

  it('counts as i18next does', () => {
    const counted = new Set(keysOf(strings).flatMap((key) => /^(.*)_other$/.exec(key)?.[1] ?? []));
    expect(counted.size).toBeGreaterThan(3);
    for (const key of counted)
      for (const count of COUNTS) {
        // Numbers are ours to write: compared without their signs.
        const plain = (text: string): string => text.replaceAll(/[\p{Nd}\p{P}\s]/gu, '');
        expect([key, count, plain(own(key, { count }))]).toEqual([key, count, plain(other(key, { count }))]);
      }
  });
});

it('gives a key that is missing as it is, and a form that is missing as the general one', () => {
  const t = translator('fr', { a: { b: 'texte', n_one: 'un', n_other: '{{count}} choses' } });
  expect(t('a.c')).toBe('a.c');
  expect(t('a')).toBe('a');
  expect(t('a.b.c')).toBe('a.b.c');
  expect(t('a.n', { count: 1_000_000 })).toMatch(/choses$/);
  expect(t('a.b', { who: 'x' })).toBe('texte');
  expect(translator('en', { n_zero: 'none', n_one: 'one', n_other: 'more' })('n', { count: 0 })).toBe('none');
});
