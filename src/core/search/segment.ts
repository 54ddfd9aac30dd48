import { fromUtf8, utf8 } from '../protocol/bytes.ts';
import { checksum } from './bytes.ts';

/**
 * An immutable part of an index, read in place from one run of bytes. All numbers of the head are 32 bits, little end first:
 *
 * | what | bytes |
 * |---|---|
 * | `RSX1` | 4 |
 * | documents, terms, blocks; bytes of names, dictionary, postings | 6 × 4 |
 * | of each block: where its dictionary and its postings begin | 2 × 4 each |
 * | names: JSON, `[key, hash]` of each document | |
 * | dictionary: terms in order of UTF-16 code units, 16 a block | |
 * | postings | |
 * | checksum of all before it | 4 |
 *
 * A term: letters shared with the one before and letters of its own, 4 bits each (15: as many more as the number that follows), its own
 * code units as numbers, length of its postings in bytes. Postings: `(document − the one before) × 4 + weight` as numbers.
 */
const MAGIC = 0x31585352;
const HEAD = 28;
export const BLOCK = 16;

/** How much a word tells of a document: in its text, there more than once, in what stands out, in its title. */
export type Weight = 0 | 1 | 2 | 3;

/** A document: its name, and the mark of the words that were indexed. */
export type DocumentName = readonly [key: string, hash: string];

/** Where a scan of the dictionary stands. */
export interface Entry {
  readonly term: string;
  /** Postings: the first byte, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

/** Blocks of the dictionary, from the first to the last. */
export interface Blocks {
  readonly first: number;
  readonly last: number;
}

export interface SegmentParts {
  readonly names: readonly DocumentName[];
  readonly terms: number;
  readonly blocks: readonly (readonly [dictionary: number, postings: number])[];
  readonly dictionary: Uint8Array;
  readonly postings: Uint8Array;
}

/** The bytes of a segment. */
export const encodeSegment = (parts: SegmentParts): Uint8Array<ArrayBuffer> => {
  const { names, terms, blocks, dictionary, postings } = parts;
  const named = utf8(JSON.stringify(names));
  const at = HEAD + blocks.length * 8;
  const size = at + named.length + dictionary.length + postings.length;
  const bytes = new Uint8Array(size + 4);
  const view = new DataView(bytes.buffer);
  const head = [MAGIC, names.length, terms, blocks.length, named.length, dictionary.length, postings.length];
  for (const [i, value] of [...head, ...blocks.flat()].entries()) view.setUint32(i * 4, value, true);
  bytes.set(named, at);
  bytes.set(dictionary, at + named.length);
  bytes.set(postings, at + named.length + dictionary.length);
  view.setUint32(size, checksum(bytes.subarray(0, size)), true);
  return bytes;
};

export class Segment {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly names: readonly DocumentName[];
  readonly terms: number;
  /** The first term of each block: what a search begins with. */
  readonly #heads: readonly string[];
  readonly #blocks: Uint32Array;
  readonly #all: Blocks;
  /** Where the dictionary and the postings begin, and the postings end. */
  readonly #dictionary: number;
  readonly #postings: number;
  readonly #end: number;

  /** Throws `RangeError` where the bytes are not those of a whole segment. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
    const size = bytes.length - 4;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (size < HEAD || view.getUint32(0, true) !== MAGIC) throw new RangeError('no segment');
    if (view.getUint32(size, true) !== checksum(bytes.subarray(0, size))) throw new RangeError('damaged segment');
    const at = (i: number): number => view.getUint32(i * 4, true);
    const [documents, terms, blocks, named, dictionary, postings] = [at(1), at(2), at(3), at(4), at(5), at(6)];
    const names = HEAD + blocks * 8;
    if (names + named + dictionary + postings !== size) throw new RangeError('torn segment');
    this.names = JSON.parse(fromUtf8(bytes.subarray(names, names + named))) as DocumentName[];
    if (this.names.length !== documents) throw new RangeError('torn segment');
    this.terms = terms;
    this.#dictionary = names + named;
    this.#postings = this.#dictionary + dictionary;
    this.#end = size;
    this.#blocks = new Uint32Array(blocks * 2);
    for (let i = 0; i < blocks * 2; i++) this.#blocks[i] = at(7 + i);
    this.#all = { first: 0, last: blocks - 1 };
    const heads: string[] = [];
    const head = (entry: Entry): boolean => heads.push(entry.term) < 0;
    for (let block = 0; block < blocks; block++) this.#scanBlock(block, head);
    this.#heads = heads;
  }

  /** Tells the terms of a block until told to stop. Returns whether it was. */
  #scanBlock(block: number, onEntry: (entry: Entry) => boolean): boolean {
    const { bytes } = this;
    let at = this.#dictionary + (this.#blocks[block * 2] as number);
    let from = this.#postings + (this.#blocks[block * 2 + 1] as number);
    let term = '';
    const number = (): number => {
      let value = bytes[at++] as number;
      if (value < 128) return value;
      value &= 127;
      for (let shift = 7; ; shift += 7) {
        const more = bytes[at++] as number;
        value |= (more & 127) << shift;
        if (more < 128) return value;
      }
    };
    for (let left = Math.min(BLOCK, this.terms - block * BLOCK); left > 0; left--) {
      const lengths = bytes[at++] as number;
      const shared = lengths >> 4 === 15 ? 15 + number() : lengths >> 4;
      let own = (lengths & 15) === 15 ? 15 + number() : lengths & 15;
      term = term.slice(0, shared);
      for (; own > 0; own--) term += String.fromCharCode(number());
      const to = from + number();
      if (!onEntry({ term, from, to })) return true;
      from = to;
    }
    return false;
  }

