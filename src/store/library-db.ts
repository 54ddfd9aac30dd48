import { RelaisError } from '../core/errors.ts';
import type { Alerts } from '../core/protocol/alerts.ts';
import { concat, fromUtf8 } from '../core/protocol/bytes.ts';
import { type Card, cardOf } from '../core/protocol/card.ts';
import type { Row } from '../core/protocol/catalogue.ts';
import { type ItemBody, isReadable } from '../core/protocol/item.ts';
import { collectionOf, languagesFirst } from '../core/protocol/shelf.ts';
import type { LibraryState, LibraryStore, PackPart, ShelfCommit, ShelfState } from '../core/sync/ports.ts';
import type { Reading } from './database.ts';
import { droppedWith, goingWith } from './going-shelves.ts';
import { under } from './keys.ts';
import { LibraryNotes } from './library-notes.ts';
import { type CardRecord, grouped, groupOf, itemIn, LIBRARY_STEPS, type LibrarySchema } from './library-schema.ts';

/**
 * The library's database. Everything in it can be fetched again, so its durability is relaxed.
 * The name never carries a version; see docs/house.md for what a change of this schema has to bring along.
 */
export const LIBRARY_DB = 'relais-library';

/** Items in one record: six times faster to write than one each. */
const ITEMS_PER_RECORD = 24;
/** All stores of a library's content. */
const CONTENT = ['meta', 'shelves', 'catalogue', 'records', 'cards', 'groups', 'parts', 'urgent'] as const;
/** Those with records of a shelf, whose keys begin with its name. */
const OF_SHELF = ['catalogue', 'records', 'cards', 'groups', 'parts'] as const;

const signedKey = (shelf: string): `alerts/${string}` => `alerts/${shelf}`;

/** What is known of the library, in a transaction. */
export const stateIn = async (at: Reading<LibrarySchema, 'meta'>): Promise<LibraryState | undefined> =>
  (await at('meta').get('library'))?.value as LibraryState | undefined;

export class LibraryDb extends LibraryNotes implements LibraryStore {
  constructor(name = LIBRARY_DB) {
    super(name, LIBRARY_STEPS);
  }

  library(): Promise<LibraryState | undefined> {
    return this.read(['meta'], stateIn);
  }

  async saveLibrary(value: LibraryState): Promise<void> {
    await this.write(['meta'], async (at) => {
      const before = await stateIn(at);
      if (before?.head && (value.head?.seq ?? 0) < before.head.seq) {
        throw new RelaisError('rollback', { seq: value.head?.seq ?? 0, seen: before.head.seq });
      }
      await at('meta').put({ key: 'library', value });
    });
  }

  async wanted(): Promise<readonly string[]> {
    const wishes = IDBKeyRange.upperBound(0, true);
    return languagesFirst(await this.read(['shelves'], (at) => at('shelves').index('order').getAllKeys(wishes)));
  }

  /** Puts a shelf first among those wanted. */
  async want(name: string): Promise<void> {
    await this.write(['shelves'], async (at) => {
      const first = (await at('shelves').index('order').openCursor())?.value;
      if (first?.name === name && first.order < 0) return;
      const known = await at('shelves').get(name);
      await at('shelves').put({ baseSeq: 0, hash: '', ...known, name, order: (first?.order ?? 0) - 1 });
    });
  }

  /**
   * Wants a shelf no more. It goes from this device, and so does what stood in for its gaps alone. A language takes its collections with it.
   */
  async release(name: string): Promise<void> {
    await this.write(CONTENT, async (at) => {
      const [state, shelves] = await Promise.all([stateIn(at), at('shelves').getAll()]);
      const dropped = droppedWith(name, shelves);
      const going = goingWith(dropped, state, shelves);
      for (const known of shelves)
        if (dropped.includes(known.name) && !going.includes(known.name))
          await at('shelves').put({ ...known, order: 0 });
      for (const shelf of going) {
        for (const store of OF_SHELF) await at(store).delete(under(shelf));
        await at('urgent').delete(shelf);
        await at('meta').delete(signedKey(shelf));
        await at('shelves').delete(shelf);
      }
    });
  }

