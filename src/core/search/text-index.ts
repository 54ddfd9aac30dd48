import { Batch, CODE, type SearchDocument } from './batch.ts';
import { eachMatch, eachRoughMatch, PREFIX } from './lookup.ts';
import { mergeSlices } from './merge.ts';
import { type DocumentName, Segment } from './segment.ts';
import type { Wanted, WantedWord } from './words.ts';

/** A document that has every word. */
export interface Match {
  readonly key: string;
  /** The better, the larger. */
  readonly score: number;
  /** Some word was found only by a typing error. */
  readonly rough: boolean;
}

/** What is kept of a part of the index. */
export interface StoredPart {
  /** Names the bytes: other bytes, another name. */
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Places of the documents that are gone. */
  readonly gone: readonly number[];
}

interface IndexPart {
  readonly id: string;
  readonly segment: Segment;
  readonly gone: Set<number>;
}

/** So many parts of about one size become one. */
const PARTS_OF_A_SIZE = 8;
/** So many small parts beside the large one are looked through without a loss. */
const FEW_PARTS = 4;
/** The share of what is new or gone, from which on all becomes one part again. */
const MUCH_CHANGED = 0.2;

/**
 * Full text of documents: immutable parts, and what is gone of each.
 *
 * Invariants: a key is in one part at most, but for those where it is gone; a part's bytes never change, so that what is stored under its id
 * stays right; between two steps of `compact` a search finds the same as before and after.
 */
export class TextIndex {
  #parts: readonly IndexPart[] = [];
  readonly #hashes = new Map<string, string>();
  readonly #freshId: () => string;

  /** `freshId` makes names that no other part of any index has. */
  constructor(freshId: () => string) {
    this.#freshId = freshId;
  }

