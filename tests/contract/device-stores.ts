import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/core/protocol/log.ts';
import type { DeviceAnswers, DeviceLibrary, SyncedLibrary } from '../../src/engine/device-stores.ts';
import { bucketsOf, putOf, sampleId, sampleItem, sampleReceipt, sampleSealed, sampleState } from './samples.ts';

/** What the engine asks of its two stores besides the ports of sync, alike of the databases and of their twins in memory. */

interface Seen {
  want(name: string): Promise<void>;
  lastSyncs(): Promise<LogEntry[]>;
}
export type EngineAnswers = DeviceAnswers & { retry(): Promise<number> };

const entryAt = (at: number, rest: Partial<LogEntry> = {}): LogEntry => ({
  at,
  by: 'page',
  ok: true,
  sent: 0,
  changed: 0,
  ...rest,
});

const putTwo = async (store: SyncedLibrary): Promise<void> => {
  const items = await Promise.all([putOf(sampleItem('a')), putOf(sampleItem('b'))]);
  const buckets = await bucketsOf(items);
  await store.commitShelf({ shelf: 'fr', baseSeq: 1, hash: 'first', buckets, put: items, remove: [] });
};

export const deviceLibraryContract = (
  name: string,
  make: () => Promise<{ readonly store: DeviceLibrary & Seen; close(): Promise<void> }>,
): void => {
  syncedLibraryContract(name, async () => {
    const made = await make();
    await made.store.open();
    return made;
  });
  describe(`${name}, as a device uses it`, () => {
    it('gives an item, parsed, on its shelf only, until it is forgotten', async () => {
      const { store, close } = await make();
      await store.open();
      await putTwo(store);
      expect(await store.item('fr', 'a')).toEqual(sampleItem('a'));
      expect(await store.item('fr', 'c')).toBeUndefined();
      expect(await store.item('en', 'a')).toBeUndefined();
      await store.forget();
      expect(await store.item('fr', 'a')).toBeUndefined();
      await close();
    });
  });
};

export const syncedLibraryContract = (
  name: string,
  make: () => Promise<{ readonly store: SyncedLibrary & Seen; close(): Promise<void> }>,
): void => {
  describe(`${name}, as the engine uses it`, () => {
    let store: SyncedLibrary & Seen;
    let close: () => Promise<void>;
    beforeEach(async () => {
      const made = await make();
      store = made.store;
      close = made.close;
    });
    afterEach(() => close());

    it('tells how the last sync ended, and has a line for each but for repetitions of nothing', async () => {
      expect(await store.sync()).toBeUndefined();
      await store.ended({ reached: true, needsUpdate: false }, entryAt(1, { sent: 1 }));
      await store.ended({ reached: true, needsUpdate: false }, entryAt(2));
      await store.ended({ reached: true, needsUpdate: false }, entryAt(3));
      await store.ended({ reached: false, needsUpdate: true }, entryAt(4, { ok: false, code: 'no-link' }));
      expect(await store.sync()).toEqual({ reached: false, needsUpdate: true });
      expect((await store.lastSyncs()).map(({ at }) => at)).toEqual([4, 3, 1]);
    });

    it('keeps the last 50 lines', async () => {
      for (let at = 1; at <= 53; at++)
        await store.ended({ reached: true, needsUpdate: false }, entryAt(at, { sent: 1 }));
      const kept = (await store.lastSyncs()).map(({ at }) => at);
      expect([kept.length, kept[0], kept.at(-1)]).toEqual([50, 53, 4]);
    });

    it('lets one sync at a time, until its time is over or it lets go', async () => {
      expect(await store.takeLease('one', 1_000, 60)).toBe(true);
      expect(await store.takeLease('one', 1_010, 60)).toBe(true);
      expect(await store.takeLease('two', 1_069, 60)).toBe(false);
      await store.dropLease('two');
      expect(await store.takeLease('two', 1_069, 60)).toBe(false);
      expect(await store.takeLease('two', 1_070, 60)).toBe(true);
      await store.dropLease('two');
      expect(await store.takeLease('three', 1_071, 60)).toBe(true);
      // The clock was set back: a lease from the future is nobody's.
      expect(await store.takeLease('four', 5, 60)).toBe(true);
    });

    it('adds to the book of a day', async () => {
      await store.spend('2026-11-25', { up: 1, down: 10, requests: 1 });
      await store.spend('2026-11-25', { up: 2, down: 20, requests: 2 });
      await store.spend('2026-11-26', { up: 4, down: 40, requests: 1 });
      expect((await store.book()).toSorted((a, b) => a.day.localeCompare(b.day))).toEqual([
        { day: '2026-11-25', up: 3, down: 30, requests: 3 },
        { day: '2026-11-26', up: 4, down: 40, requests: 1 },
      ]);
      expect(await store.policy()).toEqual({});
    });

    it('forgets with a library what was said of it, and keeps its own book and log', async () => {
      await store.want('fr');
      await store.saveLibrary(sampleState(3));
      await putTwo(store);
      await store.ended({ reached: true, needsUpdate: false }, entryAt(1));
      await store.spend('2026-11-25', { up: 1, down: 10, requests: 1 });
      await store.forget();
      expect(await store.sync()).toBeUndefined();
      expect((await store.bodies('fr')).size).toBe(0);
      expect(await store.lastSyncs()).toHaveLength(1);
      expect(await store.book()).toHaveLength(1);
    });

    it('moves no cursor of a shelf that it does not have', async () => {
      await store.advance(['en'], 9);
      expect(await store.shelf('en')).toEqual({ baseSeq: 0, hash: '' });
    });
  });
};

