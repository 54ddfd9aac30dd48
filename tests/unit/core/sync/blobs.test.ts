import { describe, expect, it } from 'vitest';
import { RelaisError } from '../../../../src/core/errors.ts';
import { LEAF, leafCount } from '../../../../src/core/protocol/media.ts';
import { device, type Trick } from '../../../support/blob-link.ts';
import { codeFrom } from '../../../support/fixtures.ts';
import { testBlob } from '../../../support/media.ts';

const SMALL = testBlob(9_000);
/** Four leaves, the last one short. */
const LARGE = testBlob(3 * LEAF + 5_000);

describe('a blob', () => {
  it.each([
    ['of one leaf', SMALL, 0],
    ['of several', LARGE, 1],
    ['of whole leaves', testBlob(2 * LEAF), 1],
  ])('%s comes in one request, and is what the item vouches for', async (_, source, lists) => {
    const { fetch, read, transport } = device(source);
    await fetch();
    expect(await read()).toEqual(source.data);
    expect(transport.asked).toEqual([[0, source.data.length]]);
    expect(transport.lists).toBe(lists);
    // Asked for again, it costs nothing.
    await fetch();
    expect(transport.asked).toHaveLength(1);
    expect(transport.lists).toBe(lists);
  });

  it.each([0, 1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 2 * LEAF + 100, 3 * LEAF, 3 * LEAF + 4_999])(
    'that is cut after %i bytes goes on there: nothing is asked for again',
    async (cut) => {
      const { fetch, read, transport, store } = device(LARGE);
      transport.tricks = [(from) => ({ data: LARGE.data.subarray(from, cut) })];
      expect(await codeFrom(fetch)).toBe('no-link');
      const whole = Math.floor(cut / LEAF);
      expect(await store.stored(LARGE.blob.hash)).toEqual(Array.from({ length: whole }, (_, n) => n));
      expect(await read()).toBeUndefined();
      await fetch();
      expect(transport.asked).toEqual([
        [0, LARGE.data.length],
        [cut, LARGE.data.length],
      ]);
      expect(transport.lists).toBe(1);
      expect(await read()).toEqual(LARGE.data);
    },
  );

  it('that was begun with wrong bytes is fetched anew from the beginning of that leaf', async () => {
    const { fetch, read, transport } = device(LARGE);
    transport.tricks = [(from) => ({ data: LARGE.data.slice(from, LEAF + 300).fill(1, LEAF) })];
    expect(await codeFrom(fetch)).toBe('no-link');
    await fetch();
    const end = LARGE.data.length;
    expect(transport.asked).toEqual([
      [0, end],
      [LEAF + 300, end],
      [LEAF, end],
    ]);
    expect(await read()).toEqual(LARGE.data);
  });

  it('loses at most a kilobyte where the device dies in the middle of a leaf', async () => {
    for (const dies of [1_000, 5_000, LEAF + 700, 2 * LEAF + 9_000]) {
      const { fetch, read, transport, ports } = device(LARGE);
      transport.part = 100;
      const { read: good } = transport;
      ports.transport.read = (path, from, to, take) =>
        good.call(transport, path, from, to, async (at, part) => {
          if (at >= dies) throw new Error('dead');
          return take(at, part);
        });
      await expect(fetch()).rejects.toThrow('dead');
      ports.transport.read = good;
      await fetch();
      const [, [from = 0] = []] = transport.asked;
      expect(dies - from).toBeLessThan(1024 + 100);
      expect(await read()).toEqual(LARGE.data);
    }
  });

  it('with a wrong byte in any leaf is refused there, asked again, and whole after that', async () => {
    for (let leaf = 0; leaf < leafCount(LARGE.data.length); leaf++) {
      const { fetch, read, transport, store } = device(LARGE);
      transport.tricks = [
        (from, to) => {
          const data = LARGE.data.slice(from, to);
          data[leaf * LEAF + 7] = (data[leaf * LEAF + 7] as number) ^ 1;
          return { data };
        },
      ];
      await fetch();
      expect(transport.asked).toEqual([
        [0, LARGE.data.length],
        [leaf * LEAF, LARGE.data.length],
      ]);
      expect(await read()).toEqual(LARGE.data);
      expect(await store.stored(LARGE.blob.hash)).toHaveLength(4);
    }
  });

  it('that is wrong twice is given up, keeps what was right, and stores nothing of the rest', async () => {
    const { fetch, transport, store } = device(LARGE);
    const wrong: Trick = (from, to) => ({ data: LARGE.data.slice(from, to).fill(1, Math.max(0, LEAF - from)) });
    transport.tricks = [wrong, wrong];
    expect(await codeFrom(fetch)).toBe('tampered');
    expect(await store.stored(LARGE.blob.hash)).toEqual([0]);
  });

  it('in the place of which a page comes is refused', async () => {
    const page = new TextEncoder().encode('<!doctype html><title>Wi-Fi</title>'.repeat(2_000));
    const { fetch, transport, store } = device(LARGE);
    transport.tricks = [() => ({ at: 0, data: page }), () => ({ at: 0, data: page })];
    expect(await codeFrom(fetch)).toBe('tampered');
    expect(await store.stored(LARGE.blob.hash)).toEqual([]);
    // A short page is no leaf at all: a cut.
    transport.tricks = [() => ({ at: 0, data: page.subarray(0, 500) })];
    expect(await codeFrom(fetch)).toBe('no-link');
  });

  it('from a host that knows no Range is passed over as far as it is here', async () => {
    const { fetch, read, transport } = device(LARGE);
    transport.tricks = [
      (from) => ({ data: LARGE.data.subarray(from, LEAF + 10) }),
      () => ({ at: 0, data: LARGE.data }),
    ];
    expect(await codeFrom(fetch)).toBe('no-link');
    await fetch();
    expect(await read()).toEqual(LARGE.data);
    // What had come was right, and what came again was not taken for the rest of it.
    expect(transport.asked).toHaveLength(2);
  });

  it('that is longer than the item says is read no further', async () => {
    const { fetch, read, transport } = device(SMALL);
    transport.tricks = [() => ({ data: new Uint8Array([...SMALL.data, ...new Uint8Array(100_000)]) })];
    await fetch();
    expect(await read()).toEqual(SMALL.data);
    expect(transport.handed).toBeLessThan(SMALL.data.length + transport.part);
  });

  it('whose list of leaves is another is refused before a byte of it is asked for', async () => {
    const other = testBlob(LARGE.data.length, 'another');
    for (const list of [other.list, LARGE.list.subarray(0, 64), new Uint8Array(0)]) {
      const { fetch, transport, store } = device(LARGE);
      transport.list = list;
      expect(await codeFrom(fetch)).toBe('tampered');
      expect(transport.asked).toEqual([]);
      expect(await store.hashes()).toEqual([]);
    }
  });

  it('for which there is no room keeps what is there, and says so', async () => {
    const { fetch, read, store, transport } = device(LARGE);
    const save = store.saveLeaf.bind(store);
    store.saveLeaf = async (hash, n, data) => {
      if (n === 2) throw new RelaisError('full');
      await save(hash, n, data);
    };
    expect(await codeFrom(fetch)).toBe('full');
    expect(await store.stored(LARGE.blob.hash)).toEqual([0, 1]);
    store.saveLeaf = save;
    await fetch();
    expect(await read()).toEqual(LARGE.data);
    // Not even the leaf that found no room is asked for again from its beginning.
    expect(transport.asked.at(-1)?.[0]).toBeGreaterThan(3 * LEAF - 1_460);
  });

  it('fills the gaps between what is stored, and nothing else', async () => {
    const { fetch, read, store, transport } = device(LARGE);
    await store.saveList(LARGE.blob.hash, LARGE.list);
    for (const n of [0, 2]) await store.saveLeaf(LARGE.blob.hash, n, LARGE.data.slice(n * LEAF, (n + 1) * LEAF));
    await fetch();
    expect(transport.asked).toEqual([
      [LEAF, 2 * LEAF],
      [3 * LEAF, LARGE.data.length],
    ]);
    expect(await read()).toEqual(LARGE.data);
  });
});

