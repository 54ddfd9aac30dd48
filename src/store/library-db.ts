import { Dexie, type Table } from 'dexie';
import type { GivenUp } from '../core/api/worker-api.ts';
import { RelaisError } from '../core/errors.ts';
import type { Alerts } from '../core/protocol/alerts.ts';
import { concat, fromUtf8 } from '../core/protocol/bytes.ts';
import { type Card, cardOf } from '../core/protocol/card.ts';
import type { Row } from '../core/protocol/catalogue.ts';
import { neededShelves, type ShelfTable } from '../core/protocol/head.ts';
import { type ItemBody, isReadable } from '../core/protocol/item.ts';
import { isRepeat, LOG_LENGTH, type LogEntry, type SyncRecord } from '../core/protocol/log.ts';
import type { Policy, Traffic, TrafficRecord } from '../core/protocol/network.ts';
import type { LibraryState, LibraryStore, PackPart, ShelfCommit, ShelfState } from '../core/sync/ports.ts';
import type {
  BodyRecord,
  BucketRecord,
  CardRecord,
  GaveUp,
  Lease,
  MetaRecord,
  PartRecord,
  SettingRecord,
  ShelfRecord,
} from './library-records.ts';

/**
 * The library's database. Everything in it can be fetched again, so its durability is relaxed.
 * Inside a transaction only Dexie's own promises are awaited, directly: behind another async function it may end too early.
 * The name never carries a version; see docs/house.md for what a change of this schema has to bring along.
 */
export const LIBRARY_DB = 'relais-library';

/** Items in one record: six times faster to write than one each. */
const ITEMS_PER_RECORD = 24;
/** A year and a month: what a bundle can last. */
const BOOK_DAYS = 400;

export class LibraryDb extends Dexie implements LibraryStore {
  declare meta: Table<MetaRecord, string>;
  declare shelves: Table<ShelfRecord, string>;
  declare catalogue: Table<BucketRecord, [string, number]>;
  declare records: Table<BodyRecord, [string, number]>;
  declare cards: Table<CardRecord, [string, string]>;
  declare parts: Table<PartRecord, [string, number]>;
  declare urgent: Table<Alerts, string>;
  declare traffic: Table<TrafficRecord, string>;
  declare settings: Table<SettingRecord, string>;
  declare log: Table<LogEntry & { id?: number }, number>;

  constructor(name = LIBRARY_DB) {
    // The cache would keep every body that was read in memory: too much for a phone of 1 GB.
    super(name, { cache: 'disabled' });
    this.version(1).stores({
      meta: '&key',
      shelves: '&name, order',
      catalogue: '&[shelf+bucket], shelf',
      records: '&[shelf+n], shelf',
      cards: '&[shelf+id], shelf',
      log: '++id',
    });
    // Cards tell the language, what the item is filed under, and when it came.
    this.version(2).upgrade((transaction) =>
      transaction
        .table<CardRecord, [string, string]>('cards')
        .toCollection()
        .modify((card) => {
          Object.assign(card, { lang: card.shelf, tags: [], came: 0 });
        }),
    );
    // A pack that was cut goes on where it was.
    this.version(3).stores({ parts: '&[shelf+at], shelf' });
    // Alerts come before the rest of their pack. The book of what the link carried, and what it may carry, outlive a library.
    this.version(4).stores({ urgent: '&shelf', traffic: '&day', settings: '&key' });
  }

  async library(): Promise<LibraryState | undefined> {
    return (await this.meta.get('library'))?.value as LibraryState | undefined;
  }

  async saveLibrary(value: LibraryState): Promise<void> {
    await this.transaction('rw', this.meta, async () => {
      const before = (await this.meta.get('library'))?.value as LibraryState | undefined;
      if (before?.head && (value.head?.seq ?? 0) < before.head.seq) {
        throw new RelaisError('rollback', { seq: value.head?.seq ?? 0, seen: before.head.seq });
      }
      await this.meta.put({ key: 'library', value });
    });
  }

  async wanted(): Promise<readonly string[]> {
    return (await this.shelves.where('order').below(0).primaryKeys()) as string[];
  }

