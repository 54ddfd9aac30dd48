import { fromBase64, toBase64 } from '../../src/core/protocol/bytes.ts';

/** An IndexedDB database as JSON, and back. Knows none of our code: a fixture has to be what the browser of that day had. */

interface DumpedIndex {
  readonly name: string;
  readonly keyPath: string | string[];
  readonly unique: boolean;
  readonly multiEntry: boolean;
}

interface DumpedStore {
  readonly keyPath: string | string[] | null;
  readonly autoIncrement: boolean;
  readonly indexes: readonly DumpedIndex[];
}

export interface Schema {
  /** IndexedDB's own: ten times the number of steps. */
  readonly version: number;
  readonly stores: Readonly<Record<string, DumpedStore>>;
}

export interface Dump extends Schema {
  readonly name: string;
  /** Rows by store; bytes as `{"$bytes": base64}`. */
  readonly rows: Readonly<Record<string, readonly unknown[]>>;
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const ended = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

export const schemaOf = (database: IDBDatabase): Schema => {
  const stores: Record<string, DumpedStore> = {};
  const names = [...database.objectStoreNames];
  const transaction = database.transaction(names);
  for (const name of names) {
    const store = transaction.objectStore(name);
    const indexes = [...store.indexNames].map((index): DumpedIndex => {
      const { keyPath, unique, multiEntry } = store.index(index);
      return { name: index, keyPath, unique, multiEntry };
    });
    stores[name] = { keyPath: store.keyPath, autoIncrement: store.autoIncrement, indexes };
  }
  return { version: database.version, stores };
};

const toJson = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toJson(one)]));
};

/** The rows of a dump as they were. */
export const fromJson = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value;
  if ('$bytes' in value) return fromBase64(String(value.$bytes));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fromJson(one)]));
};

export const dumpOf = async (database: IDBDatabase, name: string): Promise<Dump> => {
  const rows: Record<string, unknown[]> = {};
  const transaction = database.transaction([...database.objectStoreNames]);
  for (const store of database.objectStoreNames) {
    rows[store] = (await done(transaction.objectStore(store).getAll())).map(toJson);
  }
  return { name, ...schemaOf(database), rows };
};

/** Makes a database as the dump has it, under another name. */
export const loadDump = async (dump: Dump, name: string): Promise<void> => {
  const opening = indexedDB.open(name, dump.version);
  opening.onupgradeneeded = () => {
    for (const [store, { keyPath, autoIncrement, indexes }] of Object.entries(dump.stores)) {
      const made = opening.result.createObjectStore(store, { keyPath, autoIncrement });
      for (const index of indexes) {
        const { unique, multiEntry } = index;
        made.createIndex(index.name, index.keyPath, { unique, multiEntry });
      }
    }
  };
  const database = await done(opening);
  try {
    const transaction = database.transaction(Object.keys(dump.stores), 'readwrite');
    for (const [store, rows] of Object.entries(dump.rows)) {
      for (const row of rows) transaction.objectStore(store).add(fromJson(row));
    }
    await ended(transaction);
  } finally {
    database.close();
  }
};
