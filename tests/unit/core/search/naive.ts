import type { SearchDocument } from '../../../../src/core/search/batch.ts';
import { eachTerm, type Wanted, wantedOf } from '../../../../src/core/search/words.ts';

/** Search as one would write it without a care for time: every term of every text is compared with every word. */

/** Distance with swaps of neighbours, by the whole table; 2 where the lengths alone are too far apart. */
export const distance = (a: string, b: string): number => {
  if (Math.abs(a.length - b.length) > 1) return 2;
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)]);
  const at = (i: number, j: number): number => rows[i]?.[j] as number;
  for (let j = 0; j <= b.length; j++) (rows[0] as number[])[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, at(i - 2, j - 2) + 1);
      (rows[i] as number[])[j] = least;
    }
  }
  return at(a.length, b.length);
};

const sameScript = (a: string, b: string): boolean =>
  b.charCodeAt(0) >= 0x30 && a.charCodeAt(0) >> 9 === b.charCodeAt(0) >> 9;

/** 3: as typed; 2: it begins like it; 1: one error; 0: not. */
const qualityOf = (term: string, { term: wanted, prefix, typo }: Wanted): number => {
  if (term === wanted) return 3;
  if (prefix && term.startsWith(wanted)) return 2;
  return typo && sameScript(wanted, term) && distance(wanted, term) <= 1 ? 1 : 0;
};

const isRough = (term: string, { term: wanted, prefix, typo }: Wanted): boolean =>
  prefix &&
  typo &&
  wanted.length >= 5 &&
  sameScript(wanted, term) &&
  [-1, 0, 1].some(
    (more) => wanted.length + more <= term.length && distance(wanted, term.slice(0, wanted.length + more)) <= 1,
  );

export interface NaiveMatch {
  readonly key: string;
  /** Of the word that matches worst. */
  readonly quality: number;
}

export const naiveSearch = (
  documents: readonly SearchDocument[],
  query: string,
  codes: readonly string[] = [],
): NaiveMatch[] => {
  const words = wantedOf(query);
  if (words.length === 0) return [];
  const read = documents.map((document) => {
    const terms = new Set<string>();
    for (const { text } of document.texts) eachTerm(text, (term) => terms.add(term));
    return { document, terms: [...terms] };
  });
  const vocabulary = [...new Set(read.flatMap(({ terms }) => terms))];
  const known = new Map<Wanted, ReadonlyMap<string, number>>();
  /** Every term that matches, with how well. */
  const matching = (wanted: Wanted): ReadonlyMap<string, number> => {
    const before = known.get(wanted);
    if (before) return before;
    const all = vocabulary.map((term) => [term, qualityOf(term, wanted)] as const);
    const isNowhere = all.every(([, quality]) => quality === 0);
    const found = isNowhere ? vocabulary.map((term) => [term, isRough(term, wanted) ? 0.5 : 0] as const) : all;
    const result = new Map(found);
    known.set(wanted, result);
    return result;
  };
  const quality = (terms: readonly string[], wanted: Wanted): number => {
    const qualities = matching(wanted);
    return Math.max(0, ...terms.map((term) => qualities.get(term) ?? 0));
  };
  return read.flatMap(({ document: { key, codes: own }, terms }) => {
    const least = Math.min(
      ...words.map((readings) =>
        Math.max(...readings.map((reading) => Math.min(...reading.map((wanted) => quality(terms, wanted))))),
      ),
    );
    return least > 0 && codes.every((code) => own.includes(code)) ? [{ key, quality: least }] : [];
  });
};
