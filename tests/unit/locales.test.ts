import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import fr from '../../locales/fr.json';
import notes from '../../locales/notes.json';
import review from '../../locales/review.json';
import type { Strings } from '../../src/i18n/pseudo.ts';
import { staticWords } from '../../src/i18n/static-words.ts';
import { COMPLETE, INTERFACE } from '../../src/i18n/words.ts';

/** The interface's words: the same keys everywhere, no word of ours that a reader would not know. */

const flat = (strings: Strings, prefix = ''): Map<string, string> => {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(strings)) {
    if (typeof value === 'string') out.set(prefix + key, value);
    else for (const [inner, text] of flat(value, `${prefix}${key}.`)) out.set(inner, text);
  }
  return out;
};
const base = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '');
const keysOf = (strings: Strings): string[] => [...new Set([...flat(strings).keys()].map(base))].sort();
const holdersIn = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => String(name));

const files = readdirSync(join(import.meta.dirname, '../../locales')).filter((name) => /^[a-z]{2,3}\.json$/.test(name));
const languages = Object.fromEntries(
  files.map((name) => [
    name.replace('.json', ''),
    JSON.parse(readFileSync(join(import.meta.dirname, '../../locales', name), 'utf8')) as Strings,
  ]),
);

it('the files are the languages that have a review state', () => {
  expect(Object.keys(languages).sort()).toEqual([...INTERFACE].sort());
  for (const { state } of Object.values(review)) expect(['machine-draft', 'human-draft', 'reviewed']).toContain(state);
});

describe.each(Object.entries(languages))('%s', (lang, strings) => {
  const texts = flat(strings);

  it('has the keys of the notes for translators; a draft none of the operator’s', () => {
    const wanted = keysOf(notes).filter((key) => COMPLETE.includes(lang) || !key.startsWith('inbox.'));
    expect(keysOf(strings)).toEqual(wanted);
  });

  it('has no value that i18next would take for something else', () => {
    const odd = [...texts].filter(
      ([, text]) =>
        /\$t\(|\{\{(?!\w+\}\})|(?<!\{\{\w*)\}\}/.test(text) || text.trim() === '' || text !== text.normalize('NFC'),
    );
    expect(odd).toEqual([]);
  });

  it('has every plural form of its language', () => {
    const forms = new Intl.PluralRules(lang).resolvedOptions().pluralCategories;
    const plural = [...texts.keys()].filter((key) => key.endsWith('_other')).map(base);
    expect(plural.flatMap((key) => forms.map((form) => `${key}_${form}`)).filter((key) => !texts.has(key))).toEqual([]);
  });

  it('puts in the same values as French does', () => {
    const values = (all: Map<string, string>) => {
      const found: Record<string, string[]> = {};
      for (const [key, text] of all) {
        // A form for exactly one, or none, need not say the number.
        if (/_(zero|one|two)$/.test(key)) continue;
        found[base(key)] = [...new Set([...(found[base(key)] ?? []), ...holdersIn(text)])].sort();
      }
      return found;
    };
    const french = new Map([...flat(fr)].filter(([key]) => COMPLETE.includes(lang) || !key.startsWith('inbox.')));
    expect(values(texts)).toEqual(values(french));
  });

  it('keeps to the length that its note names', () => {
    const limits = new Map(
      [...flat(notes)].map(([key, note]) => [base(key), Number(/Max (\d+)/.exec(note)?.[1] ?? 0)]),
    );
    const long = [...texts].filter(([key, text]) => {
      const limit = limits.get(base(key)) ?? 0;
      return limit > 0 && text.replaceAll(/\{\{\w+\}\}/g, '').length > limit;
    });
    expect(long).toEqual([]);
  });

  it('says nothing to readers in the builders’ own words', () => {
    const forbidden: RegExp | undefined = {
      fr: /synchronis|\bhub\b|paquet|\bclés?\b|scell|finalis|enregistr|\bhead\b|\bshelf\b|serveur|cache|erreur/i,
      en: /synchron|\bsync|\bhub\b|\bpackets?\b|\bkeys?\b|\bseal|finali[sz]|\bsaved\b|\bhead\b|\bshelf\b|server|\bcache|error/i,
    }[lang as 'fr' | 'en'];
    // The inbox is the operator's, and is made of other words.
    const said = [...texts].filter(([key, text]) => !key.startsWith('inbox.') && forbidden?.test(text));
    expect(said).toEqual([]);
  });
});

/** What stands in brackets after `t(`: it may choose between keys. */
const argumentsOf = (source: string): string[] =>
  [...source.matchAll(/\bt\(/g)].map(({ index }) => {
    let depth = 0;
    for (let at = index + 1; at < source.length; at++) {
      if (source[at] === '(') depth++;
      if (source[at] === ')' && --depth === 0) return source.slice(index, at);
    }
    return '';
  });

const sources = ['src', 'server'].flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .map((file) => join(folder, String(file)))
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(file, 'utf8')),
);
const namespaces = Object.keys(fr).join('|');
const KEY = new RegExp(`^(${namespaces})\\.[\\w.$\{}()-]+$`);
/** Keys as the source writes them; `\${...}` stands for any part of one. A key may stand inside a template, so quotes are read one kind at a time. */
const written = (text: string): string[] =>
  [...text.matchAll(/'([^'\n]+)'/g), ...text.matchAll(/`([^`\n]+)`/g)]
    .map(([, key]) => key ?? '')
    .filter((key) => KEY.test(key));
const pattern = (key: string): RegExp =>
  new RegExp(`^${key.replaceAll('.', '\\.').replaceAll(/\$\{[^}]+\}/g, '[\\w-]+')}$`);

/** Words whose screen is not there yet. A key that comes into use leaves this list; nothing joins it. */
const WAITING = [
  'answers.arrived',
  'answers.cut',
  'more.library',
  'more.licence',
  'more.save',
  'more.used',
  'notice.offlineReady',
  'root.title',
];

describe('the source', () => {
  // What `static` has stands in the place of the same key outside it.
  const all = keysOf(staticWords(fr));

  it('uses no key that is not there', () => {
    const used = sources.flatMap(argumentsOf).flatMap(written);
    expect(used.length).toBeGreaterThan(60);
    expect(used.filter((key) => !all.some((known) => pattern(key).test(known)))).toEqual([]);
  });

  it('uses every key but those that wait for their screen', () => {
    const used = sources.flatMap(written).map(pattern);
    expect(all.filter((key) => !used.some((one) => one.test(key)))).toEqual(WAITING);
  });
});
