import { fold } from '../text/fold.ts';

/**
 * Text to terms, and queries to what has to match. Both go through the same folding, so that it does not matter how a word was typed.
 *
 * Chinese and Japanese: every two neighbouring characters are a term, and the last one of a run alone, so that whatever is typed is found
 * wherever it stands, by however many words a dictionary would cut it into; a single character is the beginning of a term. Thai, Lao,
 * Khmer and Burmese: the words of `Intl.Segmenter` where there is one, and pairs of letters with their marks everywhere.
 */

/** Hears a term and where it stands in the text, in UTF-16 code units. */
export type OnTerm = (term: string, start: number, end: number) => void;

/** Letters, marks, digits, and what may stand inside a word: apostrophes, joiners, soft hyphens. */
const RUN = /[\p{L}\p{M}\p{Nd}'’‘ʼʻ`´\u00ad\u200c\u200d]+/gu;
/** Nothing in it that needs another look: no apostrophe, no script without spaces. */
const SIMPLE =
  /^[^'’‘ʼʻ`´\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\ud7ff\ud840-\udbff\uf900-\ufaff\uff66-\uff9f]+$/;
const HAN_KANA =
  '\\u3005-\\u3007\\u3021-\\u3029\\u3031-\\u3035\\u3040-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\uff66-\\uff9f\\u{20000}-\\u{3fffd}';
const SOUTH_EAST =
  '\\u0e01-\\u0e4f\\u0e80-\\u0ecf\\u0edc-\\u0eff\\u1000-\\u103f\\u1050-\\u108f\\u109a-\\u109f\\u1780-\\u17df';
const PARTS = new RegExp(`([${HAN_KANA}]+)|([${SOUTH_EAST}]+)|[^${HAN_KANA}${SOUTH_EAST}]+`, 'gu');
const APOSTROPHES = /['’‘ʼʻ`´]/;
/** What French and its neighbours leave out before a vowel: the word begins after it. */
const ELIDED = /^(?:[ldjmtsnc]|qu|jusqu|lorsqu|puisqu)['’ʼ](?=[\p{L}\p{M}])/iu;
/** Before pairs of Thai, Lao, Khmer and Burmese: they are not words, so no word begins like them or is like them but for an error. */
export const PAIR = '\u0002';
/** A letter with its marks; those of narrow kana are no marks to Unicode. */
const CLUSTER = /.(?:\p{M}|\uff9e|\uff9f)*/gsu;

/** Longer runs without a space are no words: the rest is left out. */
const MAX_WORD = 64;

const makeSegmenter = (): Intl.Segmenter | undefined => {
  try {
    return new Intl.Segmenter('th', { granularity: 'word' });
  } catch {
    return undefined;
  }
};

/** Words of scripts without spaces; undefined in browsers that have none (Firefox before 125, Chrome before 87). */
const segmenter = makeSegmenter();

/** What an index depends on besides its version: made with other words, it is made anew. */
export const wordsVersion = (): string => (segmenter ? '1s' : '1');

/** A word as it is compared, remembered: texts say the same words again and again. */
const folded = new Map<string, string>();
const MOST_REMEMBERED = 20_000;
const foldWord = (word: string): string => {
  const known = folded.get(word);
  if (known !== undefined) return known;
  const term = fold(word).slice(0, MAX_WORD);
  if (folded.size >= MOST_REMEMBERED) folded.clear();
  folded.set(word, term);
  return term;
};

interface Cluster {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const clustersOf = (run: string, at: number): Cluster[] =>
  [...run.matchAll(CLUSTER)].map(({ 0: cluster, index }) => ({
    text: fold(cluster),
    start: at + index,
    end: at + index + cluster.length,
  }));

/** Each two neighbours, and the last one alone. */
const pairs = (clusters: readonly Cluster[], prefix: string, onTerm: OnTerm): void => {
  for (const [i, { text, start, end }] of clusters.entries()) {
    const next = clusters[i + 1];
    onTerm(prefix + text + (next?.text ?? ''), start, next?.end ?? end);
  }
};

const segmentsOf = (run: string): readonly { readonly text: string; readonly index: number }[] =>
  segmenter ? [...segmenter.segment(run)].map(({ segment, index }) => ({ text: segment, index })) : [];

/** A word with apostrophes: as one word, and what stands after an elision. */
const withApostrophes = (word: string, at: number, onTerm: OnTerm): void => {
  const term = foldWord(word);
  if (term === '') return;
  onTerm(term, at, at + word.length);
  const elided = ELIDED.exec(word)?.[0].length ?? 0;
  if (elided > 0) onTerm(foldWord(word.slice(elided)), at + elided, at + word.length);
};

/** Tells every term of a text. A stretch of it may be part of several. */
export const eachTerm = (text: string, onTerm: OnTerm): void => {
  for (const { 0: run, index } of text.matchAll(RUN)) {
    if (SIMPLE.test(run)) {
      const term = foldWord(run);
      if (term !== '') onTerm(term, index, index + run.length);
      continue;
    }
    for (const part of run.matchAll(PARTS)) {
      const [word, han, southEast] = part;
      const at = index + part.index;
      if (han !== undefined) pairs(clustersOf(word, at), '', onTerm);
      else if (southEast !== undefined) {
        pairs(clustersOf(word, at), PAIR, onTerm);
        for (const one of segmentsOf(word))
          onTerm(foldWord(one.text), at + one.index, at + one.index + one.text.length);
      } else withApostrophes(word, at, onTerm);
    }
  }
};

/** One term of a query, and how it may match. */
export interface Wanted {
  readonly term: string;
  /** Any term that begins like it will do. */
  readonly prefix: boolean;
  /** One typing error is forgiven. */
  readonly typo: boolean;
}

/** A word of a query: all terms of one of its readings have to be there. */
export type WantedWord = readonly (readonly Wanted[])[];

/** Shorter words are found only as they are typed. An Ethiopic letter is a syllable, so its words have fewer. */
const TYPO_FROM = 4;
const TYPO_FROM_ETHIOPIC = 3;
/** More words are not looked for: nobody types them, and each costs time. */
const MAX_WORDS = 12;

export const forgivesTypo = (term: string): boolean =>
  term.length >= (/^[\u1200-\u139f]/.test(term) ? TYPO_FROM_ETHIOPIC : TYPO_FROM) && !/\d/.test(term);

/** What has to be found for a query: each word in one of its readings. The last word may be the beginning of one. */
export const wantedOf = (query: string): readonly WantedWord[] => {
  const words: WantedWord[] = [];
  const parts = [...query.normalize('NFC').matchAll(RUN)].flatMap(({ 0: run }) => [...run.matchAll(PARTS)]);
  const typed = parts.filter(([word]) => fold(word) !== '');
  for (const [i, [word, han, southEast]] of typed.entries()) {
    const last = i === typed.length - 1;
    const plain = (term: string): Wanted => ({ term, prefix: last, typo: forgivesTypo(term) });
    if (han !== undefined) words.push([wantedPairs(word, '')]);
    else if (southEast !== undefined) {
      const segments = segmentsOf(word).map(({ text }) => foldWord(text));
      const read = segments.map((term, n) => ({ ...plain(term), prefix: last && n === segments.length - 1 }));
      words.push(read.length > 0 ? [read, wantedPairs(word, PAIR)] : [wantedPairs(word, PAIR)]);
    } else {
      const elided = APOSTROPHES.test(word) ? (ELIDED.exec(word)?.[0].length ?? 0) : 0;
      const readings = [[plain(foldWord(word))]];
      if (elided > 0) readings.push([plain(foldWord(word.slice(elided)))]);
      words.push(readings);
    }
  }
  return words.slice(0, MAX_WORDS);
};

/** A text that was pasted in is found by its beginning: each pair is looked up on its own. */
const MAX_PAIRS = 24;

const wantedPairs = (run: string, prefix: string): Wanted[] => {
  const clusters = clustersOf(run, 0)
    .slice(0, MAX_PAIRS + 1)
    .map(({ text }) => text);
  // One character alone begins a pair, or is the last of its run.
  if (clusters.length === 1) return [{ term: prefix + clusters[0], prefix: true, typo: false }];
  return clusters.slice(1).map((text, i) => ({ term: prefix + clusters[i] + text, prefix: false, typo: false }));
};