  /** Takes what was stored. Throws `RangeError` where it is damaged, or does not belong together. */
  static open(stored: readonly StoredPart[], freshId: () => string): TextIndex {
    const index = new TextIndex(freshId);
    index.#parts = stored.map(({ id, bytes, gone }) => ({ id, segment: new Segment(bytes), gone: new Set(gone) }));
    let documents = 0;
    for (const { segment, gone } of index.#parts) {
      for (const [i, [key, hash]] of segment.names.entries()) {
        if (gone.has(i)) continue;
        index.#hashes.set(key, hash);
        documents++;
      }
    }
    if (index.#hashes.size !== documents) throw new RangeError('a document twice');
    return index;
  }

  /** What to store. */
  parts(): readonly StoredPart[] {
    return this.#parts.map(({ id, segment, gone }) => ({ id, bytes: segment.bytes, gone: [...gone] }));
  }

  /** Hash by key, of every document. */
  get hashes(): ReadonlyMap<string, string> {
    return this.#hashes;
  }

  /** Adds documents, instead of others with their keys. */
  add(documents: Iterable<SearchDocument>): void {
    const batch = new Batch();
    for (const document of documents) batch.add(document);
    this.addBatch(batch);
  }

  /** Adds what is in a batch; a key may be in it once. */
  addBatch(batch: Batch): void {
    const segment = new Segment(batch.finish());
    this.remove(segment.names.map(([key]) => key));
    for (const [key, hash] of segment.names) this.#hashes.set(key, hash);
    if (segment.names.length > 0) this.#parts = [...this.#parts, { id: this.#freshId(), segment, gone: new Set() }];
  }

  remove(keys: Iterable<string>): void {
    const removed = new Set([...keys].filter((key) => this.#hashes.delete(key)));
    if (removed.size === 0) return;
    for (const { segment, gone } of this.#parts) {
      for (const [i, [key]] of segment.names.entries()) if (removed.has(key)) gone.add(i);
    }
    this.#parts = this.#parts.filter(({ segment, gone }) => gone.size < segment.names.length);
  }

  /** Makes few parts of many. `settled`: no more documents are coming. Nothing may be added or removed between two steps. */
  *compact(settled: boolean): Generator<void, void> {
    for (let some = this.#mergeable(settled); some.length > 0; some = this.#mergeable(settled)) {
      const bytes = yield* mergeSlices(some);
      const merged: IndexPart = { id: this.#freshId(), segment: new Segment(bytes), gone: new Set() };
      this.#parts = [...this.#parts.filter((part) => !some.includes(part)), merged];
    }
  }

  #mergeable(settled: boolean): readonly IndexPart[] {
    const sizeOf = ({ segment }: IndexPart): number => segment.names.length;
    const parts = [...this.#parts].sort((a, b) => sizeOf(b) - sizeOf(a));
    if (settled) {
      const [largest, ...others] = parts;
      if (!largest) return [];
      const changed = others.reduce((sum, part) => sum + sizeOf(part), 0) + largest.gone.size;
      if (changed > sizeOf(largest) * MUCH_CHANGED) return parts;
      return others.length > FEW_PARTS ? others : [];
    }
    const bySize = new Map<number, IndexPart[]>();
    for (const part of parts) {
      const size = Math.floor(Math.log(sizeOf(part)) / Math.log(PARTS_OF_A_SIZE));
      const own = bySize.get(size) ?? [];
      bySize.set(size, [...own, part]);
      if (own.length + 1 === PARTS_OF_A_SIZE) return bySize.get(size) ?? [];
    }
    return [];
  }

  /** Every document that has all words, and for each list of codes one of them; best first. Nothing for no words. */
  search(words: readonly WantedWord[], codes: readonly (readonly string[])[] = []): Match[] {
    if (words.length === 0) return [];
    const parts = this.#parts;
    const size = parts.reduce((sum, { segment }) => sum + segment.names.length, 0);
    const found = words.map((word) => this.#scoresOfWord(word, size));
    const filters = codes.map((some) => this.#scoresOfCodes(some, size));
    const places = found.map(placesOf);
    const weights = places.map(({ length }) => rarity(length, size));
    const fewest = places.reduce((best, some) => (some.length < best.length ? some : best));
    const matches: Match[] = [];
    let part = 0;
    let base = 0;
    for (const place of fewest) {
      while (place - base >= (parts[part] as IndexPart).segment.names.length) {
        base += (parts[part] as IndexPart).segment.names.length;
        part++;
      }
      let score = 0;
      let least = 255;
      for (let word = 0; word < found.length && least > 0; word++) {
        const own = (found[word] as Uint8Array)[place] as number;
        least = Math.min(least, own);
        score += (VALUES[own] as number) * (weights[word] as number);
      }
      if (least === 0 || filters.some((filter) => filter[place] === 0)) continue;
      const [key] = (parts[part] as IndexPart).segment.names[place - base] as DocumentName;
      matches.push({ key, score, rough: least < PREFIX });
    }
    return matches.sort((a, b) => b.score - a.score);
  }

  /** The best of a word's readings, for each document. */
  #scoresOfWord(readings: WantedWord, size: number): Uint8Array {
    const [only] = readings;
    if (only?.length === 1 && readings.length === 1) return this.#scoresOf(only[0] as Wanted, size);
    const best = new Uint8Array(size);
    for (const reading of readings) {
      const [first, ...others] = reading.map((wanted) => this.#scoresOf(wanted, size));
      if (!first) continue;
      for (const other of others) {
        for (let i = 0; i < size; i++) if ((other[i] as number) < (first[i] as number)) first[i] = other[i] as number;
      }
      for (let i = 0; i < size; i++) if ((first[i] as number) > (best[i] as number)) best[i] = first[i] as number;
    }
    return best;
  }

  #scoresOf(wanted: Wanted, size: number): Uint8Array {
    const scores = new Uint8Array(size);
    let isFound = false;
    for (const each of [eachMatch, eachRoughMatch]) {
      let base = 0;
      for (const { segment, gone } of this.#parts) {
        const from = base;
        each(segment, wanted, (entry, how) => {
          segment.read(entry, (document, weight) => {
            if (gone.size > 0 && gone.has(document)) return;
            isFound = true;
            const score = how + weight;
            if (score > (scores[from + document] as number)) scores[from + document] = score;
          });
        });
        base += segment.names.length;
      }
      if (isFound) break;
    }
    return scores;
  }

  #scoresOfCodes(codes: readonly string[], size: number): Uint8Array {
    const readings = codes.map((code) => [{ term: CODE + code, prefix: false, typo: false }]);
    return this.#scoresOfWord(readings, size);
  }
}

/** What a score is worth: as it was typed before what begins like it before what is like it; then title, what stands out, the text. */
const VALUES = [0, 1, 1.1, 1.3, 1.6, 3, 3.2, 4, 5, 8, 8.5, 10, 13, 16, 17, 20, 26];

/** Where there is a score, in order. */
const placesOf = (scores: Uint8Array): readonly number[] => {
  const places: number[] = [];
  for (let i = 0; i < scores.length; i++) if (scores[i] !== 0) places.push(i);
  return places;
};

/** Rare words tell more. */
const rarity = (documents: number, size: number): number =>
  Math.log(1 + (size - documents + 0.5) / (documents + 0.5)) + 0.1;
