import { toAsciiDigits } from './digits.ts';

/**
 * Text as it is compared: without case, accents, harakat, apostrophes; hooked letters as their plain ones; digits of any script as 0-9.
 * Marks of Indic scripts are letters and stay: stripping them ruins the words.
 */
export const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f\u064b-\u065f\u0670\u0640'’‘ʼ`]|\u200c|\u200d/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[ɓɗƙƴŋɲǝəɣɛɔøłđœæßأإآٱةى]/g, (letter) => PLAIN[letter] ?? letter)
    .replace(/\p{Nd}/gu, (digit) => toAsciiDigits(digit));

/** Letters that Unicode does not decompose, and Arabic letters that are written in more than one way. */
const PLAIN: Readonly<Record<string, string>> = {
  ɓ: 'b',
  ɗ: 'd',
  ƙ: 'k',
  ƴ: 'y',
  ŋ: 'n',
  ɲ: 'n',
  ǝ: 'e',
  ə: 'e',
  ɣ: 'g',
  ɛ: 'e',
  ɔ: 'o',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  œ: 'oe',
  æ: 'ae',
  ß: 'ss',
  أ: 'ا',
  إ: 'ا',
  آ: 'ا',
  ٱ: 'ا',
  ة: 'ه',
  ى: 'ي',
};

/** Whether every word of `query` stands somewhere in `text`. An empty query is everywhere. */
export const containsWords = (text: string, query: string): boolean => {
  const hay = fold(text);
  return fold(query)
    .split(/\s+/)
    .every((word) => hay.includes(word));
};