  /**
   * Lets the language go that was read longest ago, unless it fills gaps of another, or pictures and recordings among `kept` would go with it;
   * or the collection that was chosen longest ago, likewise. False: there is none.
   */
  async releaseLast(kept: ReadonlySet<string>, of: 'languages' | 'collections' = 'languages'): Promise<boolean> {
    const [state, shelves, buckets] = await Promise.all([this.library(), this.all('shelves'), this.all('catalogue')]);
    const named = (going: readonly string[], isGoing: boolean): readonly string[] =>
      buckets
        .filter(({ shelf }) => going.includes(shelf) === isGoing)
        .flatMap(({ rows }) => rows.flatMap(({ blobs }) => blobs ?? []));
    const wanted = shelves.filter(({ order }) => order < 0).sort((a, b) => b.order - a.order);
    // One that came by hand, and that nobody has chosen since, goes first.
    const collections = shelves
      .filter(({ name }) => collectionOf(name) !== undefined)
      .sort((a, b) => b.order - a.order);
    // The language that is being read stays.
    const languages = wanted.filter(({ name }) => collectionOf(name) === undefined).slice(0, -1);
    for (const { name } of of === 'languages' ? languages : collections) {
      const going = goingWith(droppedWith(name, shelves), state, shelves);
      const stays = new Set(named(going, false));
      if (!going.includes(name) || named(going, true).some((hash) => kept.has(hash) && !stays.has(hash))) continue;
      await this.release(name);
      return true;
    }
    return false;
  }

  async shelf(name: string): Promise<ShelfState> {
    const { baseSeq, hash } = (await this.get('shelves', name)) ?? { baseSeq: 0, hash: '' };
    return { baseSeq, hash };
  }

  async buckets(shelf: string): Promise<Map<number, readonly Row[]>> {
    const records = await this.all('catalogue', under(shelf));
    return new Map(records.map(({ bucket, rows }) => [bucket, rows]));
  }

  async bodies(shelf: string): Promise<Map<string, Uint8Array>> {
    const records = await this.all('records', under(shelf));
    return new Map(records.flatMap(({ bodies }) => bodies.map(({ hash, body }) => [hash, body] as const)));
  }

  async commitShelf({ shelf, baseSeq, hash, buckets, put, remove, alerts }: ShelfCommit): Promise<void> {
    const isCurrent = await this.write(CONTENT, async (at) => {
      const known = await at('shelves').get(shelf);
      // What is left of a shelf that an older app has removed belongs to nothing.
      if (!known?.hash) await at('groups').delete(under(shelf));
      const isGrouped = !known?.hash || known.groupedAt === known.hash;
      const came = (known?.baseSeq ?? 0) > 0 ? ((await stateIn(at))?.head?.issued ?? 0) : 0;
      const records = await at('records').getAll(under(shelf));
      const gone = new Set([...remove, ...put.map(({ row }) => row.id)]);
      const next = records.map((record) => ({ ...record, bodies: record.bodies.filter(({ id }) => !gone.has(id)) }));
      const touched = new Set(next.filter((record, i) => record.bodies.length !== records[i]?.bodies.length));
      // The first with room: those before it are full, and stay so.
      let place = 0;
      const places = put.map(({ row, body }) => {
        while ((next[place]?.bodies.length ?? 0) >= ITEMS_PER_RECORD) place++;
        let record = next[place];
        if (!record) {
          record = { shelf, n: (next.at(-1)?.n ?? -1) + 1, bodies: [] };
          next.push(record);
        }
        record.bodies = [...record.bodies, { id: row.id, hash: row.sha256 ?? '', body }];
        touched.add(record);
        return record.n;
      });
      // All at once, and awaited together: the first that fails says why.
      const texts = Promise.all([
        ...[...touched].map(async (record) => at('records').put(record)),
        ...[...buckets].map(async ([bucket, rows]) =>
          rows.length > 0 ? at('catalogue').put({ shelf, bucket, rows }) : at('catalogue').delete([shelf, bucket]),
        ),
      ]);
      texts.catch(() => {});
      // The cards are made while the browser writes the texts: each takes about as long. Nothing but the card is kept of what is parsed.
      const cards = put.map(({ body }, i) => ({ ...cardIn(body), shelf, n: places[i] as number, came }));
      const fresh = grouped(cards);
      const groups = [...new Set([...remove.map(groupOf), ...fresh.keys()])];
      const [early, ...before] = await Promise.all([
        at('urgent').get(shelf),
        ...groups.map((group) => at('groups').get([shelf, group])),
      ]);
      await Promise.all([
        texts,
        at('shelves').put({ order: 0, ...known, name: shelf, baseSeq, hash, groupedAt: isGrouped ? hash : '' }),
        ...groups.map(async (group, i) => {
          const others = before[i]?.cards.filter(({ id }) => !gone.has(id)) ?? [];
          const now = [...others, ...(fresh.get(group) ?? [])];
          return now.length > 0 ? at('groups').put({ shelf, group, cards: now }) : at('groups').delete([shelf, group]);
        }),
        at('cards').delete(under(shelf)),
        at('parts').delete(under(shelf)),
        early && early.seq <= baseSeq && at('urgent').delete(shelf),
        alerts && at('meta').put({ key: signedKey(shelf), value: alerts }),
      ]);
      return isGrouped;
    });
    if (!isCurrent) await this.catchUp();
  }

