/** Where sentences begin and end, in the scripts of the library's languages: what a voice says in one breath. */

/** A part of a text, in UTF-16 code units: `text.slice(from, to)`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Ends of sentences: a full stop needs a space after it (1.03 is a number), the stops of other scripts do not. Arabic ؟, Urdu ۔, Indic । ॥, Ethiopic ። ፧,
 * Khmer ។, Burmese ။, Chinese and Japanese 。！？. Brackets and quotes that close belong to the sentence.
 */
const ENDS = /(?:[.!?…]+["'”’»)\]]*(?=\s|$)|[؟۔।॥።፧។။。！？]+["'”’»」』）)\]]*)/gu;

/** "A. Diallo" and "p. 12" go on after their stop. */
const ABBREVIATION = /(?:^|\s)(?:\p{Lu}|p|cf|M|Mme|Dr|St)\.$/u;

/** Where a long sentence may be cut: after a comma or its like, with its space; else between words. */
const PAUSES = /[,;:،؛、，–—]\s*/gu;

/** More characters than this take longer than the 15 seconds after which some phones cut a voice off, even at the slow pace. */
export const LONGEST_BREATH = 160;

type Segmenter = Pick<Intl.Segmenter, 'segment'>;

const segmenterOf = (lang: string): Segmenter | null => {
  try {
    return 'Segmenter' in Intl ? new Intl.Segmenter(lang, { granularity: 'sentence' }) : null;
  } catch {
    // A tag that this runtime does not take.
    return null;
  }
};

/**
 * The sentences of a text, none longer than `LONGEST_BREATH`, without the spaces around them; what has no letter and no digit is no sentence.
 * `segmenter`: the runtime's, where it has one; with `null` punctuation decides.
 */
export const sentencesOf = (
  text: string,
  lang: string,
  segmenter: Segmenter | null = segmenterOf(lang),
): readonly Span[] => {
  const ends = segmenter ? endsBySegmenter(text, segmenter) : endsByPunctuation(text);
  const spans: Span[] = [];
  let from = 0;
  for (const to of ends) {
    if (to < text.length && ABBREVIATION.test(text.slice(from, to).trimEnd())) continue;
    spans.push(...breaths(text, from, to));
    from = to;
  }
  return spans;
};

const endsBySegmenter = (text: string, segmenter: Segmenter): readonly number[] =>
  Array.from(segmenter.segment(text), ({ index, segment }) => index + segment.length);

const endsByPunctuation = (text: string): readonly number[] => {
  const ends = Array.from(text.matchAll(ENDS), ({ index, 0: stop }) => index + stop.length);
  return ends.at(-1) === text.length ? ends : [...ends, text.length];
};

/** A sentence without spaces around it, cut where it is too long for one breath. */
const breaths = (text: string, start: number, end: number): readonly Span[] => {
  const spans: Span[] = [];
  let from = start;
  while (from < end) {
    const to = end - from > LONGEST_BREATH ? cutOf(text.slice(from, from + LONGEST_BREATH), from) : end;
    const piece = text.slice(from, to);
    const trimmed = piece.trim();
    const at = from + piece.length - piece.trimStart().length;
    if (/[\p{L}\p{N}]/u.test(trimmed)) spans.push({ from: at, to: at + trimmed.length });
    from = to;
  }
  return spans;
};

const cutOf = (piece: string, from: number): number => {
  const pause = Array.from(piece.matchAll(PAUSES), ({ index, 0: mark }) => index + mark.length)
    // Neither 1,03 nor a stub of two words.
    .filter((at) => at > LONGEST_BREATH / 4 && !/\d[,.:]$/.test(piece.slice(0, at)))
    .at(-1);
  const space = piece.lastIndexOf(' ') + 1;
  // Never in the middle of a character of two code units.
  const hard = /[\uD800-\uDBFF]$/.test(piece) ? piece.length - 1 : piece.length;
  return from + (pause ?? (space > 0 ? space : hard));
};
