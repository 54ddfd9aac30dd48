import { blobPath } from '../core/protocol/media.ts';

/**
 * Where bytes of pictures and recordings stand, by what they are to a person: heard, seen, or kept here. Each in a cache of its own, and not in a
 * database: Chromium gives the room of what is taken from a cache back at once, that of a database's records when it tidies up one day.
 */
export type MediaPlace = 'recordings' | 'pictures' | 'kept';
export const cacheOf = (place: MediaPlace): string => `relais-${place}`;

/** A leaf in its cache. No server is ever asked for it. */
export const leafUrl = (hash: string, n: number): string => `${blobPath(hash)}?leaf=${n}`;

const LEAF_URL = /\/([\w-]{43})\?leaf=(\d+)$/;

/** 8 MB: more than an answer or a text needs, and gone before a person wonders. */
const PORTION = 500;

type LeafKey = [hash: string, n: number];

/**
 * Takes the leaves that came first from a cache, which others may hold. Told first which these are, `forget` removes their records: what dies
 * in between leaves bytes that the next call finds. Returns whether there were any.
 */
export const dropOldest = async (
  place: MediaPlace,
  forget: (leaves: readonly LeafKey[]) => Promise<unknown>,
): Promise<boolean> => {
  if (!(await caches.has(cacheOf(place)))) return false;
  const cache = await caches.open(cacheOf(place));
  const oldest = (await cache.keys()).slice(0, PORTION);
  await forget(
    oldest.flatMap(({ url }): LeafKey[] => {
      const [, hash, n] = LEAF_URL.exec(url) ?? [];
      return hash === undefined ? [] : [[hash, Number(n)]];
    }),
  );
  // One by one: a cache that somebody holds keeps its room when it is deleted as a whole.
  for (const request of oldest) await cache.delete(request);
  return oldest.length > 0;
};
