import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import type { ShelfCommit } from '../../src/core/sync/ports.ts';
import { answersView, itemView, libraryView, statusView } from '../../src/engine/views.ts';
import { AnswersDb } from '../../src/store/answers-db.ts';
import { LibraryDb } from '../../src/store/library-db.ts';
import { courierContract } from './courier.ts';
import { DEVICE, freeze, inBrowser, temporaryAnswers, temporaryLibrary } from './databases.ts';
import { deviceAnswersContract, deviceLibraryContract } from './device-stores.ts';
import { libraryStoreContract, signedAlertsContract } from './library-store.ts';
import { outboxStoreContract } from './outbox-store.ts';
import {
  bucketsOf,
  type Put,
  putOf,
  sampleId,
  sampleItem,
  sampleReceipt,
  sampleSealed,
  sampleState,
} from './samples.ts';

const openLibrary = async () => {
  const { db, remove } = temporaryLibrary();
  return { store: db, close: remove };
};
libraryStoreContract('LibraryDb', openLibrary);
signedAlertsContract('LibraryDb', openLibrary);
deviceLibraryContract('LibraryDb', openLibrary);

deviceAnswersContract('AnswersDb', async () => {
  const { db, remove } = temporaryAnswers();
  return { store: db, close: remove };
});

outboxStoreContract('AnswersDb', async () => {
  const { db, remove } = temporaryAnswers();
  return {
    store: db,
    add: async (sealed, id) => {
      expect(await freeze(db, sealed, id)).toBe(id);
    },
    async look(id) {
      const answer = await db.get('answers', id);
      return answer && { body: answer.body, receipt: answer.receipt, code: answer.code };
    },
    close: remove,
  };
});

it('tells who holds an answer for as long as it is held', async () => {
  const { db, remove } = temporaryAnswers();
  const id = await freeze(db, sampleSealed(1), sampleId(1));
  const look = async () => {
    const { number = '' } = (await db.get('answers', id)) ?? {};
    const { states, holders } = await answersView(db, [number]);
    return [states[number], holders[number]];
  };
  await db.passedOn(id, true);
  expect(await look()).toEqual(['held', undefined]);
  await db.passedOn(id, true, 'École de Tillia');
  expect(await look()).toEqual(['held', 'École de Tillia']);
  // By another, which nobody knows.
  await db.passedOn(id, true);
  expect(await look()).toEqual(['held', undefined]);
  await db.passedOn(id, true, 'École de Tillia');
  await db.passedOn(id, false);
  expect(await look()).toEqual(['kept', undefined]);
  await db.passedOn(id, true, 'École de Tillia');
  await db.settle(id, sampleReceipt(id));
  expect(await look()).toEqual(['centre', undefined]);
  await remove();
});

