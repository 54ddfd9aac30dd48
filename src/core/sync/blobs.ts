import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { concat } from '../protocol/bytes.ts';
import type { BlobRef } from '../protocol/item.ts';
import { blobPath, checkLeaves, isLeaf, LEAF, leafCount, leafLength } from '../protocol/media.ts';
import type { BlobReader, BlobStore, BlobTransport } from './ports.ts';

/**
 * Brings pictures and recordings, leaf by leaf.
 *
 * Invariants: a leaf is stored only once its hash is the one that the item vouches for; what is stored is never asked for again; a cut costs
 * at most `STEP` bytes.
 */
export interface BlobPorts {
  readonly platform: Platform;
  readonly store: BlobStore;
  readonly transport: BlobTransport;
}

/**
 * Fetches what is missing of a blob. Throws `no-link` where the link was cut (call again: it goes on where it was), `not-found`, `tampered`
 * where wrong bytes came twice, and what the store throws where the device is full.
 */
export const fetchBlob = async (ports: BlobPorts, blob: BlobRef, signal: AbortSignal): Promise<void> => {
  const list = await leavesOf(ports, blob, signal);
  let refused = 0;
  for (;;) {
    const gap = firstGap(await ports.store.stored(blob.hash), leafCount(blob.bytes));
    if (!gap) return;
    const came = await takeLeaves(ports, blob, list, gap, signal);
    if (came === 'wrong') {
      // Asked again, past every cache on the way; the second time it is no accident.
      if (++refused > 1) throw new RelaisError('tampered', { what: 'leaf', hash: blob.hash });
    } else if (came < gap.end - gap.start) {
      throw new RelaisError('no-link', { what: 'cut', leaf: gap.start + came, bytes: LEAF });
    }
  }
};

/** The list of leaves: stored, or fetched and verified. */
const leavesOf = async (ports: BlobPorts, blob: BlobRef, signal: AbortSignal): Promise<Uint8Array> => {
  const { platform, store, transport } = ports;
  const count = leafCount(blob.bytes);
  if (count === 1) return checkLeaves(platform, blob, new Uint8Array(0));
  const known = await store.list(blob.hash);
  // What was damaged in the store is fetched again.
  const list = known && (await checkLeaves(platform, blob, known).catch(() => undefined));
  if (list) return list;
  const fetched = await transport.get(`${blobPath(blob.hash)}.leaf`, count * 32, signal);
  if (!fetched.found) throw new RelaisError('not-found', { hash: blob.hash });
  if (!fetched.whole) throw new RelaisError('no-link', { what: 'cut', hash: blob.hash });
  const checked = await checkLeaves(platform, blob, fetched.bytes);
  signal.throwIfAborted();
  await store.saveList(blob.hash, checked);
  return checked;
};

const NOTHING = new Uint8Array(0);

interface Gap {
  readonly start: number;
  /** Behind the last missing leaf. */
  readonly end: number;
}

/** The first run of leaves that are not stored. */
const firstGap = (stored: readonly number[], count: number): Gap | undefined => {
  const have = new Set(stored);
  let start = 0;
  while (have.has(start)) start++;
  if (start >= count) return undefined;
  let end = start + 1;
  while (end < count && !have.has(end)) end++;
  return { start, end };
};

/** Bytes of a leaf that may be lost when the device dies before the rest has come. */
const STEP = 1024;

/** Takes the leaves of a gap as they come. Returns how many were stored, or that one was not what it should be. */
const takeLeaves = async (
  { platform, store, transport }: BlobPorts,
  blob: BlobRef,
  list: Uint8Array,
  gap: Gap,
  signal: AbortSignal,
): Promise<number | 'wrong'> => {
  const tail = await store.tail(blob.hash);
  let next = gap.start;
  let waiting = tail?.n === next && tail.data.length < leafLength(blob.bytes, next) ? tail.data : NOTHING;
  let saved = waiting.length;
  let hasTail = tail !== undefined;
  const from = gap.start * LEAF + waiting.length;
  const to = Math.min(blob.bytes, gap.end * LEAF);
  let wrong = false;
  const saveTail = async (data: Uint8Array): Promise<void> => {
    // Taken away meanwhile: it is not to come back.
    signal.throwIfAborted();
    await store.saveTail(blob.hash, { n: next, data });
    saved = data.length;
    hasTail = true;
  };
  const take = async (at: number, part: Uint8Array): Promise<'more' | 'enough'> => {
    // A host that knows no Range sends the file from its beginning: what is stored is passed over.
    waiting = concat([waiting, part.subarray(Math.max(0, from - at))]);
    while (next < gap.end && waiting.length >= leafLength(blob.bytes, next)) {
      const length = leafLength(blob.bytes, next);
      const leaf = waiting.slice(0, length);
      if (!(await isLeaf(platform, list, next, leaf))) {
        wrong = true;
        waiting = NOTHING;
        return 'enough';
      }
      signal.throwIfAborted();
      await store.saveLeaf(blob.hash, next, leaf);
      waiting = waiting.subarray(length);
      saved = 0;
      next++;
    }
    if (next === gap.end) {
      waiting = NOTHING;
      return 'enough';
    }
    if (waiting.length - saved >= STEP) await saveTail(waiting);
    return 'more';
  };
  const found = await transport.read(blobPath(blob.hash), from, to, take, signal);
  if (!found) throw new RelaisError('not-found', { hash: blob.hash });
  // The beginning of a leaf that is here, or was wrong, would only take room.
  if (waiting.length > saved || (hasTail && waiting.length === 0)) await saveTail(waiting);
  return wrong ? 'wrong' : next - gap.start;
};

/** All of a stored blob; undefined where it is not whole. A leaf that was damaged in the store is dropped, and is missing from then on. */
export const readBlob = async (
  { platform, store }: { readonly platform: Platform; readonly store: BlobReader },
  blob: BlobRef,
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const count = leafCount(blob.bytes);
  const leaves = await store.leaves(blob.hash);
  if (leaves.length < count) return undefined;
  const stored = count === 1 ? new Uint8Array(0) : await store.list(blob.hash);
  const list = stored && (await checkLeaves(platform, blob, stored).catch(() => undefined));
  if (!list) {
    await store.drop(blob.hash);
    return undefined;
  }
  let whole = true;
  for (const { n, data } of leaves) {
    if (await isLeaf(platform, list, n, data)) continue;
    whole = false;
    await store.dropLeaf(blob.hash, n);
  }
  return whole ? concat(leaves.map(({ data }) => data)) : undefined;
};
