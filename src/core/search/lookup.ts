import type { Blocks, Entry, Segment } from './segment.ts';
import { beginsWithinOneError, isWithinOneError, lettersLike, mayStandFor } from './typo.ts';
import type { Wanted } from './words.ts';

/** How a term matches; added to the weight (0 to 3) it makes a score. The better, the larger, and 0 is no match. */
export const EXACT = 13;
export const PREFIX = 9;
export const TYPO = 5;
export const TYPO_IN_PREFIX = 1;

export type OnMatch = (entry: Entry, how: number) => void;

/** Tells the terms of a segment that match. The same one may be told more than once. */
export const eachMatch = (segment: Segment, { term, prefix, typo }: Wanted, onMatch: OnMatch): void => {
  if (prefix) segment.scanPrefix(term, (entry) => onMatch(entry, entry.term === term ? EXACT : PREFIX));
  else {
    const found = segment.find(term);
    if (found) onMatch(found, EXACT);
  }
  if (typo) eachSimilar(segment, term, WHOLE, (entry) => onMatch(entry, TYPO));
};

/** Shorter beginnings are like too much. */
export const TYPO_IN_PREFIX_FROM = 5;

/** Tells terms that begin about like what is wanted: for where nothing else matches. */
export const eachRoughMatch = (segment: Segment, { term, prefix, typo }: Wanted, onMatch: OnMatch): void => {
  if (!prefix || !typo || term.length < TYPO_IN_PREFIX_FROM) return;
  eachSimilar(segment, term, BEGINNING, (entry) => onMatch(entry, TYPO_IN_PREFIX));
};

/** What a term is compared by: as a whole, or by its beginning. */
interface Comparison {
  readonly isLike: (wanted: string, term: string, from: number) => boolean;
  readonly look: (segment: Segment, wanted: string, within: Blocks, onEntry: (entry: Entry) => void) => void;
}
const WHOLE: Comparison = {
  isLike: isWithinOneError,
  look: (segment, wanted, within, onEntry) => {
    const found = segment.find(wanted, within);
    if (found) onEntry(found);
  },
};
const BEGINNING: Comparison = {
  isLike: beginsWithinOneError,
  look: (segment, wanted, within, onEntry) => segment.scanPrefix(wanted, onEntry, within),
};

/** In so few blocks, every term is compared. */
const FEW_BLOCKS = 4;

/**
 * Tells the terms that are one error away from `wanted`. Follows it letter by letter: as long as many terms begin like this, each letter that
 * may stand here instead or in between is looked up with the rest of the word; where they are few, each is compared.
 */
const eachSimilar = (segment: Segment, wanted: string, by: Comparison, onEntry: (entry: Entry) => void): void => {
  const hit = (entry: Entry): void => {
    if (mayStandFor(wanted, entry.term)) onEntry(entry);
  };
  let within: Blocks | undefined;
  for (let at = 0; at <= wanted.length; at++) {
    const before = wanted.slice(0, at);
    const blocks = segment.blocksOf(before, within);
    within = blocks;
    const look = (text: string): void => by.look(segment, text, blocks, hit);
    if (blocks.last - blocks.first < FEW_BLOCKS) {
      const compare = (entry: Entry): void => {
        if (by.isLike(wanted, entry.term, at)) hit(entry);
      };
      segment.scanPrefix(before, compare, blocks);
      return;
    }
    const after = wanted.slice(at + 1);
    if (at < wanted.length) look(before + after);
    if (at + 1 < wanted.length) look(before + wanted.charAt(at + 1) + wanted.charAt(at) + wanted.slice(at + 2));
    eachNextLetter(segment, before, blocks, at === 0 ? lettersLike(wanted) : [0, 0xffff], (letter) => {
      if (letter === wanted.charAt(at)) return;
      if (at < wanted.length) look(before + letter + after);
      look(before + letter + wanted.slice(at));
    });
  }
};

/** Letters that words of a script begin with, remembered by segment: every word with an error asks for them. */
const firstLetters = new WeakMap<Segment, Map<number, string>>();

/** Tells the code units, in a range, that follow `before` in some term. */
const eachNextLetter = (
  segment: Segment,
  before: string,
  within: Blocks,
  range: readonly [from: number, to: number],
  onLetter: (letter: string) => void,
): void => {
  if (before !== '') {
    readNextLetters(segment, before, within, range, onLetter);
    return;
  }
  const known = firstLetters.get(segment) ?? new Map<number, string>();
  firstLetters.set(segment, known);
  let letters = known.get(range[0]);
  if (letters === undefined) {
    letters = '';
    readNextLetters(segment, before, within, range, (letter) => {
      letters += letter;
    });
    known.set(range[0], letters);
  }
  for (let i = 0; i < letters.length; i++) onLetter(letters.charAt(i));
};

const readNextLetters: typeof eachNextLetter = (segment, before, within, [from, to], onLetter) => {
  for (let next = from; next < to; ) {
    let letter = to;
    // The term that is `before` itself has no next letter, and stands before those that have.
    const read = ({ term }: Entry): boolean => {
      if (term.startsWith(before)) letter = term.charCodeAt(before.length);
      return false;
    };
    segment.scan(before + String.fromCharCode(next), read, within);
    if (letter >= to) return;
    onLetter(String.fromCharCode(letter));
    next = letter + 1;
  }
};