describe('a stored blob', () => {
  it('with a damaged leaf is not shown: the leaf is dropped, and comes again', async () => {
    const { fetch, read, store, transport } = device(LARGE);
    await fetch();
    await store.saveLeaf(LARGE.blob.hash, 1, LARGE.data.slice(0, LEAF));
    expect(await read()).toBeUndefined();
    expect(await store.stored(LARGE.blob.hash)).toEqual([0, 2, 3]);
    await fetch();
    expect(transport.asked.at(-1)).toEqual([LEAF, 2 * LEAF]);
    expect(await read()).toEqual(LARGE.data);
  });

  it('whose list of leaves was damaged before all had come takes it anew, and is whole', async () => {
    const { fetch, read, store, transport } = device(LARGE);
    await fetch();
    await store.dropLeaf(LARGE.blob.hash, 2);
    await store.saveList(LARGE.blob.hash, testBlob(LARGE.data.length, 'another').list);
    await fetch();
    expect(transport.lists).toBe(2);
    expect(await read()).toEqual(LARGE.data);
  });

  it('with a damaged list of leaves comes again as a whole', async () => {
    const { fetch, read, store } = device(LARGE);
    await fetch();
    await store.saveList(LARGE.blob.hash, testBlob(LARGE.data.length, 'another').list);
    expect(await read()).toBeUndefined();
    expect(await store.hashes()).toEqual([]);
    await fetch();
    expect(await read()).toEqual(LARGE.data);
  });
});
