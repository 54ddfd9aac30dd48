import { ByteWriter } from './bytes.ts';
import { BLOCK, type DocumentName, encodeSegment } from './segment.ts';

/** Writes a segment, term by term in their order. */
export class SegmentWriter {
  readonly #names: readonly DocumentName[];
  readonly #dictionary = new ByteWriter();
  readonly #postings = new ByteWriter();
  readonly #blocks: (readonly [number, number])[] = [];
  #terms = 0;
  #before = '';
  #posted = 0;
  #document = 0;

  constructor(names: readonly DocumentName[]) {
    this.#names = names;
  }

  /** Adds a document to the term that `end` will name. Documents come in order. */
  post(document: number, weight: number): void {
    this.#postings.number(((document - this.#document) << 2) | weight);
    this.#document = document;
  }

  /** Ends a term, after its documents. One without documents is left out. */
  end(term: string): void {
    const length = this.#postings.length - this.#posted;
    if (length === 0) return;
    if (this.#terms % BLOCK === 0) {
      this.#blocks.push([this.#dictionary.length, this.#posted]);
      this.#before = '';
    }
    const before = this.#before;
    let shared = 0;
    while (shared < before.length && before.charCodeAt(shared) === term.charCodeAt(shared)) shared++;
    const own = term.length - shared;
    const dictionary = this.#dictionary;
    dictionary.byte((Math.min(shared, 15) << 4) | Math.min(own, 15));
    if (shared >= 15) dictionary.number(shared - 15);
    if (own >= 15) dictionary.number(own - 15);
    for (let i = shared; i < term.length; i++) dictionary.number(term.charCodeAt(i));
    dictionary.number(length);
    this.#terms++;
    this.#before = term;
    this.#posted = this.#postings.length;
    this.#document = 0;
  }

  /** The bytes of the segment. */
  finish(): Uint8Array<ArrayBuffer> {
    return encodeSegment({
      names: this.#names,
      terms: this.#terms,
      blocks: this.#blocks,
      dictionary: this.#dictionary.written(),
      postings: this.#postings.written(),
    });
  }
}