courierContract('AnswersDb', async () => {
  const { db, remove } = temporaryAnswers();
  return {
    store: db,
    add: async (sealed, id) => {
      await freeze(db, sealed, id);
    },
    close: remove,
  };
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Everything that is in a database. */
const contentsOf = async (db: LibraryDb | AnswersDb): Promise<Record<string, unknown[]>> => {
  const opened = await inBrowser(db);
  const contents = [...opened.objectStoreNames].map(async (name) => [name, await opened.getAll(name)] as const);
  return Object.fromEntries(await Promise.all(contents));
};

/** Lets the `n`th write into an object store of this name fail, from now on. */
const failAt = (store: string, n: number, error: () => Error): void => {
  let calls = 0;
  for (const method of ['put', 'add'] as const) {
    const real = IDBObjectStore.prototype[method];
    vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (this: IDBObjectStore, ...rest) {
      if (this.name === store && ++calls >= n) throw error();
      return real.apply(this, rest);
    });
  }
};
const noRoom = (): Error => new DOMException('no room', 'QuotaExceededError');

describe('LibraryDb', () => {
  let db: LibraryDb;
  let remove: () => Promise<void>;
  beforeEach(() => {
    ({ db, remove } = temporaryLibrary());
  });
  afterEach(() => remove());

  describe('lets a language go', () => {
    const TABLE = { fr: {}, en: {}, ha: { fallback: ['fr'] }, es: { fallback: ['en', 'fr'] } };
    const store = async (...names: readonly string[]): Promise<void> => {
      const entries = Object.entries(TABLE).map(([name, rest]) => [name, { hash: name, items: 1, bytes: 1, ...rest }]);
      await db.saveLibrary({ ...sampleState(1), table: canonicalBytes(Object.fromEntries(entries)) });
      for (const shelf of names) {
        const put = [await putOf(sampleItem('pump', 1, shelf))];
        await db.commitShelf({ shelf, baseSeq: 1, hash: shelf, buckets: await bucketsOf(put), put, remove: [] });
        await db.savePart(shelf, `/c/from/1-2/${shelf}.pack`, 0, Uint8Array.of(1));
        await db.saveAlerts({ v: 2, shelf, seq: 2, items: [] }, Uint8Array.of(2));
      }
    };
    /** Shelves of which something is left, in any table. */
    const left = async (): Promise<readonly string[]> => {
      const rows = Object.entries(await contentsOf(db)).flatMap(([table, all]) =>
        table === 'shelves'
          ? (all as { name: string }[]).map(({ name }) => name)
          : (all as { shelf?: string; key?: string }[]).flatMap(
              ({ shelf, key }) => shelf ?? /^alerts\/(.+)$/.exec(String(key))?.[1] ?? [],
            ),
      );
      return [...new Set(rows)].sort();
    };

    it('with all that it had, and nothing of the others', async () => {
      for (const name of ['ha', 'fr']) await db.want(name);
      await store('fr', 'ha');
      await db.release('ha');
      expect([await left(), await db.wanted()]).toEqual([['fr'], ['fr']]);
      expect(await db.item('fr', 'pump')).toEqual(sampleItem('pump', 1, 'fr'));
      await db.release('nobody has it');
      expect(await left()).toEqual(['fr']);
    });

    it('with those that stood in for its gaps alone', async () => {
      await db.want('es');
      await store('fr', 'en', 'es');
      await db.release('es');
      expect([await left(), await db.wanted()]).toEqual([[], []]);
    });

    it('read longest ago for lack of room, never the one that is read, nor what fills its gaps', async () => {
      for (const name of ['fr', 'en', 'ha']) await db.want(name);
      await store('fr', 'en', 'ha');
      const nothing = new Set<string>();
      expect([await db.releaseLast(nothing), await db.releaseLast(nothing)]).toEqual([true, false]);
      expect(await left()).toEqual(['fr', 'ha']);
      // What fills gaps is as wanted as it was.
      expect(await db.wanted()).toEqual(['ha', 'fr']);
    });

    it('but not for lack of room where something that is kept would go with it', async () => {
      for (const name of ['es', 'en', 'ha', 'fr']) await db.want(name);
      const names = ['fr', 'en', 'ha', 'es'];
      await store(...names);
      // A recording of each language, and a picture that all have.
      for (const shelf of names) {
        const one = await putOf(sampleItem('pump', 2, shelf));
        const put = [{ ...one, row: { ...one.row, blobs: [shelf.repeat(20), 'picture'] } }];
        await db.commitShelf({ shelf, baseSeq: 2, hash: shelf, buckets: await bucketsOf(put), put, remove: [] });
      }
      const kept = new Set(['es'.repeat(20), 'picture']);
      expect([await db.releaseLast(kept), await db.wanted()]).toEqual([true, ['fr', 'en', 'es']]);
      expect([await db.releaseLast(kept), await left()]).toEqual([false, ['en', 'es', 'fr']]);
      expect([await db.releaseLast(new Set(['picture'])), await db.wanted()]).toEqual([true, ['fr', 'en']]);
    });

    describe('with collections', () => {
      const named = canonicalBytes({
        ...sampleItem('centre', 1, 'fr'),
        kind: 'centre',
        languages: ['fr', 'en'],
        names: [],
        collections: [{ id: 'docs', name: 'Papiers', items: 1 }],
        sizes: { fr: 5, en: 6, 'fr-xdocs': 3, 'en-xdocs': 4 },
      } as never);
      const entry = { items: 1, bytes: 7 };
      const SHELVES = ['fr', 'en', 'fr-xdocs', 'en-xdocs'];
      /** French and English, each with a collection; one sheet is in it, and one topic outside. */
      const storeBoth = async (...names: readonly string[]): Promise<void> => {
        const table = Object.fromEntries(SHELVES.map((name) => [name, { ...entry, hash: name }]));
        await db.saveLibrary({ ...sampleState(1), table: canonicalBytes(table) });
        for (const shelf of names) {
          const own = await putOf(sampleItem(shelf.includes('-x') ? 'sheet' : 'pump', 1, shelf.slice(0, 2)));
          const centre = { ...own, row: { ...own.row, id: 'centre', sha256: 'c'.repeat(43) }, body: named };
          const put = shelf.includes('-x') ? [own] : [own, centre];
          await db.commitShelf({ shelf, baseSeq: 1, hash: shelf, buckets: await bucketsOf(put), put, remove: [] });
        }
      };
      const nothing = new Set<string>();

      it('and its collections with it, but not those of another', async () => {
        for (const name of SHELVES) await db.want(name);
        await storeBoth(...SHELVES);
        expect(await db.wanted()).toEqual(['en', 'fr', 'en-xdocs', 'fr-xdocs']);
        await db.release('fr');
        expect([await left(), await db.wanted()]).toEqual([
          ['en', 'en-xdocs'],
          ['en', 'en-xdocs'],
        ]);
      });

      it('or a collection alone', async () => {
        for (const name of SHELVES) await db.want(name);
        await storeBoth(...SHELVES);
        await db.release('fr-xdocs');
        expect([await left(), await db.wanted()]).toEqual([
          ['en', 'en-xdocs', 'fr'],
          ['en', 'fr', 'en-xdocs'],
        ]);
      });

      it('for lack of room a collection goes that came by hand, then the one chosen longest ago, also of the language that is read', async () => {
        for (const name of ['fr', 'fr-xdocs', 'en']) await db.want(name);
        await storeBoth(...SHELVES);
        expect([await db.releaseLast(nothing, 'collections'), await left()]).toEqual([true, ['en', 'fr', 'fr-xdocs']]);
        expect([await db.releaseLast(nothing, 'collections'), await left()]).toEqual([true, ['en', 'fr']]);
        expect(await db.releaseLast(nothing, 'collections')).toBe(false);
        // The language that is read stays, also where a collection was chosen since.
        await db.want('en-xdocs');
        await storeBoth('en-xdocs');
        expect([await db.releaseLast(nothing), await db.wanted()]).toEqual([true, ['en', 'en-xdocs']]);
        expect(await db.releaseLast(nothing)).toBe(false);
      });

      it('what is not chosen is offered and not shown, though it is here; what is chosen is shown, filed under its collection', async () => {
        await db.want('fr');
        await storeBoth('fr', 'fr-xdocs');
        const seen = async (lang = 'fr') => {
          const { cards, collections } = await libraryView(db, lang);
          return [cards.map(({ id }) => id).sort(), collections.map(({ state, bytes }) => [state, bytes])];
        };
        expect(await seen()).toEqual([['pump'], [['away', 0]]]);
        expect(await itemView(db, 'fr', 'sheet')).toEqual({ state: 'missing', known: false });
        await db.want('fr-xdocs');
        expect(await seen()).toEqual([['pump', 'sheet'], [['kept', 3]]]);
        const { cards, collections, languages } = await libraryView(db, 'fr');
        expect(cards.find(({ id }) => id === 'sheet')?.tags).toContain('collection:docs');
        expect(collections).toEqual([
          { id: 'docs', shelf: 'fr-xdocs', name: 'Papiers', items: 1, bytes: 3, state: 'kept' },
        ]);
        // Languages are those that the centre names; collections stand under those that somebody reads.
        expect(languages.map(({ lang, collections }) => [lang, collections.length])).toEqual([
          ['fr', 1],
          ['en', 0],
        ]);
        expect(await itemView(db, 'fr', 'sheet')).toMatchObject({ state: 'stored', item: { lang: 'fr' } });
        // What a search finds can be read, whatever language it was chosen in.
        expect(await itemView(db, 'en', 'sheet')).toMatchObject({ state: 'stored', item: { lang: 'fr' } });
      });

      it('one that was chosen and is not here is coming, and so may its items be', async () => {
        await db.want('fr');
        await db.want('fr-xdocs');
        await storeBoth('fr');
        expect((await libraryView(db, 'fr')).collections).toMatchObject([{ state: 'coming', bytes: 3 }]);
        expect(await itemView(db, 'fr', 'sheet')).toEqual({ state: 'missing', known: true });
        expect(await statusView(db)).toMatchObject({ whole: false, owed: true });
      });

      it('what a language costs is told with what stands in for its gaps and is not here, or not at all', async () => {
        await db.want('fr');
        await storeBoth('fr');
        const costs = async (fallback: readonly string[], lacking: object = {}) => {
          const en = { ...entry, hash: 'en', fallback };
          await db.saveLibrary({
            ...sampleState(1),
            table: canonicalBytes({ fr: { ...entry, hash: 'fr' }, en, ...lacking }),
          });
          return (await libraryView(db, 'fr')).languages.map(({ bytes }) => bytes);
        };
        expect(await costs([])).toEqual([5, 6]);
        expect(await costs(['fr'])).toEqual([5, 6]);
        expect(await costs(['en-xdocs'], { 'en-xdocs': entry })).toEqual([5, 10]);
        // A shelf that the library says nothing of: no size is better than a wrong one.
        expect(await costs(['de'], { de: entry })).toEqual([5, 0]);
      });

      it('a language that is still to come says so, and the centre keeps its name', async () => {
        await db.want('fr');
        await db.want('en');
        await storeBoth('fr');
        expect(await libraryView(db, 'fr')).toMatchObject({
          centre: 'centre (fr)',
          coming: false,
          cards: [{ id: 'pump' }],
        });
        expect(await libraryView(db, 'en')).toMatchObject({
          centre: 'centre (fr)',
          languages: [
            { lang: 'fr', kept: true, coming: false },
            { lang: 'en', kept: false, coming: true },
          ],
          coming: true,
          cards: [],
        });
        // A library that got another language: what French tells of it is older.
        await db.saveLibrary({
          ...sampleState(1),
          table: canonicalBytes({ de: entry, en: entry, fr: { ...entry, hash: 'fr' } }),
        });
        expect((await libraryView(db, 'de')).languages.map(({ lang }) => lang)).toEqual(['fr', 'en', 'de']);
        await storeBoth('en');
        // News of it that have not come yet are no topics to wait for; what stands in for its gaps is.
        const table = { en: { ...entry, hash: 'newer', fallback: ['fr'] }, fr: { ...entry, hash: 'fr' } };
        await db.saveLibrary({ ...sampleState(2), table: canonicalBytes(table) });
        expect(await libraryView(db, 'en')).toMatchObject({ whole: false, coming: false });
        await db.release('fr');
        expect(await libraryView(db, 'en')).toMatchObject({ coming: false });
        await db.saveLibrary({
          ...sampleState(3),
          table: canonicalBytes({ ...table, es: entry, en: { ...table.en, fallback: ['es'] } }),
        });
        expect(await libraryView(db, 'en')).toMatchObject({ whole: false, coming: true, cards: [{ id: 'pump' }] });
      });

      it('an item that moves is seen once, from whichever of the two shelves is ahead', async () => {
        await db.want('fr');
        await db.want('fr-xdocs');
        await storeBoth('fr', 'fr-xdocs');
        const moved = await putOf(sampleItem('pump', 2, 'fr'));
        const times = async () => (await libraryView(db, 'fr')).cards.filter(({ id }) => id === 'pump').length;
        const commit = { baseSeq: 2, hash: 'next', buckets: await bucketsOf([moved]) };
        await db.commitShelf({ ...commit, shelf: 'fr-xdocs', put: [moved], remove: [] });
        expect(await times()).toBe(1);
        await db.commitShelf({ ...commit, shelf: 'fr', put: [], remove: ['pump'] });
        expect(await times()).toBe(1);
      });
    });

    it('what went for lack of room stays told until somebody has read it', async () => {
      const told = async () => (await statusView(db)).gaveUp;
      expect(await told()).toEqual([]);
      await db.setPolicy({ saving: true });
      await db.giveUp('pictures', 5);
      await db.giveUp('recordings', 6);
      await db.forget();
      expect(await told()).toEqual(['recordings', 'pictures']);
      await db.readGivenUp(['recordings']);
      expect(await told()).toEqual(['pictures']);
      await db.readGivenUp(['pictures']);
      expect([await told(), await db.policy()]).toEqual([[], { saving: true }]);
      expect([await db.gaveUpAt('pictures'), await db.gaveUpAt('kept')]).toEqual([5, undefined]);
      await db.giveUp('pictures', 9);
      expect([await told(), await db.gaveUpAt('pictures')]).toEqual([['pictures'], 9]);
    });

    it('but keeps it as long as it stands in for another', async () => {
      for (const name of ['fr', 'ha']) await db.want(name);
      await store('fr', 'ha', 'en');
      await db.release('fr');
      expect([await left(), await db.wanted()]).toEqual([['en', 'fr', 'ha'], ['ha']]);
      // What came by hand, and nobody ever wanted, is nobody's to let go.
      await db.release('ha');
      expect(await left()).toEqual(['en']);
    });
  });

  const items = (count: number): Promise<Put[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => putOf(sampleItem(`item-${i}`))));
  const commit = async (put: readonly Put[], rest: Partial<ShelfCommit> = {}): Promise<void> => {
    const buckets = await bucketsOf(put);
    return db.commitShelf({ shelf: 'fr', baseSeq: 1, hash: 'first', buckets, put, remove: [], ...rest });
  };

  it('keeps everything when it is closed and opened again', async () => {
    await db.want('fr');
    await db.saveLibrary(sampleState(3));
    await commit(await items(30));
    const before = await contentsOf(db);
    db.close();
    const again = new LibraryDb(db.name);
    try {
      expect(await contentsOf(again)).toEqual(before);
    } finally {
      again.close();
    }
  });

  it('writes 24 items a record, and gives each as it was', async () => {
    await commit(await items(60));
    const records = await db.all('records');
    expect(records.map(({ n, bodies }) => [n, bodies.length])).toEqual([
      [0, 24],
      [1, 24],
      [2, 12],
    ]);
    for (const n of [0, 23, 24, 59]) expect(await db.item('fr', `item-${n}`)).toEqual(sampleItem(`item-${n}`));
    expect(await db.item('fr', 'item-60')).toBeUndefined();
    expect(await db.item('en', 'item-1')).toBeUndefined();
  });

  it('writes cards together, gives them by their ids, and leaves no group without any', async () => {
    await commit(await items(1_000));
    const groups = await db.all('groups');
    expect(groups).toHaveLength(64);
    // None is so large that reading one card would take long.
    expect(Math.max(...groups.map(({ cards }) => cards.length))).toBeLessThan(40);
    const ids = Array.from({ length: 1_000 }, (_, i) => `item-${i}`);
    expect((await db.cards('fr')).map(({ id }) => id)).toEqual(ids.toSorted());
    await commit([], { remove: ids.slice(1), buckets: new Map() });
    expect(await db.all('groups')).toMatchObject([{ cards: [{ id: 'item-0' }] }]);
  });

  it.each(['at the next start', 'with the next change'])(
    'makes the cards anew of a shelf that an app without groups has changed, %s',
    async (when) => {
      await commit(await items(60));
      const before = await db.cards('fr');
      await db.catchUp();
      const untouched = vi.spyOn(IDBObjectStore.prototype, 'put');
      await db.catchUp();
      expect(untouched).not.toHaveBeenCalled();
      untouched.mockRestore();
      // What such an app writes of a shelf: bodies in other records, cards by themselves, and the hash.
      await db.write(['records', 'cards', 'shelves'], async (at) => {
        const [first, second] = await at('records').getAll();
        if (!first || !second) throw new Error('no records');
        const [moved, ...rest] = first.bodies;
        if (!moved) throw new Error('no body');
        await at('records').put({ ...first, bodies: rest });
        await at('records').put({ ...second, bodies: [...second.bodies, moved] });
        const shelf = await at('shelves').get('fr');
        if (shelf) await at('shelves').put({ ...shelf, hash: 'another' });
      });
      const ids = before.map(({ id }) => id);
      const found = async () => (await Promise.all(ids.map((id) => db.item('fr', id)))).filter((item) => item).length;
      expect(await found()).toBe(59);
      if (when === 'at the next start') await db.catchUp();
      else await commit([await putOf(sampleItem('item-30', 2))]);
      expect((await db.get('shelves', 'fr'))?.groupedAt).toBe((await db.shelf('fr')).hash);
      expect(await found()).toBe(60);
      expect((await db.cards('fr')).map(({ id, came }) => [id, came])).toEqual(
        before.map(({ id, came }) => [id, came]),
      );
    },
  );

  it('moves nothing but the item that is replaced', async () => {
    await commit(await items(60));
    const [records, cards] = [await db.all('records'), await db.cards('fr')];
    const written = vi.spyOn(IDBObjectStore.prototype, 'put');
    await commit([await putOf(sampleItem('item-30', 2))]);
    const touched = written.mock.contexts.filter((store) => (store as IDBObjectStore).name === 'records');
    expect(touched).toHaveLength(1);
    expect(written.mock.contexts.filter((store) => (store as IDBObjectStore).name === 'groups')).toHaveLength(1);
    const now = await db.all('records');
    expect([now[0], now[2]]).toEqual([records[0], records[2]]);
    const placeOf = ({ id, n }: { id: string; n: number }) => [id, n];
    expect((await db.cards('fr')).map(placeOf)).toEqual(cards.map(placeOf));
    expect(await db.item('fr', 'item-30')).toEqual(sampleItem('item-30', 2));
  });

  it('fills the room that a removed item left, and finds all of them', async () => {
    await commit(await items(50));
    await commit([], { remove: ['item-3', 'item-4'], buckets: new Map() });
    await commit([await putOf(sampleItem('new-a')), await putOf(sampleItem('new-b'))]);
    expect((await db.all('records')).map(({ bodies }) => bodies.length)).toEqual([24, 24, 2]);
    for (const id of ['new-a', 'new-b', 'item-2', 'item-49']) expect((await db.item('fr', id))?.id).toBe(id);
    expect(await db.item('fr', 'item-3')).toBeUndefined();
    expect((await db.cards('fr')).map(({ id }) => id)).not.toContain('item-3');
  });

  describe('a change that fails', () => {
    const bad = async (body: string): Promise<Put> => {
      const { row } = await putOf(sampleItem('bad'));
      return { row, body: new TextEncoder().encode(body) };
    };

    it.each([
      ['with a body that is not JSON', '{'],
      ['with a body that is no item', 'null'],
      ['with an item without an id', '{"kind":"case"}'],
    ])('%s changes nothing', async (_, body) => {
      await commit(await items(30));
      const before = await contentsOf(db);
      const put = [await putOf(sampleItem('item-1', 2)), await bad(body), await putOf(sampleItem('item-2', 2))];
      await expect(commit(put, { baseSeq: 2, hash: 'second', remove: ['item-5'] })).rejects.toThrow();
      expect(await contentsOf(db)).toEqual(before);
    });

    it.each([
      ['shelves', 1],
      ['catalogue', 1],
      ['catalogue', 2],
      ['groups', 1],
      ['groups', 2],
      ['records', 1],
      ['records', 2],
    ])('while it writes %s for the %ith time changes nothing', async (store, n) => {
      await commit(await items(60));
      const before = await contentsOf(db);
      failAt(store, n, noRoom);
      const put = await Promise.all([1, 40, 70].map((i) => putOf(sampleItem(`item-${i}`, 2))));
      await expect(commit(put, { baseSeq: 2, hash: 'second', remove: ['item-50'] })).rejects.toThrow();
      vi.restoreAllMocks();
      expect(await contentsOf(db)).toEqual(before);
    });
  });

  it('keeps the newest fifty lines of its log', async () => {
    for (let at = 0; at < 55; at++) {
      await db.ended({ reached: true, needsUpdate: false }, { at, by: 'page', ok: true, sent: 1, changed: 0 });
    }
    const log = await db.lastSyncs();
    expect(log.map(({ at }) => at)).toEqual(Array.from({ length: 50 }, (_, i) => 54 - i));
  });

  it('gives a try that brought nothing, as the one before, no line of its own', async () => {
    const line = (at: number, code?: 'no-link' | 'full', changed = 0) =>
      db.ended(
        { reached: true, needsUpdate: false },
        { at, by: 'page', ok: !code, ...(code && { code }), sent: 0, changed },
      );
    for (const [at, code] of [[1], [2], [3, 'no-link'], [4, 'no-link'], [5, 'full'], [6]] as const)
      await line(at, code);
    await line(7, undefined, 2);
    await line(8, undefined, 2);
    await line(9);
    expect((await db.lastSyncs()).map(({ at }) => at)).toEqual([9, 8, 7, 6, 5, 4, 2]);
  });
});

