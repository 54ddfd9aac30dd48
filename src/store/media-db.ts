import type { Dexie, Table } from 'dexie';
import { LEAF } from '../core/protocol/media.ts';
import type { BlobStore, LeafTail } from '../core/sync/ports.ts';
import { MEDIA_DB } from './replaceable.ts';

/**
 * Pictures and recordings, in a database of their own: it grows with what a person keeps, and can be fetched again as a whole.
 * See docs/house.md for what a change of this schema has to bring along.
 */
interface BlobRecord {
  readonly hash: string;
  /** The verified list of leaves; absent where the whole is one. */
  readonly list?: Uint8Array;
  /** The beginning of a leaf, as far as it came. */
  readonly tail?: LeafTail;
  /** The person took it away: it does not come back by itself. */
  readonly dropped?: true;
}

/** 16 KiB at most: a record that a full device can still write. */
interface LeafRecord {
  readonly hash: string;
  readonly n: number;
  readonly data: Uint8Array;
}

/** What is on the device of one blob. */
export interface Stored {
  readonly leaves: number;
  /** The person took it away. */
  readonly dropped: boolean;
}

/** Dexie is handed in: it is in the engine's file, and this comes later. */
export class MediaDb implements BlobStore {
  readonly db: Dexie;
  readonly #blobs: Table<BlobRecord, string>;
  readonly #leaves: Table<LeafRecord, [string, number]>;

  constructor(Database: typeof Dexie, name = MEDIA_DB) {
    this.db = new Database(name, { cache: 'disabled' });
    this.db.version(1).stores({ blobs: '&hash', leaves: '&[hash+n], hash' });
    this.#blobs = this.db.table('blobs');
    this.#leaves = this.db.table('leaves');
  }

  async list(hash: string): Promise<Uint8Array | undefined> {
    return (await this.#blobs.get(hash))?.list;
  }

  async saveList(hash: string, list: Uint8Array): Promise<void> {
    await this.#blobs.put({ hash, list });
  }

  async stored(hash: string): Promise<readonly number[]> {
    const keys = await this.#leaves.where({ hash }).primaryKeys();
    return keys.map(([, n]) => n).sort((a, b) => a - b);
  }

  async leaves(hash: string): Promise<readonly LeafRecord[]> {
    return this.#leaves.where({ hash }).sortBy('n');
  }

  async saveLeaf(hash: string, n: number, data: Uint8Array): Promise<void> {
    await this.#leaves.put({ hash, n, data });
  }

  async tail(hash: string): Promise<LeafTail | undefined> {
    return (await this.#blobs.get(hash))?.tail;
  }

  async saveTail(hash: string, tail: LeafTail): Promise<void> {
    await this.db.transaction('rw', this.#blobs, async () => {
      const { tail: before, ...blob } = (await this.#blobs.get(hash)) ?? { hash };
      if (tail.data.length > 0) await this.#blobs.put({ ...blob, tail });
      else if (before) await this.#blobs.put(blob);
    });
  }

  async dropLeaf(hash: string, n: number): Promise<void> {
    await this.#leaves.delete([hash, n]);
  }

  async drop(hash: string): Promise<void> {
    await this.db.transaction('rw', this.#blobs, this.#leaves, async () => {
      await this.#leaves.where({ hash }).delete();
      await this.#blobs.delete(hash);
    });
  }

  async hashes(): Promise<readonly string[]> {
    const [blobs, leaves] = await Promise.all([
      this.#blobs.toCollection().primaryKeys(),
      this.#leaves.orderBy('hash').uniqueKeys(),
    ]);
    return [...new Set([...blobs, ...(leaves as string[])])];
  }

  /** Takes a blob away because the person wants it so: it is not fetched again before they ask for it. */
  async refuse(hash: string): Promise<void> {
    await this.db.transaction('rw', this.#blobs, this.#leaves, async () => {
      await this.#leaves.where({ hash }).delete();
      await this.#blobs.put({ hash, dropped: true });
    });
  }

  /** The person asks for it. */
  async want(hash: string): Promise<void> {
    await this.db.transaction('rw', this.#blobs, async () => {
      if ((await this.#blobs.get(hash))?.dropped) await this.#blobs.delete(hash);
    });
  }

  /** Bytes of all that is here, to a leaf. */
  async size(): Promise<number> {
    return LEAF * (await this.#leaves.count());
  }

  /** For a live query: awaits Dexie's own promises, directly. */
  async look(hash: string): Promise<Stored> {
    const [blob, leaves] = await Promise.all([this.#blobs.get(hash), this.#leaves.where({ hash }).count()]);
    return { leaves, dropped: blob?.dropped ?? false };
  }
}
