import type { DBSchema } from 'idb';
import type { LeafTail } from '../core/sync/ports.ts';
import type { Step } from './database.ts';
import type { MediaPlace } from './leaf-cache.ts';

/** What the stores of the database of pictures and recordings hold, and how they came to be. */

export interface BlobRecord {
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
export interface LeafRecord {
  readonly hash: string;
  readonly n: number;
  /** The cache that has its bytes. */
  readonly in?: MediaPlace;
  /** Its bytes, as version 1 stored them, when nobody could say what they keep: it counts as kept. */
  readonly data?: Uint8Array;
}

export interface MediaSchema extends DBSchema {
  blobs: { key: string; value: BlobRecord };
  leaves: {
    key: [hash: string, n: number];
    value: LeafRecord;
    indexes: { hash: string; '[hash+in]': [hash: string, place: MediaPlace] };
  };
}

export const MEDIA_STEPS: readonly Step<MediaSchema>[] = [
  (database) => {
    database.createObjectStore('blobs', { keyPath: 'hash' });
    database.createObjectStore('leaves', { keyPath: ['hash', 'n'] }).createIndex('hash', 'hash');
  },
  (_, transaction) => transaction.objectStore('leaves').createIndex('[hash+in]', ['hash', 'in']),
];

/** All stores. */
export const MEDIA_STORES = ['blobs', 'leaves'] as const;

/** What changes whenever any blob does; a blob's own topic is its hash. */
export const ANY_BLOB = 'any';