  /** Puts a shelf first among those wanted. */
  async want(name: string): Promise<void> {
    await this.transaction('rw', this.shelves, async () => {
      const first = await this.shelves.orderBy('order').first();
      if (first?.name === name && first.order < 0) return;
      const known = await this.shelves.get(name);
      await this.shelves.put({ baseSeq: 0, hash: '', ...known, name, order: (first?.order ?? 0) - 1 });
    });
  }

  /** Wants a shelf no more. It goes from this device, and so does what stood in for its gaps alone. */
  async release(name: string): Promise<void> {
    await this.transaction('rw', this.#content, async () => {
      const [state, shelves] = await Promise.all([this.meta.get('library'), this.shelves.toArray()]);
      const going = goingWith(name, state?.value as LibraryState | undefined, shelves);
      if (!going.includes(name)) await this.shelves.where({ name }).modify({ order: 0 });
      for (const shelf of going) {
        for (const rows of [this.catalogue, this.records, this.cards, this.parts]) await rows.where({ shelf }).delete();
        await this.urgent.delete(shelf);
        await this.shelves.delete(shelf);
      }
    });
  }

  /**
   * Lets the language go that was read longest ago, unless it fills gaps of another, or pictures and recordings among `kept` would go with it.
   * False: there is none.
   */
  async releaseLast(kept: ReadonlySet<string>): Promise<boolean> {
    const [state, shelves, buckets] = await Promise.all([
      this.library(),
      this.shelves.toArray(),
      this.catalogue.toArray(),
    ]);
    const named = (going: readonly string[], isGoing: boolean): readonly string[] =>
      buckets
        .filter(({ shelf }) => going.includes(shelf) === isGoing)
        .flatMap(({ rows }) => rows.flatMap(({ blobs }) => blobs ?? []));
    const wanted = shelves.filter(({ order }) => order < 0).sort((a, b) => b.order - a.order);
    for (const { name } of wanted.slice(0, -1)) {
      const going = goingWith(name, state, shelves);
      const stays = new Set(named(going, false));
      if (!going.includes(name) || named(going, true).some((hash) => kept.has(hash) && !stays.has(hash))) continue;
      await this.release(name);
      return true;
    }
    return false;
  }

  async shelf(name: string): Promise<ShelfState> {
    const { baseSeq, hash } = (await this.shelves.get(name)) ?? { baseSeq: 0, hash: '' };
    return { baseSeq, hash };
  }

  async buckets(shelf: string): Promise<Map<number, readonly Row[]>> {
    const records = await this.catalogue.where({ shelf }).toArray();
    return new Map(records.map(({ bucket, rows }) => [bucket, rows]));
  }

  async bodies(shelf: string): Promise<Map<string, Uint8Array>> {
    const records = await this.records.where({ shelf }).toArray();
    return new Map(records.flatMap(({ bodies }) => bodies.map(({ hash, body }) => [hash, body] as const)));
  }

  async commitShelf(change: ShelfCommit): Promise<void> {
    const { shelf, baseSeq, hash } = change;
    // Parsed before the transaction opens: it must not wait for anything but the database.
    const parsed = change.put.map(({ row, body }) => ({ row, body, item: JSON.parse(fromUtf8(body)) as ItemBody }));
    await this.transaction('rw', this.#content, async () => {
      const known = await this.shelves.get(shelf);
      const library = (await this.meta.get('library'))?.value as LibraryState | undefined;
      const came = (known?.baseSeq ?? 0) > 0 ? (library?.head?.issued ?? 0) : 0;
      await this.shelves.put({ order: 0, ...known, name: shelf, baseSeq, hash });
      const buckets = [...change.buckets].map(([bucket, rows]) => ({ shelf, bucket, rows }));
      await this.catalogue.bulkPut(buckets.filter(({ rows }) => rows.length > 0));
      const empty = buckets.filter(({ rows }) => rows.length === 0);
      await this.catalogue.bulkDelete(empty.map(({ bucket }): [string, number] => [shelf, bucket]));
      const records = await this.records.where({ shelf }).sortBy('n');
      const gone = new Set([...change.remove, ...parsed.map(({ row }) => row.id)]);
      const next = records.map((record) => ({ ...record, bodies: record.bodies.filter(({ id }) => !gone.has(id)) }));
      const touched = new Set(next.filter((record, i) => record.bodies.length !== records[i]?.bodies.length));
      const cards: CardRecord[] = [];
      // The first with room: those before it are full, and stay so.
      let at = 0;
      for (const { row, body, item } of parsed) {
        while ((next[at]?.bodies.length ?? 0) >= ITEMS_PER_RECORD) at++;
        let record = next[at];
        if (!record) {
          record = { shelf, n: (next.at(-1)?.n ?? -1) + 1, bodies: [] };
          next.push(record);
        }
        record.bodies = [...record.bodies, { id: row.id, hash: row.sha256 ?? '', body }];
        touched.add(record);
        cards.push({ ...toCard(item), shelf, n: record.n, came });
      }
      await this.cards.bulkPut(cards);
      await this.records.bulkPut([...touched]);
      await this.cards.bulkDelete(change.remove.map((id): [string, string] => [shelf, id]));
      await this.parts.where({ shelf }).delete();
      if (((await this.urgent.get(shelf))?.seq ?? 0) <= baseSeq) await this.urgent.delete(shelf);
    });
  }

  async advance(shelves: readonly string[], seq: number): Promise<void> {
    await this.shelves.where('name').anyOf(shelves).modify({ baseSeq: seq });
  }

  async forget(): Promise<void> {
    await this.transaction('rw', this.#content, async () => {
      await Promise.all(
        [this.meta, this.catalogue, this.records, this.cards, this.parts, this.urgent].map((table) => table.clear()),
      );
      await this.shelves.toCollection().modify({ baseSeq: 0, hash: '' });
    });
  }

  /** All tables of a library's content. */
  get #content(): Table[] {
    return [this.meta, this.shelves, this.catalogue, this.records, this.cards, this.parts, this.urgent];
  }

  async alerts(shelf: string): Promise<Alerts | undefined> {
    return this.urgent.get(shelf);
  }

  async saveAlerts(alerts: Alerts): Promise<void> {
    await this.transaction('rw', this.shelves, this.urgent, async () => {
      const { shelf, seq } = alerts;
      const [known, before] = await Promise.all([this.shelves.get(shelf), this.urgent.get(shelf)]);
      if (seq > Math.max(known?.baseSeq ?? 0, before?.seq ?? 0)) await this.urgent.put(alerts);
    });
  }

  async part(shelf: string): Promise<PackPart | undefined> {
    const records = await this.parts.where({ shelf }).sortBy('at');
    const path = records[0]?.path;
    return path === undefined ? undefined : { path, bytes: concat(records.map(({ bytes }) => bytes)) };
  }

  async savePart(shelf: string, path: string, at: number, bytes: Uint8Array): Promise<void> {
    await this.transaction('rw', this.parts, async () => {
      const ofShelf = this.parts.where('[shelf+at]').between([shelf, Dexie.minKey], [shelf, Dexie.maxKey]);
      const last = await ofShelf.last();
      const end = last?.path === path ? last.at + last.bytes.length : 0;
      if (at === 0) await this.parts.where({ shelf }).delete();
      if (at === 0 || at === end) await this.parts.put({ shelf, at, path, bytes });
    });
  }

  async dropPart(shelf: string): Promise<void> {
    await this.parts.where({ shelf }).delete();
  }

  /** A stored item, parsed; undefined where it is not on this device. */
  async item(shelf: string, id: string): Promise<ItemBody | undefined> {
    const card = await this.cards.get([shelf, id]);
    return card && itemIn(await this.records.get([shelf, card.n]), id);
  }

  async sync(): Promise<SyncRecord | undefined> {
    return (await this.meta.get('sync'))?.value as SyncRecord | undefined;
  }

  /** Stores how a sync ended, and a line for the log: a try that ended as the one before takes its line. */
  async ended(record: SyncRecord, entry: LogEntry): Promise<void> {
    await this.transaction('rw', this.meta, this.log, async () => {
      await this.meta.put({ key: 'sync', value: record });
      const before = await this.log.orderBy('id').last();
      await this.log.put(before && isRepeat(before, entry) ? { ...entry, id: before.id as number } : entry);
      const old = await this.log.orderBy('id').reverse().offset(LOG_LENGTH).primaryKeys();
      await this.log.bulkDelete(old);
    });
  }

  async lastSyncs(): Promise<LogEntry[]> {
    return (await this.log.orderBy('id').reverse().toArray()).map(({ id: _, ...entry }) => entry);
  }

  async policy(): Promise<Policy> {
    return ((await this.settings.get('policy'))?.value ?? {}) as Policy;
  }

  /** Puts what is given in the place of what was there; `undefined` takes it away. */
  async setPolicy(change: Readonly<Partial<Record<keyof Policy, unknown>>>): Promise<void> {
    await this.transaction('rw', this.settings, async () => {
      const before = (await this.settings.get('policy'))?.value ?? {};
      await this.settings.put({ key: 'policy', value: { ...before, ...change } as Policy });
    });
  }

  async giveUp(what: GivenUp, now: number): Promise<void> {
    await this.#changeGivenUp((before) => ({ ...before, [what]: { at: now, read: false } }));
  }

  async gaveUpAt(what: GivenUp): Promise<number | undefined> {
    return ((await this.settings.get('gaveUp'))?.value as GaveUp | undefined)?.[what]?.at;
  }

  /** Somebody has read that these went. */
  async readGivenUp(what: readonly GivenUp[]): Promise<void> {
    await this.#changeGivenUp((before) =>
      Object.fromEntries(
        Object.entries(before).map(([name, one]) => [
          name,
          { ...one, read: one.read || what.includes(name as GivenUp) },
        ]),
      ),
    );
  }

  async #changeGivenUp(change: (before: GaveUp) => GaveUp): Promise<void> {
    await this.transaction('rw', this.settings, async () => {
      const before = (await this.settings.get('gaveUp'))?.value ?? {};
      await this.settings.put({ key: 'gaveUp', value: change(before as GaveUp) });
    });
  }

  /** Adds to the book of a day; the oldest days go. */
  async spend(day: string, { up, down, requests }: Traffic): Promise<void> {
    await this.transaction('rw', this.traffic, async () => {
      const before = (await this.traffic.get(day)) ?? { up: 0, down: 0, requests: 0 };
      await this.traffic.put({
        day,
        up: before.up + up,
        down: before.down + down,
        requests: before.requests + requests,
      });
      await this.traffic.bulkDelete(await this.traffic.orderBy('day').reverse().offset(BOOK_DAYS).primaryKeys());
    });
  }

  /** Takes the right to sync for `ms`, unless someone else holds it. Backs up Web Locks, which some workers lack. */
  async takeLease(by: string, now: number, ms: number): Promise<boolean> {
    return this.transaction('rw', this.meta, async () => {
      const lease = (await this.meta.get('lease'))?.value as Lease | undefined;
      // A lease from the future (the clock was set back) is nobody's.
      if (lease && lease.by !== by && lease.until > now && lease.until - now <= ms) return false;
      await this.meta.put({ key: 'lease', value: { by, until: now + ms } });
      return true;
    });
  }

  async dropLease(by: string): Promise<void> {
    await this.transaction('rw', this.meta, async () => {
      const lease = (await this.meta.get('lease'))?.value as Lease | undefined;
      if (lease?.by === by) await this.meta.delete('lease');
    });
  }
}

