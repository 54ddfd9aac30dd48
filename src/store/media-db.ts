import { RelaisError } from '../core/errors.ts';
import type { BlobRef } from '../core/protocol/item.ts';
import { LEAF } from '../core/protocol/media.ts';
import type { BlobReader, BlobStore } from '../core/sync/ports.ts';
import type { Database, Writing } from './database.ts';
import { under } from './keys.ts';
import { cacheOf, leafUrl, type MediaPlace } from './leaf-cache.ts';
import {
  ANY_BLOB,
  type BlobRecord,
  type LeafRecord,
  MEDIA_STEPS,
  MEDIA_STORES,
  type MediaSchema,
} from './media-schema.ts';
import { MEDIA_DB } from './replaceable.ts';

/** What is on the device of one blob. */
export interface Stored {
  readonly leaves: number;
  /** All of them stay until the person takes them away. */
  readonly kept: boolean;
  /** The person took it away. */
  readonly dropped: boolean;
}

/** Throws what the browser says where the device is full, and `storage` where the bytes cannot be stored for another reason. */
const put = async (place: MediaPlace, url: string, bytes: Uint8Array): Promise<void> => {
  try {
    const cache = await caches.open(cacheOf(place));
    await cache.put(url, new Response(bytes as Uint8Array<ArrayBuffer>));
  } catch (error) {
    if (error instanceof DOMException && /quota/i.test(error.name)) throw error;
    throw new RelaisError('storage', { what: 'cache', error: String(error) });
  }
};

/** Without making a cache that is not there: a full device has no room for one. */
const bytesIn = async (place: MediaPlace, url: string): Promise<Uint8Array | undefined> => {
  const stored = await caches.match(url, { cacheName: cacheOf(place) });
  return stored && new Uint8Array(await stored.arrayBuffer());
};

const bytesOf = async (leaf: LeafRecord | undefined): Promise<Uint8Array | undefined> =>
  leaf?.data ?? (leaf?.in && (await bytesIn(leaf.in, leafUrl(leaf.hash, leaf.n))));

const remove = async (place: MediaPlace, url: string): Promise<void> => {
  if (await caches.has(cacheOf(place))) await (await caches.open(cacheOf(place))).delete(url);
};

/**
 * Pictures and recordings, all of which can be fetched again: their bytes in caches (see `MediaPlace`), what is known of them in a database.
 * See docs/house.md for what a change of its schema has to bring along.
 *
 * Invariants: a leaf has a record only once its bytes are stored; a record whose bytes went is removed when they are missed.
 */
export class MediaDb implements BlobReader {
  readonly db: Database<MediaSchema>;

  /** The class is handed in: it is in the engine's file, and this comes later. */
  constructor(Base: typeof Database, name = MEDIA_DB) {
    this.db = new Base(name, MEDIA_STEPS);
  }

  /** Where what comes of a blob goes. */
  async home({ hash, type }: BlobRef): Promise<BlobStore> {
    if ((await this.look(hash)).kept) return this.into('kept');
    return this.into(type.startsWith('audio') ? 'recordings' : 'pictures');
  }

