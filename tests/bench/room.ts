import { Device } from '../support/device.ts';
import { startHub } from '../support/hub.ts';

/**
 * `npm run bench:room`: how soon a full origin can write again after pictures and recordings were removed from where they are stored. The
 * rivals: leaves in a database of their own whose records are deleted, the same database deleted as a whole, and a cache.
 */

const LEAF = 16_384;
/** Leaves that are removed: 24 MB. */
const COUNT = 1_500;
/** An answer with its envelope. */
const ANSWER = 1_500;
/** What the full origin has less room than: half of what is removed has to come back. */
const SLACK = (COUNT * LEAF) / 2;
const GIVE_UP_MS = 10_000;
const RUNS = 3;

type Store = 'records deleted' | 'database deleted' | 'cache';

interface Measured {
  readonly store: Store;
  /** Bytes that the origin was counted with per byte stored. */
  readonly weight: number;
  /** Milliseconds to remove it all, and from then until an answer was written; undefined: not within `GIVE_UP_MS`. */
  readonly removeMs: number;
  readonly writeMs: number | undefined;
}

/** In the page. */
const fill = async ({ store, count, leaf }: { store: Store; count: number; leaf: number }): Promise<number[]> => {
  const used = async (): Promise<number> => (await navigator.storage.estimate()).usage ?? 0;
  const opened = (name: string): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const opening = indexedDB.open(name, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('rows');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
  (await opened('bench-answers')).close();
  const before = await used();
  const bytes = (): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(leaf));
  if (store === 'cache') {
    const cache = await caches.open('bench');
    for (let n = 0; n < count; n++) await cache.put(`/bench?leaf=${n}`, new Response(bytes()));
  } else {
    const database = await opened('bench');
    for (let n = 0; n < count; n++) {
      const transaction = database.transaction('rows', 'readwrite');
      transaction.objectStore('rows').put(bytes(), n);
      await new Promise((resolve) => transaction.addEventListener('complete', resolve));
    }
    database.close();
  }
  return [before, await used()];
};

/** In the page: `wasFull` is whether an answer found no room before anything was removed. */
const empty = async ({ store, answer, giveUp }: { store: Store; answer: number; giveUp: number }) => {
  const opened = (name: string): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const opening = indexedDB.open(name, 1);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
  const write = async (): Promise<boolean> => {
    const database = await opened('bench-answers');
    const transaction = database.transaction('rows', 'readwrite', { durability: 'strict' });
    transaction.objectStore('rows').put(new Uint8Array(answer), Math.random());
    const isWritten = await new Promise<boolean>((resolve) => {
      transaction.addEventListener('complete', () => resolve(true));
      transaction.addEventListener('abort', () => resolve(false));
    });
    database.close();
    return isWritten;
  };
  const wasFull = !(await write());
  const began = performance.now();
  if (store === 'cache') {
    const cache = await caches.open('bench');
    for (const key of await cache.keys()) await cache.delete(key);
  } else if (store === 'database deleted') {
    await new Promise((resolve) => {
      indexedDB.deleteDatabase('bench').onsuccess = resolve;
    });
  } else {
    const database = await opened('bench');
    const transaction = database.transaction('rows', 'readwrite');
    transaction.objectStore('rows').clear();
    await new Promise((resolve) => transaction.addEventListener('complete', resolve));
    database.close();
  }
  const removed = performance.now();
  let isWritten = await write();
  while (!isWritten && performance.now() - removed < giveUp) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    isWritten = await write();
  }
  return { wasFull, removeMs: removed - began, writeMs: isWritten ? performance.now() - removed : undefined };
};

const measure = async (url: string, store: Store): Promise<Measured> => {
  const device = new Device();
  try {
    const page = await device.start();
    await page.goto(`${url}/fr/akashganga`);
    // The app's own files have come.
    await page.waitForSelector('html[data-offline=ready]', { state: 'attached' });
    await page.waitForTimeout(3_000);
    const [before = 0, after = 0] = await page.evaluate(fill, { store, count: COUNT, leaf: LEAF });
    const session = await page.context().newCDPSession(page);
    const quotaSize = before + SLACK;
    await session.send('Storage.overrideQuotaForOrigin', { origin: url, quotaSize });
    // Chromium remembers free space as long as a database is open.
    await page.goto('about:blank');
    await page.waitForTimeout(4_000);
    await page.goto(`${url}/fr/akashganga`);
    const { wasFull, removeMs, writeMs } = await page.evaluate(empty, { store, answer: ANSWER, giveUp: GIVE_UP_MS });
    if (!wasFull) throw new Error(`${store}: the origin was not full`);
    return { store, weight: (after - before) / (COUNT * LEAF), removeMs, writeMs };
  } finally {
    await device.remove();
  }
};

const hub = await startHub();
try {
  for (const store of ['records deleted', 'database deleted', 'cache'] as const)
    for (let run = 1; run <= RUNS; run++) {
      const { weight, removeMs, writeMs } = await measure(hub.url, store);
      const again = writeMs === undefined ? `not within ${GIVE_UP_MS} ms` : `after ${Math.round(writeMs)} ms`;
      console.log(
        `${store}, run ${run}: ${weight.toFixed(2)} bytes a byte stored; removed in ${Math.round(removeMs)} ms; an answer finds room ${again}`,
      );
    }
} finally {
  await hub.remove();
}
