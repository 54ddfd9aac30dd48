import type { DBSchema } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watch } from '../../src/store/changes.ts';
import { Database, type Step } from '../../src/store/database.ts';
import { freeze, freshName, inBrowser, nativeOf, removeDatabase, temporaryAnswers } from './databases.ts';
import { sampleSealed } from './samples.ts';
import writerUrl from './workers/writer.worker.ts?worker&url';

/** What all databases of a device have in common: opening, upgrading, transactions, and live queries. */

interface Wells extends DBSchema {
  wells: { key: string; value: { readonly id: string; readonly deep?: number }; indexes: { deep: number } };
  others: { key: string; value: { readonly id: string } };
}

const FIRST: Step<Wells> = (database) => {
  database.createObjectStore('wells', { keyPath: 'id' }).createIndex('deep', 'deep', { unique: true });
  database.createObjectStore('others', { keyPath: 'id' });
};

let name: string;
let db: Database<Wells>;
/** Every connection of a test. */
let made: Database<Wells>[];
const make = (steps: readonly Step<Wells>[] = [FIRST]): Database<Wells> => {
  const one = new Database<Wells>(name, steps);
  made.push(one);
  return one;
};
beforeEach(() => {
  name = freshName('database');
  made = [];
  db = make();
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const one of made) one.close();
  await removeDatabase(name);
});

const put = (id: string, deep?: number, at = db): Promise<unknown> =>
  at.write(['wells'], (stores) => stores('wells').put({ id, ...(deep !== undefined && { deep }) }));
const ids = async (at = db): Promise<string[]> => (await at.all('wells')).map(({ id }) => id);
const names = async () => (await indexedDB.databases()).map((one) => one.name);

describe('a transaction', () => {
  it('whose work throws leaves nothing behind, and throws that', async () => {
    await put('a');
    const mine = new Error('mine');
    const work = db.write(['wells', 'others'], async (at) => {
      await at('wells').put({ id: 'b' });
      await at('others').put({ id: 'c' });
      throw mine;
    });
    await expect(work).rejects.toBe(mine);
    expect([await ids(), await db.all('others')]).toEqual([['a'], []]);
  });

  it.each([true, false])('that the browser aborts says why, where that was awaited: %s', async (isAwaited) => {
    await put('a', 9);
    const work = db.write(['wells'], async (at) => {
      await at('wells').put({ id: 'b' });
      const failing = at('wells').add({ id: 'c', deep: 9 });
      if (isAwaited) await failing;
      else failing.catch(() => {});
    });
    await expect(work).rejects.toMatchObject({ name: 'ConstraintError' });
    expect(await ids()).toEqual(['a']);
  });

  it('that is aborted after its last write was not stored, and throws', async () => {
    const work = db.write(['wells'], async (at) => {
      await at('wells').put({ id: 'b' });
      (at('wells') as unknown as IDBObjectStore).transaction.abort();
    });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(await ids()).toEqual([]);
  });

  it('resolves once it is committed, not before', async () => {
    const events: string[] = [];
    const real = IDBDatabase.prototype.transaction;
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...rest) {
      const transaction = real.apply(this, rest);
      transaction.addEventListener('complete', () => events.push('complete'));
      return transaction;
    });
    await put('a');
    events.push('resolved');
    expect(events).toEqual(['complete', 'resolved']);
  });
});

describe('a connection', () => {
  it('that the browser closed without a word is opened again', async () => {
    await put('a');
    (await nativeOf(db)).close();
    await put('b');
    (await nativeOf(db)).close();
    expect(await ids()).toEqual(['a', 'b']);
  });

  it('that the browser says it lost is opened again', async () => {
    await put('a');
    const lost = await nativeOf(db);
    lost.dispatchEvent(new Event('close'));
    await put('b');
    expect(await nativeOf(db)).not.toBe(lost);
    expect(await ids()).toEqual(['a', 'b']);
  });

  it('is tried three times more where the browser fails to open it, and again at the next use', async () => {
    const broken = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('backing store', 'UnknownError');
    });
    await expect(put('a')).rejects.toMatchObject({ name: 'UnknownError' });
    expect(broken).toHaveBeenCalledTimes(4);
    broken.mockRestore();
    await put('a');
    expect(await ids()).toEqual(['a']);
  });

  it('lets another page upgrade or remove its database, and goes on with what that left', async () => {
    await put('a');
    const later = make([FIRST, (_, transaction) => transaction.objectStore('wells').put({ id: 'upgraded' })]);
    let blocked = 0;
    later.on('blocked', () => blocked++);
    await put('b', undefined, later);
    expect(blocked).toBe(0);
    // An older app opens what a newer one left.
    expect(await ids()).toEqual(['a', 'b', 'upgraded']);
    await put('c');
    expect((await nativeOf(db)).version).toBe(20);
    await removeDatabase(name);
    await put('d');
    expect([await ids(), (await nativeOf(db)).version]).toEqual([['d'], 10]);
  });

  it('tells that an upgrade is held up, and opens once it is not', async () => {
    await put('a');
    db.close();
    const old: IDBDatabase = await new Promise((resolve) => {
      indexedDB.open(name).onsuccess = (event) => resolve((event.target as IDBOpenDBRequest).result);
    });
    const later = make([FIRST, () => {}]);
    const held = new Promise<void>((resolve) => later.on('blocked', resolve));
    const reading = ids(later);
    await held;
    old.close();
    expect(await reading).toEqual(['a']);
  });

  it('to a database that is taken as it is makes none', async () => {
    await expect(make([]).all('wells')).rejects.toMatchObject({ name: 'AbortError' });
    expect(await names()).not.toContain(name);
    await put('a');
    db.close();
    expect(await ids(make([]))).toEqual(['a']);
  });
});