  /** This store, where the bytes of new leaves go to one place. */
  into(place: MediaPlace): BlobStore {
    return {
      list: (hash) => this.list(hash),
      saveList: (hash, list) => this.#change(hash, (blob) => ({ ...blob, list })),
      stored: (hash) => this.#stored(hash),
      leaves: (hash) => this.leaves(hash),
      saveLeaf: (hash, n, data) => this.#saveLeaf(place, hash, n, data),
      tail: async (hash) => (await this.db.get('blobs', hash))?.tail,
      saveTail: (hash, tail) =>
        this.#change(hash, ({ tail: before, ...blob }) => {
          if (tail.data.length > 0) return { ...blob, tail };
          return before ? blob : undefined;
        }),
      dropLeaf: (hash, n) => this.dropLeaf(hash, n),
      drop: (hash) => this.drop(hash),
      hashes: () => this.hashes(),
    };
  }

  async #saveLeaf(place: MediaPlace, hash: string, n: number, data: Uint8Array): Promise<void> {
    // Kept since the fetch began, maybe by another page.
    const at = (await this.db.get('blobs', hash))?.kept ? 'kept' : place;
    await put(at, leafUrl(hash, n), data);
    const isWanted = await this.#write(hash, async (stores) => {
      if ((await stores('blobs').get(hash))?.dropped) return false;
      await stores('leaves').put({ hash, n, in: at });
      return true;
    });
    if (isWanted) return;
    // Taken away meanwhile, maybe in another page: it is not to come back, and whoever fetches it is to stop.
    await remove(at, leafUrl(hash, n));
    throw new RelaisError('not-found', { what: 'dropped', hash });
  }

  /** The person keeps it here: what has come of it, and what will come. */
  async keep(hash: string): Promise<void> {
    await this.#change(hash, ({ dropped: _, ...blob }) => (blob.kept ? undefined : { ...blob, kept: true }));
    for (const { n, in: place } of await this.#leavesOf(hash)) {
      if (!place || place === 'kept') continue;
      const url = leafUrl(hash, n);
      const bytes = await bytesIn(place, url);
      if (!bytes) {
        await this.#lose(hash, n, place);
        continue;
      }
      // Gone before it is there again: a full device has no room for two of it.
      await remove(place, url);
      try {
        await put('kept', url, bytes);
      } catch (error) {
        await put(place, url, bytes).catch(() => {});
        throw error;
      }
      await this.#write(hash, (at) => at('leaves').put({ hash, n, in: 'kept' }));
    }
  }

  /** Takes a blob away because the person wants it so: it is not fetched again before they ask for it. */
  async refuse(hash: string): Promise<void> {
    await this.#write(hash, (at) => at('blobs').put({ hash, dropped: true }));
    await this.#erase(hash);
  }

  /** The person asks for it. */
  want(hash: string): Promise<void> {
    return this.#change(hash, ({ dropped, ...blob }) => (dropped ? blob : undefined));
  }

  /** All of it goes. It is still to be kept once it comes again, if it was. */
  async drop(hash: string): Promise<void> {
    const { kept } = await this.look(hash);
    await this.#erase(hash);
    await this.#write<unknown>(hash, (at) => (kept ? at('blobs').put({ hash, kept }) : at('blobs').delete(hash)));
  }

  /** Nothing names it any more. */
  async forget(hash: string): Promise<void> {
    await this.#erase(hash);
    await this.#write(hash, (at) => at('blobs').delete(hash));
  }

  async dropLeaf(hash: string, n: number): Promise<void> {
    const leaf = await this.db.get('leaves', [hash, n]);
    if (leaf?.in) await remove(leaf.in, leafUrl(hash, n));
    await this.#write(hash, (at) => at('leaves').delete([hash, n]));
  }

  /** Every blob of which something is known. */
  async hashes(): Promise<readonly string[]> {
    const [blobs, leaves] = await this.db.read(MEDIA_STORES, (at) =>
      Promise.all([at('blobs').getAllKeys(), at('leaves').getAllKeys()]),
    );
    return [...new Set([...blobs, ...leaves.map(([hash]) => hash)])];
  }

  /** Bytes of all that is here, to a leaf. */
  async size(): Promise<number> {
    return LEAF * (await this.db.read(['leaves'], (at) => at('leaves').count()));
  }

  /** What is here of every blob of which something is known. For a live query; no bytes are read. */
  async survey(): Promise<ReadonlyMap<string, Stored>> {
    const [blobs, leaves, places] = await this.db.read(
      MEDIA_STORES,
      async (at) => {
        const all = await Promise.all([at('blobs').getAll(), at('leaves').getAllKeys()]);
        const keys: (readonly [string, MediaPlace])[] = [];
        // Each once, without the records: those of an older app have the bytes in them.
        let cursor = await at('leaves').index('[hash+in]').openKeyCursor(null, 'nextunique');
        for (; cursor; cursor = await cursor.continue()) keys.push(cursor.key);
        return [...all, keys] as const;
      },
      [ANY_BLOB],
    );
    const known = new Map<string, Stored>(
      blobs.map(({ hash, kept = false, dropped = false }) => [hash, { leaves: 0, kept, dropped }]),
    );
    for (const [hash] of leaves) {
      const { leaves: before, dropped } = known.get(hash) ?? { leaves: 0, dropped: false };
      if (!dropped) known.set(hash, { leaves: before + 1, kept: true, dropped });
    }
    for (const [hash, place] of places) {
      const one = known.get(hash);
      if (one && place !== 'kept') known.set(hash, { ...one, kept: false });
    }
    return known;
  }

  /** All of it goes. */
  async clear(): Promise<void> {
    for (const hash of await this.hashes()) await this.forget(hash);
  }

  /** For a live query. */
  async look(hash: string): Promise<Stored> {
    const [blob, leaves, ...loose] = await this.db.read(
      MEDIA_STORES,
      (at) => {
        const places = at('leaves').index('[hash+in]');
        return Promise.all([
          at('blobs').get(hash),
          at('leaves').count(under(hash)),
          places.count([hash, 'pictures']),
          places.count([hash, 'recordings']),
        ]);
      },
      [hash],
    );
    const { kept = false, dropped = false } = blob ?? {};
    // Leaves of what was taken away may be there for a moment.
    return { leaves: dropped ? 0 : leaves, kept: loose.every((count) => count === 0) && (leaves > 0 || kept), dropped };
  }

  async list(hash: string): Promise<Uint8Array | undefined> {
    return (await this.db.get('blobs', hash))?.list;
  }

  async leaves(hash: string): Promise<readonly { readonly n: number; readonly data: Uint8Array }[]> {
    const found: { n: number; data: Uint8Array }[] = [];
    for (const leaf of await this.#leavesOf(hash)) {
      const { n } = leaf;
      // Another page may just be moving it to what is kept.
      const data = (await bytesOf(leaf)) ?? (await bytesOf(await this.db.get('leaves', [hash, n])));
      if (data) found.push({ n, data });
      else await this.#lose(hash, n, leaf.in);
    }
    return found;
  }

  /** The bytes of a leaf are not where they should be; unless another page has just put them in another place. */
  async #lose(hash: string, n: number, place: MediaPlace | undefined): Promise<void> {
    await this.#write(hash, async (at) => {
      if ((await at('leaves').get([hash, n]))?.in === place) await at('leaves').delete([hash, n]);
    });
  }

  async #stored(hash: string): Promise<readonly number[]> {
    const keys = await this.db.read(['leaves'], (at) => at('leaves').getAllKeys(under(hash)));
    return keys.map(([, n]) => n);
  }

  /** The bytes go first: a record whose bytes went is missed one day, bytes without a record never. */
  async #erase(hash: string): Promise<void> {
    for (const { n, in: place } of await this.#leavesOf(hash)) if (place) await remove(place, leafUrl(hash, n));
    await this.#write(hash, (at) => at('leaves').delete(under(hash)));
  }

  /** Changes what is known of a blob; undefined: it stays as it is. */
  async #change(hash: string, change: (blob: BlobRecord) => BlobRecord | undefined): Promise<void> {
    await this.#write(hash, async (at) => {
      const next = change((await at('blobs').get(hash)) ?? { hash });
      if (next) await at('blobs').put(next);
    });
  }

  /** In their order. */
  #leavesOf(hash: string): Promise<LeafRecord[]> {
    return this.db.all('leaves', under(hash));
  }

  /** Writes what is known of one blob. */
  #write<T>(hash: string, work: (at: Writing<MediaSchema, 'blobs' | 'leaves'>) => Promise<T>): Promise<T> {
    return this.db.write(MEDIA_STORES, work, [hash, ANY_BLOB]);
  }
}