  /** The last block, among some, whose first term is not after `term`; the first of them where all are. */
  #blockOf(term: string, { first: low, last: high }: Blocks = this.#all): number {
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#heads[middle] as string) <= term) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where all terms are that begin with `prefix`; among `within`, which has those of a shorter one. */
  blocksOf(prefix: string, within?: Blocks): Blocks {
    return { first: this.#blockOf(prefix, within), last: this.#blockOf(`${prefix}\uffff`, within) };
  }

  /** Tells the terms from `first` on, in order, until told to stop. `within`: where the first is. */
  scan(first: string, onEntry: (entry: Entry) => boolean, within?: Blocks): void {
    const go = (entry: Entry): boolean => entry.term < first || onEntry(entry);
    for (let block = this.#blockOf(first, within); block < this.#heads.length; block++)
      if (this.#scanBlock(block, go)) return;
  }

  /** Tells every term that begins with `prefix`. */
  scanPrefix(prefix: string, onEntry: (entry: Entry) => void, within?: Blocks): void {
    const go = (entry: Entry): boolean => {
      if (!entry.term.startsWith(prefix)) return false;
      onEntry(entry);
      return true;
    };
    this.scan(prefix, go, within);
  }

  /**
   * A term's entry. Without making the terms on the way, and only `within` where it can be: a word with an error is looked for in hundreds of
   * spellings.
   */
  find(term: string, within?: Blocks): Entry | undefined {
    if (this.terms === 0) return undefined;
    const { bytes } = this;
    const block = this.#blockOf(term, within);
    let at = this.#dictionary + (this.#blocks[block * 2] as number);
    let from = this.#postings + (this.#blocks[block * 2 + 1] as number);
    const number = (): number => {
      let value = bytes[at++] as number;
      if (value < 128) return value;
      value &= 127;
      for (let shift = 7; ; shift += 7) {
        const more = bytes[at++] as number;
        value |= (more & 127) << shift;
        if (more < 128) return value;
      }
    };
    /** Letters that the last entry begins with as `term` does; it is before `term` in order. */
    let alike = 0;
    for (let left = Math.min(BLOCK, this.terms - block * BLOCK); left > 0; left--) {
      const lengths = bytes[at++] as number;
      const shared = lengths >> 4 === 15 ? 15 + number() : lengths >> 4;
      let own = (lengths & 15) === 15 ? 15 + number() : lengths & 15;
      // It leaves the last one where that still was like `term`: all that follow are after it.
      if (shared < alike) return undefined;
      let isBefore = shared > alike;
      for (; own > 0; own--) {
        const unit = number();
        if (isBefore) continue;
        // NaN past the end: longer than `term`, so after it.
        const wanted = term.charCodeAt(alike);
        if (unit === wanted) alike++;
        else if (unit < wanted) isBefore = true;
        else return undefined;
      }
      const to = from + number();
      if (!isBefore && alike === term.length) return { term, from, to };
      from = to;
    }
    return undefined;
  }

  /** Tells documents, by their place among `names`, and weights. */
  read({ from, to }: Entry, onDocument: (document: number, weight: Weight) => void): void {
    const { bytes } = this;
    if (to > this.#end) throw new RangeError('torn segment');
    let document = 0;
    for (let at = from; at < to; ) {
      let value = bytes[at++] as number;
      if (value > 127) {
        value &= 127;
        for (let shift = 7; ; shift += 7) {
          const more = bytes[at++] as number;
          value |= (more & 127) << shift;
          if (more < 128) break;
        }
      }
      document += value >> 2;
      onDocument(document, (value & 3) as Weight);
    }
  }
}
