import { Dexie, type Table } from 'dexie';
import { fromUtf8, utf8 } from '../../../src/core/protocol/bytes.ts';
import type { Row } from '../../../src/core/protocol/catalogue.ts';
import { LibraryDb } from '../../../src/store/library-db.ts';

/** In the page: our store beside Dexie with one record an item, and beside IndexedDB alone. `store.ts` bundles it and calls it. */

const SHELF = 'fr';
const OURS = 'bench-ours';
const RAW = 'bench-raw';

/** What the page gets: rows and canonical bodies as text, and the rows in their buckets. */
export interface Fixture {
  readonly hash: string;
  readonly items: readonly { readonly row: Row; readonly body: string }[];
  readonly buckets: readonly (readonly [number, readonly Row[]])[];
}

interface Loaded {
  readonly hash: string;
  readonly put: readonly { readonly row: Row; readonly body: Uint8Array }[];
  readonly buckets: ReadonlyMap<number, readonly Row[]>;
}

/** What most would write. */
class Plain extends Dexie {
  declare docs: Table<object, string>;
  constructor(name: string) {
    super(name, { cache: 'disabled' });
    this.version(1).stores({ docs: '&id, lang' });
  }
}

const removed = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });

let loaded: Loaded | undefined;
const load = async (): Promise<Loaded> => {
  if (loaded) return loaded;
  const { hash, items, buckets } = (await (await fetch('/fixture.json')).json()) as Fixture;
  loaded = { hash, put: items.map(({ row, body }) => ({ row, body: utf8(body) })), buckets: new Map(buckets) };
  return loaded;
};

const timed = async (work: () => PromiseLike<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/** Milliseconds to put all items into a fresh store of ours, which stays. */
const importOurs = async (): Promise<number> => {
  const { hash, put, buckets } = await load();
  await removed(OURS);
  const database = new LibraryDb(OURS);
  await database.open();
  const ms = await timed(() => database.commitShelf({ shelf: SHELF, baseSeq: 1, hash, buckets, put, remove: [] }));
  const count = [...(await database.bodies(SHELF)).keys()].length;
  database.close();
  if (count !== put.length) throw new Error(`${count} of ${put.length} items were stored`);
  return ms;
};

/** The same with `bulkPut`, parsed, one record each. */
const importDexie = async (): Promise<number> => {
  const { put } = await load();
  const name = 'bench-dexie';
  await removed(name);
  const database = new Plain(name);
  await database.open();
  const ms = await timed(() => database.docs.bulkPut(put.map(({ body }) => JSON.parse(fromUtf8(body)) as object)));
  const count = await database.docs.count();
  database.close();
  await removed(name);
  if (count !== put.length) throw new Error(`${count} of ${put.length} records were stored`);
  return ms;
};

const opened = (onNew?: (database: IDBDatabase) => void): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(RAW, 1);
    request.onupgradeneeded = () => onNew?.(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** One record an item, in IndexedDB alone: what a cold open is compared with. */
const fillRaw = async (): Promise<void> => {
  const { put } = await load();
  const database = await opened((fresh) => fresh.createObjectStore('docs'));
  const transaction = database.transaction('docs', 'readwrite');
  for (const { row, body } of put) transaction.objectStore('docs').put(JSON.parse(fromUtf8(body)), row.id);
  await new Promise((resolve) => transaction.addEventListener('complete', resolve));
  database.close();
};

/** Milliseconds until an item can be read of a database that nobody has opened since the browser started. */
const readOurs = (id: string): Promise<number> =>
  timed(async () => {
    const database = new LibraryDb(OURS);
    await database.open();
    if (!(await database.item(SHELF, id))) throw new Error(`${id} is not there`);
  });

const readRaw = (id: string): Promise<number> =>
  timed(async () => {
    const database = await opened();
    const request = database.transaction('docs').objectStore('docs').get(id);
    await new Promise((resolve) => request.addEventListener('success', resolve));
    if (!request.result) throw new Error(`${id} is not there`);
  });

const bench = { importOurs, importDexie, fillRaw, readOurs, readRaw };
export type StoreBench = typeof bench;
Object.assign(globalThis, { bench });
