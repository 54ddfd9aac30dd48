import { describe, expect, it, vi } from 'vitest';
import type { RelaisError } from '../../../../src/core/errors.ts';
import { concat } from '../../../../src/core/protocol/bytes.ts';
import { LEAF } from '../../../../src/core/protocol/media.ts';
import { device, type Trick } from '../../../support/blob-link.ts';
import { testBlob } from '../../../support/media.ts';

/** Why a blob did not come, and what is written meanwhile; that it comes is in `blobs.test.ts`. */

const SMALL = testBlob(9_000);
/** Four leaves, the last one short. */
const LARGE = testBlob(3 * LEAF + 5_000);
const { hash } = LARGE.blob;
const cutAt =
  (end: number): Trick =>
  (from) => ({ data: LARGE.data.subarray(from, end) });

describe('a blob that did not come says which, and why:', () => {
  it('the library has no more of it', async () => {
    const { fetch, transport } = device(SMALL);
    transport.missing = true;
    await expect(fetch()).rejects.toMatchObject({ code: 'not-found', details: { hash: SMALL.blob.hash } });
  });

  it('its list of leaves is not there, or was cut', async () => {
    const { fetch, store, transport, read } = device(LARGE);
    transport.listIs = 'missing';
    await expect(fetch()).rejects.toMatchObject({ code: 'not-found', details: { hash } });
    transport.listIs = 'cut';
    // Not called damaged: the next try may bring all of it.
    await expect(fetch()).rejects.toMatchObject({ code: 'no-link', details: { what: 'cut', hash } });
    expect(await store.hashes()).toEqual([]);
    expect(transport.asked).toEqual([]);
    transport.listIs = 'whole';
    await fetch();
    expect(await read()).toEqual(LARGE.data);
  });

  it('it was cut, and in which leaf, also where some of it was here', async () => {
    const { fetch, store, transport } = device(LARGE);
    await store.saveLeaf(hash, 0, LARGE.data.slice(0, LEAF));
    for (const [end, leaf] of [
      [LEAF + 100, 1],
      [2 * LEAF + 100, 2],
      [3 * LEAF, 3],
    ] as const) {
      transport.tricks = [cutAt(end)];
      await expect(fetch()).rejects.toMatchObject({ code: 'no-link', details: { what: 'cut', leaf, bytes: LEAF } });
    }
  });

  it('a leaf was wrong twice; no more was read of it, and nothing of it is kept', async () => {
    const { fetch, store, transport } = device(LARGE);
    const wrong: Trick = (from, to) => ({ data: LARGE.data.slice(from, to).fill(1) });
    transport.tricks = [wrong, wrong];
    await expect(fetch()).rejects.toMatchObject({ code: 'tampered', details: { what: 'leaf', hash } });
    expect(transport.handed).toBeLessThan(2 * (LEAF + transport.part));
    expect(await store.tail(hash)).toBeUndefined();
  });
});

describe('a blob that is taken away while it comes', () => {
  it('does not come back with its list of leaves', async () => {
    const { fetch, store, transport } = device(LARGE);
    const gone = new AbortController();
    const get = transport.get.bind(transport);
    transport.get = (path, limit) => {
      gone.abort();
      return get(path, limit);
    };
    await expect(fetch(gone.signal)).rejects.toThrow('aborted');
    expect(await store.hashes()).toEqual([]);
  });

  it.each([
    ['the beginning of a leaf', 1_460, 2_000],
    ['a leaf', LEAF, 2 * LEAF],
    ['what came last', 700, 700],
  ])('does not come back with %s', async (_, part, end) => {
    const { fetch, store, transport } = device(LARGE);
    await store.saveList(hash, LARGE.list);
    transport.part = part;
    const gone = new AbortController();
    transport.tricks = [cutAt(end)];
    const read = transport.read.bind(transport);
    transport.read = (path, from, to, take) =>
      read(path, from, to, async (at, bytes) => {
        // As the store does when a person lets go of it.
        await store.drop(hash);
        gone.abort();
        return take(at, bytes);
      });
    await expect(fetch(gone.signal)).rejects.toThrow('aborted');
    expect(await store.hashes()).toEqual([]);
  });
});

describe('what is written of a leaf that is on its way', () => {
  const begun = async (part: number, end: number) => {
    const { fetch, store, transport } = device(LARGE);
    transport.part = part;
    transport.tricks = [cutAt(end)];
    const saves = vi.spyOn(store, 'saveTail');
    await expect(fetch()).rejects.toMatchObject({ code: 'no-link' });
    return saves.mock.calls.map(([, { n, data }]) => [n, data.length]);
  };

  it('is each kilobyte once, and not each packet: flash memory wears', async () => {
    expect(await begun(100, 4_000)).toEqual([
      [0, 1_100],
      [0, 2_200],
      [0, 3_300],
      [0, 4_000],
    ]);
    expect(await begun(512, 2_000)).toEqual([
      [0, 1_024],
      [0, 2_000],
    ]);
  });

  it('is not written again where nothing came behind it', async () => {
    expect(await begun(1_024, 2_048)).toEqual([
      [0, 1_024],
      [0, 2_048],
    ]);
    expect(await begun(LEAF, LEAF)).toEqual([]);
  });

  it('goes once the leaf is here: a phone has no room for it twice', async () => {
    for (const end of [LARGE.data.length, LARGE.data.length + 300, 2 * LEAF]) {
      const { fetch, store, transport } = device(LARGE);
      transport.tricks = [() => ({ data: concat([LARGE.data, new Uint8Array(300)]).subarray(0, end) })];
      await fetch().catch((error: RelaisError) => expect(error.code).toBe('no-link'));
      expect(await store.stored(hash)).toHaveLength(Math.min(4, Math.ceil(end / LEAF)));
      expect(await store.tail(hash)).toBeUndefined();
    }
  });

  it('goes as well where it is of another day, and the rest comes at once', async () => {
    const { fetch, read, store, transport } = device(LARGE);
    transport.tricks = [cutAt(2_000)];
    await expect(fetch()).rejects.toMatchObject({ code: 'no-link' });
    expect(await store.tail(hash)).toMatchObject({ n: 0 });
    transport.part = LARGE.data.length;
    await fetch();
    expect(await store.tail(hash)).toBeUndefined();
    expect(await read()).toEqual(LARGE.data);
  });

  it('is not believed where it should be a whole leaf: that was never written', async () => {
    const { fetch, read, store, transport } = device(LARGE);
    for (const n of [0, 1, 2]) await store.saveLeaf(hash, n, LARGE.data.slice(n * LEAF, (n + 1) * LEAF));
    await store.saveTail(hash, { n: 3, data: new Uint8Array(5_000) });
    await fetch();
    expect(transport.asked).toEqual([[3 * LEAF, LARGE.data.length]]);
    expect(await read()).toEqual(LARGE.data);
  });
});