/** The shelves that go once one is wanted no more: it, and what stands in for its gaps, unless another that is wanted needs them. */
const goingWith = (
  name: string,
  state: LibraryState | undefined,
  shelves: readonly ShelfRecord[],
): readonly string[] => {
  const table = state?.table ? (JSON.parse(fromUtf8(state.table)) as ShelfTable) : {};
  const others = shelves.filter((shelf) => shelf.order < 0 && shelf.name !== name);
  const needed = neededShelves(
    others.map((shelf) => shelf.name),
    table,
  );
  return neededShelves([name], table).filter((shelf) => !needed.includes(shelf));
};

/** An item of a record, parsed. What was stored before items were filed under something has the fields for it, empty. */
export const itemIn = (record: BodyRecord | undefined, id: string): ItemBody | undefined => {
  const found = record?.bodies.find((body) => body.id === id);
  if (!found) return undefined;
  const item = JSON.parse(fromUtf8(found.body)) as ItemBody;
  return isReadable(item) ? { ...item, tags: item.tags ?? [], related: item.related ?? [] } : item;
};

const toCard = (item: ItemBody): Card => {
  if (isReadable(item)) return cardOf(item);
  const { id, kind, lang, title } = item;
  return { id, kind, lang, title, place: '', picture: '', order: 0, tags: [] };
};
