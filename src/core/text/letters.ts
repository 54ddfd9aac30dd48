/** Letters that a language has and a phone's keyboard often has not, and what a tap on one makes of a text. */

/** A letter in both cases; one that has no case is the same twice. */
export type LetterPair = readonly [small: string, capital: string];

/** Tone marks stand on the letter before them. */
export const HIGH_TONE = '\u0301';
export const LOW_TONE = '\u0300';

const pairs = (letters: string): readonly LetterPair[] =>
  letters.split(' ').map((letter) => {
    const [small = '', capital = small] = letter.split('/');
    return [small, capital];
  });

const TONES: readonly LetterPair[] = [
  [HIGH_TONE, HIGH_TONE],
  [LOW_TONE, LOW_TONE],
];

const TAMAJAQ = pairs('ǝ/Ǝ ɣ/Ɣ ŋ/Ŋ š/Š ǧ/Ǧ ǰ/J̌ ă/Ă â/Â ê/Ê î/Î ô/Ô û/Û');

/**
 * By language. Niger's languages as its orders 211-99 to 215-99 of 1999 write them (for `dje` not the list of CLDR, which has other letters); Hausa with
 * its hooked letters and the sign for the catch in the voice.
 */
const LETTERS: Readonly<Record<string, readonly LetterPair[]>> = {
  ha: pairs('ɓ/Ɓ ɗ/Ɗ ƙ/Ƙ ƴ/Ƴ ʼ'),
  dje: pairs('ŋ/Ŋ ɲ/Ɲ ã/Ã ĩ/Ĩ õ/Õ ũ/Ũ'),
  ff: pairs('ɓ/Ɓ ɗ/Ɗ ŋ/Ŋ ƴ/Ƴ'),
  ttq: TAMAJAQ,
  taq: TAMAJAQ,
  kr: pairs('ǝ/Ǝ ɍ/Ɍ'),
  gux: [...pairs('ŋ/Ŋ'), ...TONES],
  bm: pairs('ɛ/Ɛ ɔ/Ɔ ɲ/Ɲ ŋ/Ŋ'),
  wo: pairs('ë/Ë ñ/Ñ ŋ/Ŋ'),
  mos: pairs('ɛ/Ɛ ɩ/Ɩ ʋ/Ʋ'),
  yo: [...pairs('ẹ/Ẹ ọ/Ọ ṣ/Ṣ'), ...TONES],
  ig: [...pairs('ị/Ị ọ/Ọ ụ/Ụ ṅ/Ṅ'), ...TONES],
};

/** The letters of a language (BCP 47 tag); none where keyboards have them all. */
export const lettersOf = (lang: string): readonly LetterPair[] => LETTERS[lang.split('-')[0] ?? ''] ?? [];

/** Languages that have letters of their own here. */
export const LETTER_LANGUAGES: readonly string[] = Object.keys(LETTERS);

/** What stands in a field, and what of it is chosen: from `start` to `end`, in UTF-16 code units; the caret where both are the same. */
export interface Field {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** `text` in the place of what stands from `from` to `to`. */
export interface Insertion {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * What a tap on a letter changes: it takes the place of what is chosen. A tone joins the letter before it into one character where there is one (`e` + ◌́ is
 * `é`), so that a text is written as keyboards write it. Undefined where the field is full: `max` code units.
 */
export const insertion = ({ value, start, end }: Field, letter: string, max = -1): Insertion | undefined => {
  let from = start;
  let text = letter;
  if (letter === HIGH_TONE || letter === LOW_TONE) {
    // Without a letter to stand on, a tone would stand on a space or on nothing.
    const before = /\p{L}\p{M}*$/u.exec(value.slice(0, start))?.[0];
    if (before === undefined) return undefined;
    from = start - before.length;
    text = (before + letter).normalize('NFC');
  }
  const length = value.length - (end - from) + text.length;
  return max >= 0 && length > max ? undefined : { from, to: end, text };
};