  /**
   * Makes the cards anew of shelves that an older app has changed, which was open in another tab: it knows nothing of groups, and items may lie in other
   * records now.
   */
  async catchUp(): Promise<void> {
    for (const { name, hash, groupedAt = '' } of await this.all('shelves')) {
      if (hash === groupedAt) continue;
      const [records, before] = await Promise.all([this.all('records', under(name)), this.cards(name)]);
      const came = new Map(before.map((card) => [card.id, card.came]));
      const cards = records.flatMap(({ n, bodies }) =>
        bodies.map(({ id, body }) => ({ ...cardIn(body), shelf: name, n, came: came.get(id) ?? 0 })),
      );
      await this.write(['shelves', 'groups'], async (at) => {
        const now = await at('shelves').get(name);
        // Changed meanwhile: the next time.
        if (now?.hash !== hash) return;
        await at('groups').delete(under(name));
        for (const [group, some] of grouped(cards)) await at('groups').put({ shelf: name, group, cards: some });
        await at('shelves').put({ ...now, groupedAt: hash });
      });
    }
  }

  async advance(shelves: readonly string[], seq: number): Promise<void> {
    await this.write(['shelves'], async (at) => {
      for (const name of shelves) {
        const known = await at('shelves').get(name);
        if (known) await at('shelves').put({ ...known, baseSeq: seq });
      }
    });
  }

  async forget(): Promise<void> {
    await this.write(
      CONTENT,
      async (at) => {
        for (const shelf of await at('shelves').getAll())
          await at('shelves').put({ ...shelf, baseSeq: 0, hash: '', groupedAt: '' });
        for (const store of CONTENT) if (store !== 'shelves') await at(store).clear();
      },
      [...CONTENT, 'sync'],
    );
  }

  alerts(shelf: string): Promise<Alerts | undefined> {
    return this.get('urgent', shelf);
  }

  async saveAlerts(alerts: Alerts, signed: Uint8Array): Promise<void> {
    await this.write(['shelves', 'urgent', 'meta'], async (at) => {
      const { shelf, seq } = alerts;
      const [known, before] = await Promise.all([at('shelves').get(shelf), at('urgent').get(shelf)]);
      if (seq <= Math.max(known?.baseSeq ?? 0, before?.seq ?? 0)) return;
      await at('urgent').put(alerts);
      await at('meta').put({ key: signedKey(shelf), value: signed });
    });
  }

  /** The newest urgent notices that came of a shelf, as they were signed. Unverified, where its pack brought them; they may be over, too. */
  async signedAlerts(shelf: string): Promise<Uint8Array | undefined> {
    return (await this.get('meta', signedKey(shelf)))?.value as Uint8Array | undefined;
  }

  async part(shelf: string): Promise<PackPart | undefined> {
    const records = await this.all('parts', under(shelf));
    const path = records[0]?.path;
    return path === undefined ? undefined : { path, bytes: concat(records.map(({ bytes }) => bytes)) };
  }

  async savePart(shelf: string, path: string, at: number, bytes: Uint8Array): Promise<void> {
    await this.write(['parts'], async (stores) => {
      const parts = stores('parts');
      const last = (await parts.openCursor(under(shelf), 'prev'))?.value;
      const end = last?.path === path ? last.at + last.bytes.length : 0;
      if (at === 0) await parts.delete(under(shelf));
      if (at === 0 || at === end) await parts.put({ shelf, at, path, bytes });
    });
  }

  async dropPart(shelf: string): Promise<void> {
    await this.write(['parts'], (at) => at('parts').delete(under(shelf)));
  }

  /** All cards of a shelf, by their ids. */
  cards(shelf: string): Promise<readonly CardRecord[]> {
    return this.read(['groups'], (at) => cardsIn(at, shelf));
  }

  /** A stored item, parsed; undefined where it is not on this device. */
  item(shelf: string, id: string): Promise<ItemBody | undefined> {
    return this.read(['groups', 'records'], (at) => storedIn(at, shelf, id));
  }
}

/** All cards of a shelf by their ids, in a transaction. */
export const cardsIn = async (at: Reading<LibrarySchema, 'groups'>, shelf: string): Promise<readonly CardRecord[]> => {
  const groups = await at('groups').getAll(under(shelf));
  return groups.flatMap(({ cards }) => cards).sort((a, b) => (a.id < b.id ? -1 : 1));
};

/** A stored item, in a transaction. */
export const storedIn = async (
  at: Reading<LibrarySchema, 'groups' | 'records'>,
  shelf: string,
  id: string,
): Promise<ItemBody | undefined> => {
  const group = await at('groups').get([shelf, groupOf(id)]);
  const card = group?.cards.find((one) => one.id === id);
  return card && itemIn(await at('records').get([shelf, card.n]), id);
};

const cardIn = (body: Uint8Array): Card => {
  const item = JSON.parse(fromUtf8(body)) as ItemBody;
  if (isReadable(item)) return cardOf(item);
  const { id, kind, lang, title } = item;
  return { id, kind, lang, title, place: '', picture: '', order: 0, tags: [] };
};
