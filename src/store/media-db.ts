import type { Dexie, Table } from 'dexie';
import { RelaisError } from '../core/errors.ts';
import type { BlobRef } from '../core/protocol/item.ts';
import { LEAF } from '../core/protocol/media.ts';
import type { BlobReader, BlobStore, LeafTail } from '../core/sync/ports.ts';
import { cacheOf, leafUrl, type MediaPlace } from './leaf-cache.ts';
import { MEDIA_DB } from './replaceable.ts';

interface BlobRecord {
  readonly hash: string;
  /** The verified list of leaves; absent where the whole is one. */
  readonly list?: Uint8Array;
  /** The beginning of a leaf, as far as it came. */
  readonly tail?: LeafTail;
  /** What comes of it is to be kept. Whether what has come is kept, say its leaves. */
  readonly kept?: true;
  /** The person took it away: it does not come back by itself. */
  readonly dropped?: true;
}

/** 16 KiB at most. */
interface LeafRecord {
  readonly hash: string;
  readonly n: number;
  /** The cache that has its bytes. */
  readonly in?: MediaPlace;
  /** Its bytes, as version 1 stored them, when nobody could say what they keep: it counts as kept. */
  readonly data?: Uint8Array;
}

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
  readonly db: Dexie;
  readonly #blobs: Table<BlobRecord, string>;
  readonly #leaves: Table<LeafRecord, [string, number]>;

  /** Dexie is handed in: it is in the engine's file, and this comes later. */
  constructor(Database: typeof Dexie, name = MEDIA_DB) {
    this.db = new Database(name, { cache: 'disabled' });
    this.db.version(1).stores({ blobs: '&hash', leaves: '&[hash+n], hash' });
    this.db.version(2).stores({ leaves: '&[hash+n], hash, [hash+in]' });
    this.#blobs = this.db.table('blobs');
    this.#leaves = this.db.table('leaves');
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
      tail: async (hash) => (await this.#blobs.get(hash))?.tail,
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
    const at = (await this.#blobs.get(hash))?.kept ? 'kept' : place;
    await put(at, leafUrl(hash, n), data);
    const isWanted = await this.db.transaction('rw', this.#blobs, this.#leaves, async () => {
      if ((await this.#blobs.get(hash))?.dropped) return false;
      await this.#leaves.put({ hash, n, in: at });
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
    for (const { n, in: place } of await this.#leaves.where({ hash }).toArray()) {
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
      await this.#leaves.put({ hash, n, in: 'kept' });
    }
  }

  /** Takes a blob away because the person wants it so: it is not fetched again before they ask for it. */
  async refuse(hash: string): Promise<void> {
    await this.#blobs.put({ hash, dropped: true });
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
    await (kept ? this.#blobs.put({ hash, kept }) : this.#blobs.delete(hash));
  }

  /** Nothing names it any more. */
  async forget(hash: string): Promise<void> {
    await this.#erase(hash);
    await this.#blobs.delete(hash);
  }

  async dropLeaf(hash: string, n: number): Promise<void> {
    const leaf = await this.#leaves.get([hash, n]);
    if (leaf?.in) await remove(leaf.in, leafUrl(hash, n));
    await this.#leaves.delete([hash, n]);
  }

  /** Every blob of which something is known. */
  async hashes(): Promise<readonly string[]> {
    const [blobs, leaves] = await Promise.all([
      this.#blobs.toCollection().primaryKeys(),
      this.#leaves.orderBy('hash').uniqueKeys(),
    ]);
    return [...new Set([...blobs, ...(leaves as string[])])];
  }

  /** Bytes of all that is here, to a leaf. */
  async size(): Promise<number> {
    return LEAF * (await this.#leaves.count());
  }

  /** What is here of every blob of which something is known. For a live query; no bytes are read. */
  async survey(): Promise<ReadonlyMap<string, Stored>> {
    const [blobs, leaves, places] = await Promise.all([
      this.#blobs.toArray(),
      this.#leaves.toCollection().primaryKeys(),
      this.#leaves.orderBy('[hash+in]').keys(),
    ]);
    const known = new Map<string, Stored>(
      blobs.map(({ hash, kept = false, dropped = false }) => [hash, { leaves: 0, kept, dropped }]),
    );
    for (const [hash] of leaves) {
      const { leaves: before, dropped } = known.get(hash) ?? { leaves: 0, dropped: false };
      if (!dropped) known.set(hash, { leaves: before + 1, kept: true, dropped });
    }
    for (const [hash, place] of places as unknown as readonly (readonly [string, MediaPlace])[]) {
      const one = known.get(hash);
      if (one && place !== 'kept') known.set(hash, { ...one, kept: false });
    }
    return known;
  }

  /** All of it goes. */
  async clear(): Promise<void> {
    for (const hash of await this.hashes()) await this.forget(hash);
  }

  /** For a live query: awaits Dexie's own promises, directly. */
  async look(hash: string): Promise<Stored> {
    const [blob, leaves, loose] = await Promise.all([
      this.#blobs.get(hash),
      this.#leaves.where({ hash }).count(),
      this.#leaves.where('[hash+in]').anyOf([hash, 'pictures'], [hash, 'recordings']).count(),
    ]);
    const { kept = false, dropped = false } = blob ?? {};
    // Leaves of what was taken away may be there for a moment.
    return { leaves: dropped ? 0 : leaves, kept: loose === 0 && (leaves > 0 || kept), dropped };
  }

  async list(hash: string): Promise<Uint8Array | undefined> {
    return (await this.#blobs.get(hash))?.list;
  }

  async leaves(hash: string): Promise<readonly { readonly n: number; readonly data: Uint8Array }[]> {
    const found: { n: number; data: Uint8Array }[] = [];
    for (const leaf of await this.#leaves.where({ hash }).sortBy('n')) {
      const { n } = leaf;
      // Another page may just be moving it to what is kept.
      const data = (await bytesOf(leaf)) ?? (await bytesOf(await this.#leaves.get([hash, n])));
      if (data) found.push({ n, data });
      else await this.#lose(hash, n, leaf.in);
    }
    return found;
  }

  /** The bytes of a leaf are not where they should be; unless another page has just put them in another place. */
  async #lose(hash: string, n: number, place: MediaPlace | undefined): Promise<void> {
    const ofLeaf = this.#leaves.where('[hash+n]').equals([hash, n]);
    await ofLeaf.and((leaf) => leaf.in === place).delete();
  }

  async #stored(hash: string): Promise<readonly number[]> {
    const keys = await this.#leaves.where({ hash }).primaryKeys();
    return keys.map(([, n]) => n).sort((a, b) => a - b);
  }

  /** The bytes go first: a record whose bytes went is missed one day, bytes without a record never. */
  async #erase(hash: string): Promise<void> {
    const leaves = await this.#leaves.where({ hash }).toArray();
    for (const { n, in: place } of leaves) if (place) await remove(place, leafUrl(hash, n));
    await this.#leaves.where({ hash }).delete();
  }

  /** Changes what is known of a blob; undefined: it stays as it is. */
  async #change(hash: string, change: (blob: BlobRecord) => BlobRecord | undefined): Promise<void> {
    await this.db.transaction('rw', this.#blobs, async () => {
      const next = change((await this.#blobs.get(hash)) ?? { hash });
      if (next) await this.#blobs.put(next);
    });
  }
}
