import { describe, expect, it } from 'vitest';
import { formatters } from '../../../src/i18n/formatters.ts';
import { pluralTag } from '../../../src/i18n/plurals.ts';
import { translator } from '../../../src/i18n/translator.ts';
import { COMPLETE, INTERFACE, isDraft, wordsFor } from '../../../src/i18n/words.ts';

const STRINGS = { n_one: 'one', n_many: 'many', n_other: '{{count}} others' };
const formOf = (lang: string, count: number): string => translator(lang, STRINGS)('n', { count });

describe('plurals', () => {
  it('are those of the language where this runtime knows it', () => {
    expect(pluralTag('fr')).toBe('fr');
    expect([0, 1, 2].map((count) => formOf('fr', count))).toEqual(['one', 'one', '2 others']);
    expect([0, 1, 2].map((count) => formOf('en', count))).toEqual(['0 others', 'one', '2 others']);
  });

  it.each(['dje', 'ttq', 'kr', 'gux', 'mos'])(
    'of %s, which no runtime knows, are one form for every number',
    (lang) => {
      expect(Intl.PluralRules.supportedLocalesOf(lang)).toEqual([]);
      // What the runtime would do without a word.
      expect(new Intl.PluralRules(lang).select(1)).toBe('one');
      expect([0, 1, 2, 5].map((count) => formOf(lang, count))).toEqual([
        '0 others',
        '1 others',
        '2 others',
        '5 others',
      ]);
    },
  );

  it('of a language that a cheap phone lacks are those of one that counts alike', () => {
    const few = (lang: string) => ['fr', 'en', 'id'].includes(lang);
    expect(pluralTag('ha', few)).toBe('en');
    expect(pluralTag('ff', few)).toBe('fr');
    expect(pluralTag('bn', few)).toBe('fr');
    expect(pluralTag('wo', few)).toBe('id');
    expect(pluralTag('mg', few)).toBe('fr');
    expect(pluralTag('xx', few)).toBe('fr');
  });

  it('that stand in count as the language itself does, as far as this runtime knows it', () => {
    for (const lang of ['ff', 'ln', 'mg', 'am', 'ti', 'ha', 'sw', 'wo', 'bm', 'yo', 'ig', 'hi', 'gu', 'bn']) {
      const like = pluralTag(lang, (other) => other !== lang && Intl.PluralRules.supportedLocalesOf(other).length > 0);
      const [own, other] = [new Intl.PluralRules(lang), new Intl.PluralRules(like)];
      for (let n = 0; n < 50; n++) expect([lang, n, other.select(n)]).toEqual([lang, n, own.select(n)]);
    }
  });
});

describe('the language of the words', () => {
  it('is that of the texts where there are words in it', () => {
    for (const lang of INTERFACE) expect(wordsFor(lang)).toBe(lang);
    expect(wordsFor('en-GB')).toBe('en');
  });

  it('is the closest complete one where there are none, never a draft that nobody chose', () => {
    for (const lang of ['dje', 'ff', 'gux', 'ses', 'xx']) expect(COMPLETE).toContain(wordsFor(lang));
    expect(wordsFor('dje')).toBe('fr');
    expect(wordsFor('mr')).toBe('en');
  });

  it('is the chosen one, whatever the texts are in', () => {
    for (const lang of INTERFACE) expect(wordsFor('dje', lang)).toBe(lang);
    expect(wordsFor('fr', 'xx')).toBe('fr');
    expect(wordsFor('fr', '')).toBe('fr');
  });

  it('is a draft unless it is complete', () => {
    expect(isDraft('fr')).toBe(false);
    expect(INTERFACE.filter((lang) => !isDraft(lang))).toEqual(COMPLETE);
  });
});

describe('numbers and hours', () => {
  it('in sentences have the digits and separators of the language', () => {
    const said = (lang: string) =>
      translator(lang, { n_other: '{{count}}', n_one: '{{count}}', n_many: '{{count}}' })('n', { count: 1234 });
    expect(said('fr')).toMatch(/^1\s234$/);
    expect(said('bn')).toBe('১,২৩৪');
    expect(said('en')).toBe('1,234');
    // A number that is a name, such as that of an answer, is text and stays.
    expect(translator('bn', { n: '{{number}}' })('n', { number: '4729 1806' })).toBe('4729 1806');
  });

  it('are never a bare number beside the weekday', () => {
    const monday = Date.UTC(2026, 10, 23, 18);
    for (const lang of [...INTERFACE, 'es', 'pt', 'sw', 'hi', 'gu'])
      expect(formatters(lang).date(monday, monday + 1)).toMatch(/\p{L}.*\p{Nd}+(\p{P}|\s*\p{L})/u);
    expect(formatters('fr').date(monday, monday + 1)).toMatch(/\sh$/);
  });
});
