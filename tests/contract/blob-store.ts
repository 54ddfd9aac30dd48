import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobStore } from '../../src/core/sync/ports.ts';

export interface OpenBlobs {
  readonly store: BlobStore;
  close(): Promise<void>;
}

const A = 'A'.repeat(43);
const B = 'B'.repeat(43);
const leaf = (n: number): Uint8Array => Uint8Array.from({ length: 16_384 }, (_, i) => (i * 7 + n) % 256);

/** What every `BlobStore` does. */
export const blobStoreContract = (name: string, open: () => Promise<OpenBlobs>): void => {
  describe(`${name}, as a store of blobs`, () => {
    let blobs: OpenBlobs;
    beforeEach(async () => {
      blobs = await open();
    });
    afterEach(() => blobs.close());

    it('has nothing at first', async () => {
      const { store } = blobs;
      expect(await store.list(A)).toBeUndefined();
      expect(await store.stored(A)).toEqual([]);
      expect(await store.leaves(A)).toEqual([]);
      expect(await store.hashes()).toEqual([]);
    });

    it('tells leaves in their order, in whatever order they came, each once', async () => {
      const { store } = blobs;
      for (const n of [10, 2, 0, 2]) await store.saveLeaf(A, n, leaf(n));
      expect(await store.stored(A)).toEqual([0, 2, 10]);
      const leaves = await store.leaves(A);
      expect(leaves.map(({ n }) => n)).toEqual([0, 2, 10]);
      for (const { n, data } of leaves) expect(data).toEqual(leaf(n));
    });

    it('keeps blobs apart', async () => {
      const { store } = blobs;
      await store.saveList(A, leaf(1).subarray(0, 64));
      await store.saveLeaf(A, 0, leaf(0));
      await store.saveLeaf(B, 1, leaf(1));
      expect(await store.stored(B)).toEqual([1]);
      expect(await store.list(B)).toBeUndefined();
      expect([...(await store.hashes())].sort()).toEqual([A, B]);
      await store.drop(A);
      expect(await store.list(A)).toBeUndefined();
      expect(await store.stored(A)).toEqual([]);
      expect(await store.stored(B)).toEqual([1]);
      expect(await store.hashes()).toEqual([B]);
    });

    it('keeps the list of leaves, and knows a blob by it alone', async () => {
      const { store } = blobs;
      await store.saveList(A, leaf(3).subarray(0, 96));
      expect(await store.list(A)).toEqual(leaf(3).subarray(0, 96));
      expect(await store.hashes()).toEqual([A]);
    });

    it('keeps the beginning of one leaf beside the list, the last one that came', async () => {
      const { store } = blobs;
      expect(await store.tail(A)).toBeUndefined();
      await store.saveList(A, leaf(3).subarray(0, 96));
      await store.saveTail(A, { n: 1, data: leaf(1).subarray(0, 500) });
      await store.saveTail(A, { n: 1, data: leaf(1).subarray(0, 900) });
      expect(await store.tail(A)).toEqual({ n: 1, data: leaf(1).subarray(0, 900) });
      expect(await store.list(A)).toEqual(leaf(3).subarray(0, 96));
      expect(await store.stored(A)).toEqual([]);
      await store.saveTail(B, { n: 0, data: leaf(2).subarray(0, 1) });
      expect([...(await store.hashes())].sort()).toEqual([A, B]);
      await store.saveTail(A, { n: 1, data: leaf(1).subarray(0, 0) });
      expect(await store.tail(A)).toBeUndefined();
      expect(await store.list(A)).toEqual(leaf(3).subarray(0, 96));
      await store.drop(B);
      expect(await store.tail(B)).toBeUndefined();
    });

    it('drops one leaf and leaves the others', async () => {
      const { store } = blobs;
      for (const n of [0, 1, 2]) await store.saveLeaf(A, n, leaf(n));
      await store.dropLeaf(A, 1);
      await store.dropLeaf(A, 7);
      expect(await store.stored(A)).toEqual([0, 2]);
      await store.saveLeaf(A, 1, leaf(9));
      expect((await store.leaves(A))[1]?.data).toEqual(leaf(9));
    });
  });
};