describe('AnswersDb', () => {
  let db: AnswersDb;
  let remove: () => Promise<void>;
  beforeEach(() => {
    ({ db, remove } = temporaryAnswers());
  });
  afterEach(() => remove());

  const freezeNew = (n: number, at: AnswersDb = db): Promise<string> => freeze(at, sampleSealed(n));
  const headers = async () => (await db.all('answers')).map(({ header }) => header).sort((a, b) => a.n - b.n);

  it('gives one answer and one sequence number to what is frozen twice', async () => {
    const first = await freezeNew(1);
    expect(await freezeNew(1)).toBe(first);
    expect(await Promise.all([freezeNew(2), freezeNew(2), freezeNew(2)])).toEqual(Array(3).fill(await freezeNew(2)));
    expect((await headers()).map(({ n }) => n)).toEqual([1, 2]);
  });

  it('does not freeze again what has gone', async () => {
    const id = await freezeNew(1);
    await db.settle(id, sampleReceipt(id));
    expect(await freezeNew(1)).toBe(id);
    expect(await db.unsent([sampleSealed(1).to], 1 << 30)).toEqual([]);
    expect(await db.all('answers')).toHaveLength(1);
  });

  it('counts without a gap over fifty at once, from two pages', async () => {
    const other = new AnswersDb(db.name);
    try {
      const ids = await Promise.all(Array.from({ length: 50 }, (_, i) => freezeNew(i, i % 2 ? db : other)));
      expect(new Set(ids).size).toBe(50);
      expect((await headers()).map(({ n }) => n)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      expect(new Set((await headers()).map(({ dev }) => dev))).toEqual(new Set([DEVICE]));
    } finally {
      other.close();
    }
  });

  it('has one device id, whoever asks first', async () => {
    const other = new AnswersDb(db.name);
    let made = 0;
    const fresh = () => `device-${++made}`;
    try {
      const ids = await Promise.all([db.device(fresh), other.device(fresh), db.device(fresh)]);
      expect(new Set(ids).size).toBe(1);
      expect(await freeze(db, sampleSealed(1), sampleId(1))).toBe(sampleId(1));
      expect((await headers())[0]?.dev).toBe(ids[0]);
    } finally {
      other.close();
    }
  });

  it.each([
    ['answers', 1],
    ['meta', 1],
  ])('freezes nothing and counts nothing where writing %s fails', async (store, n) => {
    await freezeNew(1);
    const before = await contentsOf(db);
    failAt(store, n, noRoom);
    await expect(freezeNew(2)).rejects.toThrow();
    vi.restoreAllMocks();
    expect(await contentsOf(db)).toEqual(before);
    await freezeNew(2);
    expect((await headers()).map(({ n: number }) => number)).toEqual([1, 2]);
  });

  it('keeps the body where the receipt cannot be stored', async () => {
    const id = await freezeNew(1);
    const before = await contentsOf(db);
    failAt('answers', 1, noRoom);
    await expect(db.settle(id, sampleReceipt(id))).rejects.toThrow();
    vi.restoreAllMocks();
    expect(await contentsOf(db)).toEqual(before);
  });
});

describe('the book of what the link carried', () => {
  it('adds up by day, and forgets the oldest days', async () => {
    const { db, remove } = temporaryLibrary();
    try {
      const once = { up: 1, down: 10, requests: 1 };
      await Promise.all([db.spend('2026-11-15', once), db.spend('2026-11-15', once)]);
      expect(await db.book()).toEqual([{ day: '2026-11-15', up: 2, down: 20, requests: 2 }]);
      const days = Array.from({ length: 405 }, (_, i) => new Date(Date.UTC(2027, 0, 1 + i)).toISOString().slice(0, 10));
      for (const day of days) await db.spend(day, once);
      expect((await db.book()).map(({ day }) => day)).toEqual(days.slice(5));
    } finally {
      await remove();
    }
  });

  it('outlives a library that is replaced, as what was set about the link does', async () => {
    const { db, remove } = temporaryLibrary();
    try {
      await db.setPolicy({ saving: true, daily: 5 });
      await db.setPolicy({ daily: undefined, paused: true });
      await db.spend('2026-11-15', { up: 1, down: 10, requests: 1 });
      await db.forget();
      expect(await db.policy()).toEqual({ saving: true, daily: undefined, paused: true });
      expect(await db.all('traffic')).toHaveLength(1);
    } finally {
      await remove();
    }
  });
});

describe('durability', () => {
  /** The durability that each transaction of a mode asked for. */
  const asked = (mode: IDBTransactionMode) => {
    const spy = vi.spyOn(IDBDatabase.prototype, 'transaction');
    return (name: string) =>
      spy.mock.calls
        .filter((call, i) => call[1] === mode && (spy.mock.contexts[i] as IDBDatabase).name === name)
        .map(([, , options]) => options?.durability);
  };

  it('is strict for everything that is written of an answer', async () => {
    const { db, remove } = temporaryAnswers();
    try {
      const durability = asked('readwrite');
      await db.open();
      const steps = [
        () => db.device(() => DEVICE),
        () => freeze(db, sampleSealed(1), sampleId(1)),
        () => freeze(db, sampleSealed(2), sampleId(2)),
        () => db.settle(sampleId(1), sampleReceipt(sampleId(1))),
        () => db.needsAttention(sampleId(2), 'hash'),
      ];
      for (const [i, step] of steps.entries()) {
        await step();
        expect(durability(db.name), `step ${i}`).toHaveLength(i + 1);
      }
      expect(new Set(durability(db.name))).toEqual(new Set(['strict']));
    } finally {
      await remove();
    }
  });

  it('is what the browser likes for the library, which can be fetched again', async () => {
    const { db, remove } = temporaryLibrary();
    try {
      const durability = asked('readwrite');
      await db.open();
      await db.want('fr');
      await db.saveLibrary(sampleState(1));
      expect(durability(db.name)).toHaveLength(2);
      expect(durability(db.name)).not.toContain('strict');
    } finally {
      await remove();
    }
  });
});
