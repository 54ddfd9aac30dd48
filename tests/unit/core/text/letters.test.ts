import { describe, expect, it } from 'vitest';
import { HIGH_TONE, insertion, LETTER_LANGUAGES, LOW_TONE, lettersOf } from '../../../../src/core/text/letters.ts';

/** The letters of each language, and what a tap on one makes of a text. */

const small = (lang: string): string =>
  lettersOf(lang)
    .map(([letter]) => letter)
    .join('');

describe('letters', () => {
  it.each([
    ['ha', 'ɓɗƙƴʼ'],
    ['dje', 'ŋɲãĩõũ'],
    ['ff', 'ɓɗŋƴ'],
    ['kr', 'ǝɍ'],
    ['bm', 'ɛɔɲŋ'],
    ['wo', 'ëñŋ'],
    ['mos', 'ɛɩʋ'],
  ])('of %s are %s', (lang, letters) => {
    expect(small(lang)).toBe(letters);
    expect(small(`${lang}-NE`)).toBe(letters);
  });

  it('of both names of Tamajaq are the same twelve', () => {
    expect([...small('ttq')].sort()).toEqual([...'âăǝêǧîǰɣŋôšû'].sort());
    expect(lettersOf('taq')).toEqual(lettersOf('ttq'));
  });

  it('have their capital, as Unicode pairs them', () => {
    for (const lang of LETTER_LANGUAGES)
      for (const [letter, capital] of lettersOf(lang)) {
        expect(capital).toBe(letter.toUpperCase());
        expect(capital.toLowerCase().normalize('NFC')).toBe(letter);
        expect(letter).toBe(letter.normalize('NFC'));
      }
  });

  it('are none where keyboards have them all', () => {
    for (const lang of ['fr', 'en', 'es', 'pt', 'ar', '']) expect(lettersOf(lang)).toEqual([]);
  });
});

describe('a tap', () => {
  const applied = (value: string, start: number, end: number, letter: string, max?: number): string | undefined => {
    const change = insertion({ value, start, end }, letter, max);
    return change && value.slice(0, change.from) + change.text + value.slice(change.to);
  };

  it('puts a letter at the caret', () => {
    expect(applied('aki', 1, 1, 'ɗ')).toBe('aɗki');
    expect(applied('', 0, 0, 'ɗ')).toBe('ɗ');
  });

  it('puts it in the place of what is chosen', () => {
    expect(applied('dare', 0, 1, 'ɗ')).toBe('ɗare');
    expect(applied('dare', 0, 4, 'ɗ')).toBe('ɗ');
  });

  it('joins a tone to the letter before it, into one character where there is one', () => {
    expect(applied('e', 1, 1, HIGH_TONE)).toBe('é');
    expect(applied('ọ', 1, 1, LOW_TONE)).toBe('ọ\u0300');
    expect(applied('abe', 2, 2, LOW_TONE)).toBe('ab\u0300e');
    // Both tones of one letter, in the order of the taps.
    expect(applied('ŋ\u0301', 2, 2, LOW_TONE)).toBe('ŋ\u0301\u0300');
  });

  it('puts no tone on nothing', () => {
    expect(applied('', 0, 0, HIGH_TONE)).toBeUndefined();
    expect(applied('a ', 2, 2, HIGH_TONE)).toBeUndefined();
  });

  it('does nothing in a full field, but replaces there', () => {
    expect(applied('dare', 4, 4, 'ɗ', 4)).toBeUndefined();
    expect(applied('dare', 0, 1, 'ɗ', 4)).toBe('ɗare');
    expect(applied('e', 1, 1, HIGH_TONE, 1)).toBe('é');
  });
});