describe('an upgrade', () => {
  it('runs the steps that are missing, each once and in order', async () => {
    const ran: number[] = [];
    const step =
      (n: number): Step<Wells> =>
      (_, transaction) => {
        ran.push(n);
        return transaction.objectStore('wells').put({ id: `step ${n}` });
      };
    await put('a');
    db.close();
    expect(await ids(make([FIRST, step(2), step(3)]))).toEqual(['a', 'step 2', 'step 3']);
    for (const one of made) one.close();
    expect(await ids(make([FIRST, step(2), step(3), step(4)]))).toEqual(['a', 'step 2', 'step 3', 'step 4']);
    expect(ran).toEqual([2, 3, 4]);
  });

  it('that fails leaves all as it was, and says why', async () => {
    await put('a');
    db.close();
    const mine = new Error('mine');
    const bad = make([
      FIRST,
      async (_, transaction) => {
        await transaction.objectStore('wells').clear();
        throw mine;
      },
    ]);
    await expect(bad.all('wells')).rejects.toBe(mine);
    const full = make([
      FIRST,
      async (_, transaction) => {
        await transaction.objectStore('wells').put({ id: 'b', deep: 1 });
        await transaction.objectStore('wells').put({ id: 'c', deep: 1 });
      },
    ]);
    await expect(full.all('wells')).rejects.toMatchObject({ name: 'ConstraintError' });
    expect([await ids(), (await inBrowser(db)).version]).toEqual([['a'], 10]);
  });
});

describe('a live query', () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });
  const follow = <T>(query: () => Promise<T>) => {
    const told: T[] = [];
    ends.push(watch(query, (value) => told.push(value)));
    return { told, until: (value: T) => vi.waitFor(() => expect(told.at(-1)).toEqual(value), 5_000) };
  };
  /** Long enough for what was told to be asked again. */
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

  it('is asked at once, whenever what it reads is written, and for nothing else', async () => {
    const { told, until } = follow(() => ids());
    await until([]);
    await settled();
    const first = told.length;
    await put('a');
    await until(['a']);
    await db.write(['others'], (at) => at('others').put({ id: 'x' }));
    await settled();
    expect(told.length).toBe(first + 1);
  });

  it('waits for its own topics where a read has some', async () => {
    const about = (topic: string) => db.read(['wells'], (at) => at('wells').count(), [topic]);
    const { told, until } = follow(() => about('deep'));
    await until(0);
    await settled();
    const first = told.length;
    await db.write(['wells'], (at) => at('wells').put({ id: 'a' }), ['shallow']);
    await settled();
    expect(told.length).toBe(first);
    await db.write(['wells'], (at) => at('wells').put({ id: 'b' }), ['deep']);
    await until(2);
  });

  it('hears nothing of what was not stored, and nothing any more once it has ended', async () => {
    await put('a');
    const { told, until } = follow(() => ids());
    await until(['a']);
    await settled();
    const first = told.length;
    const failing = db.write(['wells'], async (at) => {
      await at('wells').put({ id: 'b' });
      throw new Error('mine');
    });
    await expect(failing).rejects.toThrow('mine');
    await settled();
    expect(told.length).toBe(first);
    for (const end of ends.splice(0)) end();
    await put('c');
    await settled();
    expect(told.length).toBe(first);
  });

  it('misses nothing that is written while it is asked', async () => {
    const { until } = follow(async () => {
      const found = await ids();
      await settled();
      return found;
    });
    await until([]);
    await put('a');
    // That is asked for now, and read already.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await put('b');
    await until(['a', 'b']);
  });

  it('is asked again after it failed, and where its database is made anew', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    let fails = true;
    const { told, until } = follow(async () => {
      const found = await ids();
      if (fails) throw new Error('mine');
      return found;
    });
    await settled();
    expect(told).toEqual([]);
    fails = false;
    await put('a');
    await until(['a']);
    await removeDatabase(name);
    await db.all('others');
    await until([]);
  });

  it('hears what another realm has written', async () => {
    const { db: answers, remove } = temporaryAnswers();
    await freeze(answers, sampleSealed(1));
    const { until } = follow(async () => (await answers.all('answers')).length);
    await until(1);
    const worker = new Worker(writerUrl, { type: 'module' });
    const heard = (what: string): Promise<void> =>
      new Promise((resolve) =>
        worker.addEventListener('message', ({ data }) => {
          if (data === what) resolve();
        }),
      );
    try {
      await heard('ready');
      worker.postMessage({ name: answers.name, sealed: sampleSealed(2) });
      await heard('frozen');
      await until(2);
    } finally {
      worker.terminate();
      await remove();
    }
  });
});
