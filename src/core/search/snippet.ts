import type { WeightedText } from './batch.ts';
import { TYPO_IN_PREFIX_FROM } from './lookup.ts';
import { beginsWithinOneError, isWithinOneError, mayStandFor } from './typo.ts';
import { eachTerm, PAIR, type Wanted, type WantedWord } from './words.ts';

/** A stretch of a text; `hit`: it is what was looked for. */
export interface Stretch {
  readonly text: string;
  readonly hit: boolean;
}

/** What a result shows of an item's text. */
export interface Excerpt {
  readonly title: readonly Stretch[];
  /** The passage that has most of the words; the summary where only the title or the place has them. */
  readonly passage: readonly Stretch[];
}

interface Hit {
  readonly start: number;
  readonly end: number;
  /** Which word of the query. */
  readonly word: number;
}

/** At most so many UTF-16 code units of a passage are shown, so many of them before the first hit. */
const PASSAGE = 150;
const LEAD = 45;

interface Place {
  readonly start: number;
  readonly end: number;
}

/** How well a term matches, best first; as in `lookup.ts`. */
const TESTS: readonly ((term: string, wanted: Wanted) => boolean)[] = [
  (term, { term: wanted }) => term === wanted,
  (term, { term: wanted, prefix }) => prefix && term.startsWith(wanted),
  (term, { term: wanted, typo }) => typo && mayStandFor(wanted, term) && isWithinOneError(wanted, term),
];
/** Only where no term matches in another way. */
const isRoughlyLike = (term: string, { term: wanted, prefix, typo }: Wanted): boolean =>
  prefix &&
  typo &&
  wanted.length >= TYPO_IN_PREFIX_FROM &&
  mayStandFor(wanted, term) &&
  beginsWithinOneError(wanted, term);

/** Where a word of a query stands: of terms that overlap the one that matches best, `élevage` rather than `l’élevage`. */
const placesOf = (terms: readonly Term[], readings: WantedWord): readonly Place[] => {
  const kept: Place[] = [];
  const keep = (places: readonly Place[]): void => {
    for (const place of places)
      if (!kept.some(({ start, end }) => place.start < end && start < place.end)) kept.push(place);
  };
  const rest: Wanted[] = [];
  for (const reading of readings) {
    const [first] = reading;
    const isRun = first !== undefined && reading.length > 1 && isPair(first.term);
    if (isRun) keep(runsOf(terms, reading));
    // One single pair of several says little.
    else rest.push(...reading);
  }
  const having = (test: (typeof TESTS)[number]) =>
    terms.filter(({ term }) => rest.some((wanted) => test(term, wanted)));
  for (const test of TESTS) keep(having(test));
  if (kept.length === 0) keep(having(isRoughlyLike));
  return kept;
};

interface Term extends Place {
  readonly term: string;
}

/** Where the words of a query stand. */
const hitsIn = (text: string, words: readonly WantedWord[]): readonly Hit[] => {
  const terms: Term[] = [];
  eachTerm(text, (term, start, end) => terms.push({ term, start, end }));
  return words.flatMap((readings, word) => placesOf(terms, readings).map(({ start, end }) => ({ start, end, word })));
};

const isPair = (term: string): boolean =>
  term.startsWith(PAIR) || /^[\u3005-\ud7ff\uf900-\uffef]|^[\ud840-\udbff]/.test(term);

/** Where pairs stand one after the other, as in the query: any of them alone says little. */
const runsOf = (terms: readonly Term[], pairs: readonly Wanted[]): readonly Place[] => {
  const own = terms.filter(({ term }) => pairs.some((pair) => pair.term === term));
  return own.flatMap(({ start }, i) => {
    const run = own.slice(i, i + pairs.length);
    const isWhole = pairs.every(({ term }, n) => run[n]?.term === term);
    const end = run.at(-1)?.end ?? start;
    return isWhole && end - start <= PASSAGE ? [{ start, end }] : [];
  });
};

/** A text as stretches: what lies in `hits`, and what lies between. */
const stretchesOf = (text: string, hits: readonly Hit[], from = 0, to = text.length): Stretch[] => {
  const stretches: Stretch[] = [];
  let at = from;
  for (const { start, end } of [...hits].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (end <= at || start >= to) continue;
    const begin = Math.max(start, at);
    const last = stretches.at(-1);
    // Pairs overlap, and follow each other: one mark for all.
    if (begin > at) stretches.push({ text: text.slice(at, begin), hit: false });
    const piece = text.slice(begin, Math.min(end, to));
    if (begin === at && last?.hit) stretches[stretches.length - 1] = { text: last.text + piece, hit: true };
    else stretches.push({ text: piece, hit: true });
    at = Math.min(end, to);
  }
  if (at < to) stretches.push({ text: text.slice(at, to), hit: false });
  return stretches;
};

/** A place to cut at: after a space near `at`, and never inside a letter and its marks. */
const cutNear = (text: string, at: number, towards: 1 | -1): number => {
  if (at <= 0 || at >= text.length) return Math.max(0, Math.min(at, text.length));
  for (let n = 0; n < 16; n++) {
    const place = at + n * towards;
    if (/\s/.test(text.charAt(place - 1))) return place;
  }
  let place = at;
  while (place > 0 && /^(?:\p{M}|\u200c|\u200d|[\udc00-\udfff])/u.test(text.charAt(place))) place--;
  return place;
};

const passageOf = (text: string, hits: readonly Hit[]): readonly Stretch[] => {
  const first = hits.reduce((least, { start }) => Math.min(least, start), text.length);
  const wanted = text.length <= PASSAGE || hits.length === 0 ? 0 : Math.min(first - LEAD, text.length - PASSAGE);
  const from = Math.min(cutNear(text, wanted, 1), hits.length === 0 ? 0 : first);
  const to = cutNear(text, from + PASSAGE, -1);
  const stretches = stretchesOf(text, hits, from, to);
  return [
    ...(from > 0 ? [{ text: '… ', hit: false }] : []),
    ...stretches,
    ...(to < text.length ? [{ text: '…', hit: false }] : []),
  ];
};

/** What to show of an item whose texts are `texts`, the title first and the summary second. */
export const excerptOf = (texts: readonly WeightedText[], words: readonly WantedWord[]): Excerpt => {
  const [title = '', summary = '', ...rest] = texts.map(({ text }) => text);
  let best = { text: summary, hits: hitsIn(summary, words), count: 0 };
  best.count = countOf(best.hits);
  for (const text of rest) {
    if (best.count === words.length) break;
    const hits = hitsIn(text, words);
    const count = countOf(hits);
    if (count > best.count) best = { text, hits, count };
  }
  return { title: stretchesOf(title, hitsIn(title, words)), passage: passageOf(best.text, best.hits) };
};

const countOf = (hits: readonly Hit[]): number => new Set(hits.map(({ word }) => word)).size;
