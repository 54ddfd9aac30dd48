import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RelaisError } from '../../src/core/errors.ts';
import type { LibraryStore, ShelfCommit } from '../../src/core/sync/ports.ts';
import type { LibraryDb } from '../../src/store/library-db.ts';
import { bucketsOf, type Put, putOf, sampleItem, sampleState } from './samples.ts';

/** What every `LibraryStore` does. `want` is not part of the port, but there would be nothing to pull without it. */
export type WantingStore = LibraryStore & { want(name: string): Promise<void> };

export interface OpenLibrary {
  readonly store: WantingStore;
  close(): Promise<void>;
}

const manyItems = (count: number, rev = 1): Promise<Put[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => putOf(sampleItem(`item-${i}`, rev))));

const commitOf = async (put: readonly Put[], rest: Partial<ShelfCommit> = {}): Promise<ShelfCommit> => ({
  shelf: 'fr',
  baseSeq: 1,
  hash: 'first',
  buckets: await bucketsOf(put),
  put,
  remove: [],
  ...rest,
});

const textsOf = (puts: readonly Put[]) =>
  puts.map(({ row, body }) => [row.sha256 ?? '', new TextDecoder().decode(body)]).sort();

export const libraryStoreContract = (name: string, open: () => Promise<OpenLibrary>): void => {
  describe(`${name}, as a store of a library`, () => {
    let opened: OpenLibrary;
    let store: WantingStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    const stored = async (shelf = 'fr') =>
      [...(await store.bodies(shelf))].map(([hash, body]) => [hash, new TextDecoder().decode(body)]).sort();
    const rows = async (shelf = 'fr') => [...(await store.buckets(shelf)).values()].flat().map(({ id }) => id);
    const codeOf = (work: Promise<unknown>) =>
      work.then(
        () => 'no error',
        (error: unknown) => (error instanceof RelaisError ? error.code : String(error)),
      );

    it('begins with nothing', async () => {
      expect(await store.library()).toBeUndefined();
      expect(await store.wanted()).toEqual([]);
      expect(await store.shelf('fr')).toEqual({ baseSeq: 0, hash: '' });
      expect([...(await store.buckets('fr'))]).toEqual([]);
      expect([...(await store.bodies('fr'))]).toEqual([]);
    });

    describe('the library', () => {
      it.each([
        ['with a head', sampleState(7)],
        ['of a root alone', sampleState()],
      ])('comes back as it went in, %s', async (_, state) => {
        await store.saveLibrary(state);
        expect(await store.library()).toEqual(state);
      });

      it('moves on to a later head, and takes the same one again', async () => {
        for (const seq of [1, 2, 2, 9]) await store.saveLibrary(sampleState(seq));
        expect(await store.library()).toEqual(sampleState(9));
      });

      it('never goes back', async () => {
        await store.saveLibrary(sampleState(9));
        for (const older of [sampleState(8), sampleState(1), sampleState()]) {
          expect(await codeOf(store.saveLibrary(older))).toBe('rollback');
        }
        expect(await store.library()).toEqual(sampleState(9));
      });
    });

    it('wants the shelf first that was wished for last, each once', async () => {
      for (const shelf of ['fr', 'en', 'ha']) await store.want(shelf);
      expect(await store.wanted()).toEqual(['ha', 'en', 'fr']);
      await store.want('ha');
      await store.want('fr');
      expect(await store.wanted()).toEqual(['fr', 'ha', 'en']);
    });

    it('keeps what is on a shelf that is wished for again', async () => {
      const put = await manyItems(2);
      await store.want('fr');
      await store.commitShelf(await commitOf(put));
      await store.want('en');
      await store.want('fr');
      expect(await store.shelf('fr')).toEqual({ baseSeq: 1, hash: 'first' });
      expect(await stored()).toEqual(textsOf(put));
    });

    describe('a shelf', () => {
      it('has cursor, rows and bodies after its first change', async () => {
        const put = await manyItems(3);
        await store.commitShelf(await commitOf(put, { baseSeq: 4 }));
        expect(await store.shelf('fr')).toEqual({ baseSeq: 4, hash: 'first' });
        expect(await store.buckets('fr')).toEqual(await bucketsOf(put));
        expect(await stored()).toEqual(textsOf(put));
      });

      it('has the new body of a replaced item under its own hash, and the old one no more', async () => {
        const [a, b] = (await manyItems(2)) as [Put, Put];
        await store.commitShelf(await commitOf([a, b]));
        const next = await putOf(sampleItem('item-0', 2));
        await store.commitShelf(await commitOf([next], { baseSeq: 2, hash: 'second' }));
        expect(await store.shelf('fr')).toEqual({ baseSeq: 2, hash: 'second' });
        expect(await stored()).toEqual(textsOf([next, b]));
        expect((await store.bodies('fr')).has(a.row.sha256 ?? '')).toBe(false);
      });

      it('loses the bodies that are removed, and the buckets that are empty', async () => {
        const [a, b, c] = (await manyItems(3)) as [Put, Put, Put];
        await store.commitShelf(await commitOf([a, b, c]));
        const [gone] = [...(await bucketsOf([b])).keys()] as [number];
        await store.commitShelf(await commitOf([], { buckets: new Map([[gone, []]]), remove: [b.row.id] }));
        expect(await stored()).toEqual(textsOf([a, c]));
        expect((await rows()).sort()).toEqual(['item-0', 'item-2']);
        expect((await store.buckets('fr')).has(gone)).toBe(false);
      });

      it('takes an item back that was removed', async () => {
        const put = await manyItems(2);
        await store.commitShelf(await commitOf(put));
        await store.commitShelf(await commitOf([], { remove: ['item-0', 'item-1', 'never-there'] }));
        expect(await stored()).toEqual([]);
        await store.commitShelf(await commitOf(put));
        expect(await stored()).toEqual(textsOf(put));
      });

      it('holds many items, and changes any of them', async () => {
        const put = await manyItems(100);
        await store.commitShelf(await commitOf(put));
        expect(await stored()).toEqual(textsOf(put));
        expect(await rows()).toHaveLength(100);
        const next = await Promise.all([0, 23, 24, 60, 99].map((n) => putOf(sampleItem(`item-${n}`, 2))));
        const remove = ['item-30', 'item-31'];
        await store.commitShelf(await commitOf(next, { remove, buckets: new Map() }));
        const changed = new Set([...next.map(({ row }) => row.id), ...remove]);
        expect(await stored()).toEqual(textsOf([...put.filter(({ row }) => !changed.has(row.id)), ...next]));
      });

      it('moves its cursor with a change that has nothing else', async () => {
        const put = await manyItems(2);
        await store.commitShelf(await commitOf(put));
        await store.commitShelf(await commitOf([], { baseSeq: 5 }));
        expect(await store.shelf('fr')).toEqual({ baseSeq: 5, hash: 'first' });
        expect(await stored()).toEqual(textsOf(put));
      });

      it('knows nothing of another shelf with the same items', async () => {
        const put = await manyItems(2);
        const other = await Promise.all([0, 1].map((n) => putOf(sampleItem(`item-${n}`, 1, 'en'))));
        await store.commitShelf(await commitOf(put));
        await store.commitShelf(await commitOf(other, { shelf: 'en', hash: 'other', baseSeq: 3 }));
        await store.commitShelf(await commitOf([], { remove: ['item-0'], buckets: new Map() }));
        expect(await stored('en')).toEqual(textsOf(other));
        expect(await store.shelf('en')).toEqual({ baseSeq: 3, hash: 'other' });
        expect(await stored()).toEqual(textsOf(put.slice(1)));
      });
    });

    it('moves the cursors of the shelves that it is told, and nothing else of them', async () => {
      const put = await manyItems(1);
      for (const shelf of ['fr', 'en', 'ha']) {
        await store.want(shelf);
        await store.commitShelf(await commitOf(put, { shelf }));
      }
      await store.advance(['fr', 'ha'], 8);
      const states = await Promise.all(['fr', 'en', 'ha'].map((shelf) => store.shelf(shelf)));
      expect(states).toEqual([
        { baseSeq: 8, hash: 'first' },
        { baseSeq: 1, hash: 'first' },
        { baseSeq: 8, hash: 'first' },
      ]);
      expect(await stored()).toEqual(textsOf(put));
      expect(await store.wanted()).toEqual(['ha', 'en', 'fr']);
    });

    it('keeps the newest list of hubs that it was given, and lets it go with the library', async () => {
      expect(await store.hubs()).toBeUndefined();
      await store.saveHubs({ list: undefined, at: 5, seq: 1 });
      expect(await store.hubs()).toEqual({ list: undefined, at: 5, seq: 1 });
      const record = { list: new Uint8Array([1, 2, 3]), at: 6, seq: 2 };
      await store.saveHubs(record);
      expect(await store.hubs()).toEqual(record);
      await store.forget();
      expect(await store.hubs()).toBeUndefined();
    });

    it('forgets library, pin and texts, but not what the person wants', async () => {
      await store.want('fr');
      await store.want('en');
      await store.saveLibrary(sampleState(9));
      await store.commitShelf(await commitOf(await manyItems(3)));
      await store.forget();
      expect(await store.library()).toBeUndefined();
      expect(await store.wanted()).toEqual(['en', 'fr']);
      expect(await store.shelf('fr')).toEqual({ baseSeq: 0, hash: '' });
      expect(await stored()).toEqual([]);
      expect(await rows()).toEqual([]);
      // Another library begins at a sequence of its own.
      await store.saveLibrary(sampleState(1));
      const put = await manyItems(1);
      await store.commitShelf(await commitOf(put));
      expect(await stored()).toEqual(textsOf(put));
    });

    it('wants a shelf that only stood in for another so far', async () => {
      await store.commitShelf(await commitOf([]));
      expect(await store.wanted()).toEqual([]);
      await store.want('fr');
      expect(await store.wanted()).toEqual(['fr']);
    });

    it('keeps the newest alerts of a shelf, until the shelf itself has them', async () => {
      const alerts = (seq: number, shelf = 'fr') => ({ v: 2, shelf, seq, items: [] });
      const save = (...of: Parameters<typeof alerts>) => store.saveAlerts(alerts(...of), Uint8Array.of(of[0]));
      expect(await store.alerts('fr')).toBeUndefined();
      await save(3);
      await save(2);
      await save(5, 'en');
      expect(await store.alerts('fr')).toEqual(alerts(3));
      await store.commitShelf(await commitOf([], { baseSeq: 2 }));
      expect(await store.alerts('fr')).toEqual(alerts(3));
      await store.commitShelf(await commitOf([], { baseSeq: 3 }));
      expect(await store.alerts('fr')).toBeUndefined();
      await save(3);
      expect(await store.alerts('fr')).toBeUndefined();
      expect(await store.alerts('en')).toEqual(alerts(5, 'en'));
      await store.forget();
      expect(await store.alerts('en')).toBeUndefined();
    });

    describe('a pack that was cut', () => {
      const bytes = (...list: number[]) => Uint8Array.from(list);
      const FIRST = '/c/from/0-7/fr.pack';

      it('grows behind what is there', async () => {
        expect(await store.part('fr')).toBeUndefined();
        await store.savePart('fr', FIRST, 0, bytes(1, 2, 3));
        await store.savePart('fr', FIRST, 3, bytes(4, 5));
        expect(await store.part('fr')).toEqual({ path: FIRST, bytes: bytes(1, 2, 3, 4, 5) });
        expect(await store.part('en')).toBeUndefined();
      });

      it('keeps its order when it has many pieces', async () => {
        for (let at = 0; at < 40; at++) await store.savePart('fr', FIRST, at, bytes(at));
        expect((await store.part('fr'))?.bytes).toEqual(Uint8Array.from({ length: 40 }, (_, i) => i));
      });

      it('begins anew at 0', async () => {
        await store.savePart('fr', FIRST, 0, bytes(1, 2, 3));
        await store.savePart('fr', FIRST, 3, bytes(4));
        await store.savePart('fr', '/c/from/0-8/fr.pack', 0, bytes(9));
        expect(await store.part('fr')).toEqual({ path: '/c/from/0-8/fr.pack', bytes: bytes(9) });
      });

      it('has no gaps, and nothing of another pack', async () => {
        await store.savePart('fr', FIRST, 0, bytes(1, 2, 3));
        await store.savePart('fr', FIRST, 5, bytes(6));
        await store.savePart('fr', '/c/from/0-8/fr.pack', 3, bytes(4));
        expect(await store.part('fr')).toEqual({ path: FIRST, bytes: bytes(1, 2, 3) });
      });

      it('goes when its shelf is committed, dropped or forgotten, and no other', async () => {
        for (const shelf of ['fr', 'en', 'ha']) await store.savePart(shelf, FIRST, 0, bytes(1));
        await store.commitShelf(await commitOf([]));
        expect(await store.part('fr')).toBeUndefined();
        await store.dropPart('en');
        expect(await store.part('en')).toBeUndefined();
        expect(await store.part('ha')).toBeDefined();
        await store.forget();
        expect(await store.part('ha')).toBeUndefined();
      });
    });
  });
};

/** What every store of a device does besides: it hands urgent notices on as they were signed. */
export const signedAlertsContract = (
  name: string,
  open: () => Promise<OpenLibrary & { readonly store: Pick<LibraryDb, 'signedAlerts'> }>,
): void => {
  it(`${name} keeps the newest alerts as they were signed, whether they came with their shelf or before it`, async () => {
    const { store, close } = await open();
    const save = (seq: number, byte: number) =>
      store.saveAlerts({ v: 2, shelf: 'fr', seq, items: [] }, Uint8Array.of(byte));
    expect(await store.signedAlerts('fr')).toBeUndefined();
    await save(3, 1);
    await save(2, 2);
    expect(await store.signedAlerts('fr')).toEqual(Uint8Array.of(1));
    await store.commitShelf(await commitOf([], { baseSeq: 3 }));
    expect(await store.signedAlerts('fr')).toEqual(Uint8Array.of(1));
    await store.commitShelf({ ...(await commitOf([], { baseSeq: 4 })), alerts: Uint8Array.of(3) });
    expect(await store.signedAlerts('fr')).toEqual(Uint8Array.of(3));
    await store.forget();
    expect(await store.signedAlerts('fr')).toBeUndefined();
    await close();
  });
};
