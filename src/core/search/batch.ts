import type { DocumentName, Weight } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';
import { eachTerm } from './words.ts';

/** A text of a document, and how much its words tell. */
export interface WeightedText {
  readonly text: string;
  readonly weight: 0 | 2 | 3;
}

/** What is indexed. `key` names it; `hash` changes with its words. `codes` are found as they are, by filters. */
export interface SearchDocument {
  readonly key: string;
  readonly hash: string;
  readonly texts: readonly WeightedText[];
  readonly codes: readonly string[];
}

/** Before codes: no word begins like it. */
export const CODE = '\u0001';

/** Documents on their way into a segment. */
export class Batch {
  readonly #names: DocumentName[] = [];
  /** Of each term, document × 4 + weight, in order. */
  readonly #postings = new Map<string, number[]>();

  get documents(): number {
    return this.#names.length;
  }
  get terms(): number {
    return this.#postings.size;
  }

  add({ key, hash, texts, codes }: SearchDocument): void {
    const document = this.#names.length;
    this.#names.push([key, hash]);
    for (const { text, weight } of texts) eachTerm(text, (term) => this.#post(term, document, weight));
    for (const code of codes) this.#post(CODE + code, document, 0);
  }

  #post(term: string, document: number, weight: Weight): void {
    const own = this.#postings.get(term);
    if (!own) {
      this.#postings.set(term, [(document << 2) | weight]);
      return;
    }
    const last = own.length - 1;
    const before = own[last] as number;
    if (before >> 2 !== document) own.push((document << 2) | weight);
    else if ((before & 3) < weight) own[last] = (document << 2) | weight;
    else if ((before & 3) === 0) own[last] = before | 1;
  }

  /** The bytes of a segment of them. */
  finish(): Uint8Array<ArrayBuffer> {
    const writer = new SegmentWriter(this.#names);
    for (const term of [...this.#postings.keys()].sort()) {
      for (const posting of this.#postings.get(term) ?? []) writer.post(posting >> 2, posting & 3);
      writer.end(term);
    }
    return writer.finish();
  }
}