export const deviceAnswersContract = (
  name: string,
  make: () => Promise<{ readonly store: EngineAnswers; close(): Promise<void> }>,
): void => {
  describe(`${name}, as the engine uses it`, () => {
    let store: EngineAnswers;
    let close: () => Promise<void>;
    beforeEach(async () => {
      const made = await make();
      store = made.store;
      close = made.close;
    });
    afterEach(() => close());

    let made = 0;
    const fresh = (): string => `${++made}`.padStart(22, 'd');
    const to = [sampleSealed(1).to];
    const freeze = (n: number): Promise<string> => store.freeze({ ...sampleSealed(n), id: sampleId(n) }, fresh);
    const waiting = async () => (await store.unsent(to, 1 << 30)).map(({ header }) => header);

    it('has one name for the device, from its first call on', async () => {
      const id = await store.device(fresh);
      expect(await store.device(fresh)).toBe(id);
      await freeze(1);
      expect((await waiting()).map(({ dev }) => dev)).toEqual([id]);
    });

    it('freezes once for a token, with numbers from 1 and without gaps', async () => {
      expect(await Promise.all([freeze(1), freeze(1), freeze(2), freeze(1)])).toEqual([1, 1, 2, 1].map(sampleId));
      await freeze(3);
      expect((await waiting()).map(({ id, n }) => [id, n])).toEqual([1, 2, 3].map((n) => [sampleId(n), n]));
    });

    it('freezes nothing anew that has gone', async () => {
      await freeze(1);
      await store.settle(sampleId(1), sampleReceipt(sampleId(1)));
      expect(await freeze(1)).toBe(sampleId(1));
      expect(await waiting()).toEqual([]);
    });

    it('refuses an id that another answer has', async () => {
      await freeze(1);
      const other = { ...sampleSealed(2), id: sampleId(1) };
      await expect(store.freeze(other, fresh)).rejects.toMatchObject({ name: 'ConstraintError' });
      await freeze(3);
      expect((await waiting()).map(({ id, n }) => [id, n])).toEqual([
        [sampleId(1), 1],
        [sampleId(3), 2],
      ]);
    });

    it('offers once more what needed a person', async () => {
      for (const n of [1, 2, 3]) await freeze(n);
      await store.needsAttention(sampleId(1), 'hash');
      await store.needsAttention(sampleId(2), 'hash');
      expect((await waiting()).map(({ id }) => id)).toEqual([sampleId(3)]);
      expect(await store.retry()).toBe(2);
      expect((await waiting()).map(({ id }) => id)).toEqual([1, 2, 3].map(sampleId));
      expect(await store.retry()).toBe(0);
    });
  });
};
