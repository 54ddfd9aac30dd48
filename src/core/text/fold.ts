import { toAsciiDigits } from './digits.ts';

/**
 * Text as it is compared: without case, accents, harakat, apostrophes; hooked letters as their plain ones; digits of any script as 0-9.
 * Marks of Indic scripts are letters and stay, but for those that people leave out or write in another way: stripping all of them ruins
 * the words. Composed and decomposed text, wide and narrow forms come out alike.
 */
export const fold = (text: string): string => {
  if (PLAIN_ALREADY.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replace(DROPPED, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(OTHERWISE, (letter) => PLAIN[letter] ?? letter)
    .replace(ETHIOPIC, sameSound)
    .replace(/\p{Nd}/gu, (digit) => toAsciiDigits(digit));
};

const PLAIN_ALREADY = /^[a-zA-Z0-9 ]*$/;

/**
 * Accents of Latin letters; harakat, signs of the Koran and tatweel; apostrophes; joiners, marks of direction, soft hyphens; the dot
 * (nukta) below Indic letters; the Bengali chandrabindu.
 */
const DROPPED =
  /[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0640'’‘ʼʻ`´\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u093c\u09bc\u0a3c\u0abc\u0b3c\u0981]/g;

/** What `PLAIN` has another form for. NA with halant is the anusvara, in Devanagari and Gujarati. */
const OTHERWISE = /[ɓɗƙƴŋɲǝəɣɛɔøłđœæßıɩʋɍɖþðςةىیکہەۀےۃ]|\u0901|\u0a81|\u0928\u094d|\u0aa8\u0acd/g;

/** Letters that Unicode does not decompose, and those that are written in more than one way. */
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
  ı: 'i',
  ɩ: 'i',
  ʋ: 'v',
  ɍ: 'r',
  ɖ: 'd',
  þ: 'th',
  ð: 'd',
  ς: 'σ',
  // Arabic, and the letters that Urdu and Persian keyboards write for the same ones. Hamza went with the marks.
  ة: 'ه',
  ى: 'ي',
  ی: 'ي',
  ے: 'ي',
  ک: 'ك',
  ہ: 'ه',
  ە: 'ه',
  ۀ: 'ه',
  ۃ: 'ه',
  // Devanagari and Gujarati: chandrabindu, and NA with halant, become anusvara.
  '\u0901': '\u0902',
  '\u0928\u094d': '\u0902',
  '\u0a81': '\u0a82',
  '\u0aa8\u0acd': '\u0a82',
};

/** Ethiopic letters that sound alike in Amharic, and are written one for the other. */
const ETHIOPIC = /[\u1210-\u1216\u1220-\u1226\u1280-\u1286\u12d0-\u12d6\u1340-\u1346]/g;
const SAME_SOUND: readonly (readonly [from: number, to: number])[] = [
  [0x1210, 0x1200],
  [0x1220, 0x1230],
  [0x1280, 0x1200],
  [0x12d0, 0x12a0],
  [0x1340, 0x1338],
];
const sameSound = (letter: string): string => {
  const code = letter.charCodeAt(0);
  const [from, to] = SAME_SOUND.find(([first]) => code >= first && code < first + 7) ?? [0, 0];
  return String.fromCharCode(code - from + to);
};

/** Whether every word of `query` stands somewhere in `text`. An empty query is everywhere. */
export const containsWords = (text: string, query: string): boolean => {
  const hay = fold(text);
  return fold(query)
    .split(/\s+/)
    .every((word) => hay.includes(word));
};
