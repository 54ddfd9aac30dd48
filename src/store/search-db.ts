import type { StoredPart } from '../core/search/text-index.ts';
import { SEARCH_DB } from './replaceable.ts';

/**
 * The search index, kept across restarts. Made from what `relais-library` holds, so that it may go at any time, and has no upgrades: what an
 * older app left is dropped. Without `idb`: this is in the file that comes with the first search, and `idb` is in the engine's.
 */
const BYTES = 'bytes';
const META = 'meta';

interface MetaRecord {
  readonly version: string;
  readonly parts: readonly { readonly id: string; readonly gone: readonly number[] }[];
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** So long, in milliseconds, a database may take to open: another page that holds it must not hold up a question. */
const OPEN_MS = 3_000;

const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });

/**
 * Invariants: the list of parts and their bytes change in one transaction; no connection stays open between two calls, so that nobody who
 * forgets the library has to wait.
 */
export class SearchDb {
  readonly #name: string;
  constructor(name = SEARCH_DB) {
    this.#name = name;
  }

  async #open(): Promise<IDBDatabase> {
    const request = indexedDB.open(this.#name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(BYTES);
      request.result.createObjectStore(META);
    };
    let isLate = false;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        isLate = true;
        reject(new DOMException('open', 'TimeoutError'));
      }, OPEN_MS);
      request.onsuccess = () => {
        clearTimeout(timer);
        const database = request.result;
        database.onversionchange = () => database.close();
        if (isLate) database.close();
        else resolve(database);
      };
      request.onerror = () => {
        clearTimeout(timer);
        reject(request.error);
      };
    });
  }

  /** What was stored as `version`; nothing where it was another, or something is missing. */
  async load(version: string): Promise<readonly StoredPart[]> {
    const database = await this.#open();
    try {
      const transaction = database.transaction([BYTES, META]);
      const meta: MetaRecord | undefined = await done(transaction.objectStore(META).get('index'));
      if (meta?.version !== version) return [];
      const bytes = transaction.objectStore(BYTES);
      const parts: StoredPart[] = [];
      for (const { id, gone } of meta.parts) {
        const stored: unknown = await done(bytes.get(id));
        if (!(stored instanceof Uint8Array)) return [];
        parts.push({ id, gone, bytes: stored as Uint8Array<ArrayBuffer> });
      }
      return parts;
    } finally {
      database.close();
    }
  }

  /** Stores parts instead of what was there; bytes that are there already are not written again. Rejects where the disk is full. */
  async save(version: string, parts: readonly StoredPart[]): Promise<void> {
    const database = await this.#open();
    try {
      const transaction = database.transaction([BYTES, META], 'readwrite');
      const end = committed(transaction);
      const bytes = transaction.objectStore(BYTES);
      const ids = new Set(parts.map(({ id }) => id));
      const there = new Set<IDBValidKey>(await done(bytes.getAllKeys()));
      for (const id of there) if (!ids.has(String(id))) bytes.delete(id);
      for (const part of parts) if (!there.has(part.id)) bytes.put(part.bytes, part.id);
      const meta: MetaRecord = { version, parts: parts.map(({ id, gone }) => ({ id, gone })) };
      transaction.objectStore(META).put(meta, 'index');
      await end;
    } finally {
      database.close();
    }
  }
}
