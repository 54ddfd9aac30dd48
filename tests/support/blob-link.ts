import { expect } from 'vitest';
import { RelaisError } from '../../src/core/errors.ts';
import { blobPath } from '../../src/core/protocol/media.ts';
import { fetchBlob, readBlob } from '../../src/core/sync/blobs.ts';
import type { BlobTransport, Fetched } from '../../src/core/sync/ports.ts';
import { MemoryMedia } from '../../src/store/memory-media.ts';
import { never, seededPlatform } from './fixtures.ts';
import type { TestBlob } from './media.ts';

/** A link to one blob in memory that does as it is told, and a device behind it. */

const platform = seededPlatform('blobs');

/** What one request for bytes does instead of answering as a good hub. */
export type Trick = (from: number, to: number) => { readonly at?: number; readonly data: Uint8Array } | undefined;

export class BlobLink implements BlobTransport {
  readonly #source: TestBlob;
  readonly asked: [number, number][] = [];
  lists = 0;
  /** One for each request; none: as it should be. */
  tricks: Trick[] = [];
  list: Uint8Array;
  /** What becomes of the list on its way: there is none, or it was cut. */
  listIs: 'whole' | 'missing' | 'cut' = 'whole';
  missing = false;
  /** Bytes that were handed on. */
  handed = 0;
  /** Length of the parts in which bytes come: never that of a leaf. */
  part = 1_460;
  constructor(source: TestBlob) {
    this.#source = source;
    this.list = source.list;
  }

  async get(path: string, limit: number): Promise<Fetched> {
    expect(path).toBe(`${blobPath(this.#source.blob.hash)}.leaf`);
    this.lists++;
    if (this.listIs === 'missing') return { found: false };
    if (this.list.length > limit) throw new RelaisError('too-large', { path });
    if (this.listIs === 'cut') return { found: true, bytes: this.list.slice(0, 40), whole: false };
    return { found: true, bytes: this.list, whole: true };
  }

  async read(
    path: string,
    from: number,
    to: number,
    take: (at: number, part: Uint8Array) => Promise<'more' | 'enough'>,
  ) {
    expect(path).toBe(blobPath(this.#source.blob.hash));
    if (this.missing) return false;
    this.asked.push([from, to]);
    const { at = from, data } = this.tricks.shift()?.(from, to) ?? { data: this.#source.data.subarray(from, to) };
    for (let done = 0; done < data.length; done += this.part) {
      const part = data.subarray(done, done + this.part);
      this.handed += part.length;
      const wants = await take(at + done, part);
      expect(['more', 'enough']).toContain(wants);
      if (wants === 'enough') break;
    }
    return true;
  }
}

/** A device that has nothing of the blob yet. */
export const device = (source: TestBlob) => {
  const store = new MemoryMedia();
  const transport = new BlobLink(source);
  const ports = { platform, store, transport };
  return {
    store,
    transport,
    ports,
    fetch: (signal = never) => fetchBlob(ports, source.blob, signal),
    read: () => readBlob(ports, source.blob),
  };
};
