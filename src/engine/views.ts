import { liveQuery } from 'dexie';
import type {
  AnswerCounts,
  AnswerState,
  GivenUp,
  ItemView,
  LibraryView,
  StatusView,
  Unwatch,
} from '../core/api/worker-api.ts';
import { fromUtf8 } from '../core/protocol/bytes.ts';
import { cardOf } from '../core/protocol/card.ts';
import { neededShelves, type ShelfTable } from '../core/protocol/head.ts';
import { CENTRE_ID, isReadable } from '../core/protocol/item.ts';
import type { SyncRecord } from '../core/protocol/log.ts';
import { dayOf, type NetworkView, type Policy } from '../core/protocol/network.ts';
import type { LibraryState, ShelfState } from '../core/sync/ports.ts';
import { holdOf, leftOf } from '../core/sync/spending.ts';
import { sumOf } from '../core/sync/traffic.ts';
import type { AnswersDb } from '../store/answers-db.ts';
import { itemIn, type LibraryDb } from '../store/library-db.ts';
import type { CardRecord, GaveUp, ShelfRecord } from '../store/library-records.ts';
import { spentOf } from './spending.ts';

/**
 * What pages see of the store, as live queries: asked again whenever a page, worker or service worker changes what they read.
 *
 * Rule: a query awaits Dexie's own promises, directly and few. Behind the native promise of another async function Dexie loses sight of what
 * is read, and later changes of it would be missed.
 */

export const watch = <T>(query: () => Promise<T>, listener: (value: T) => void): Unwatch => {
  const subscription = liveQuery(query).subscribe({
    next: listener,
    // A closed database opens again at the next question; the page keeps what it shows.
    error: (error) => console.warn('live query', String(error)),
  });
  return () => subscription.unsubscribe();
};

const tableOf = (state: LibraryState | undefined): ShelfTable =>
  state?.table ? (JSON.parse(fromUtf8(state.table)) as ShelfTable) : {};

/** The shelves that somebody wants, and those that stand in for what these lack: others are no longer brought up to date. */
export const shelvesInUse = (state: LibraryState | undefined, shelves: readonly ShelfRecord[]): readonly string[] =>
  neededShelves(
    shelves.filter(({ order }) => order < 0).map(({ name }) => name),
    tableOf(state),
  );

/** Whether all text of a shelf is here, as the newest table names it. */
const isWhole = (table: ShelfTable, name: string, shelf: ShelfState | undefined): boolean =>
  shelf !== undefined && shelf.hash !== '' && shelf.hash === table[name]?.hash;

/** Whether a shelf and those that stand in for its gaps are here. */
const areWhole = (table: ShelfTable, name: string, shelves: readonly ShelfRecord[]): boolean =>
  neededShelves([name], table).every((one) =>
    isWhole(
      table,
      one,
      shelves.find((shelf) => shelf.name === one),
    ),
  );

const DAY_SECONDS = 86_400;
/** So long something is new, counted in the library's own time: a phone's clock may be years off. */
const NEWS_SECONDS = 30 * DAY_SECONDS;

/** The later of what the phone's clock and the library's newest publication say: a clock that was reset is behind. */
const todayOf = (issued: number): string => new Date(Math.max(Date.now(), issued * 1000)).toISOString().slice(0, 10);

export const libraryView = async (library: LibraryDb, name: string): Promise<LibraryView> => {
  const [meta, shelves] = await Promise.all([library.meta.get('library'), library.shelves.toArray()]);
  const state = meta?.value as LibraryState | undefined;
  const table = tableOf(state);
  const chain = neededShelves([name], table);
  // Shelf by shelf: `anyOf` would walk a cursor, ten times slower with thousands of cards.
  const ofShelves = await Promise.all(chain.map((shelf) => library.cards.where('shelf').equals(shelf).toArray()));
  const stored = ofShelves.flat();
  const early = (await library.urgent.bulkGet([...chain])).flatMap((alerts) => alerts ?? []);
  const centreCard = stored.find(({ id, shelf }) => id === CENTRE_ID && shelf === name);
  const record = centreCard && (await library.records.get([name, centreCard.n]));
  const centre = itemIn(record, CENTRE_ID);
  const closest = new Map<string, CardRecord>();
  const rank = (card: CardRecord) => chain.indexOf(card.shelf);
  for (const card of stored) {
    const other = closest.get(card.id);
    if (card.picture !== '' && (other === undefined || rank(card) < rank(other))) closest.set(card.id, card);
  }
  // What came before the rest of its pack stands in the place of what is here.
  const issued = state?.head?.issued ?? 0;
  for (const { shelf, items } of early.reverse())
    for (const item of items) closest.set(item.id, { ...cardOf(item), shelf, n: -1, came: issued });
  const cards = [...closest.values()].sort((a, b) => a.order - b.order);
  const news = cards.filter(({ came }) => came > 0 && issued - came < NEWS_SECONDS).sort((a, b) => b.came - a.came);
  // The library's own order: a table has none.
  const order = centre?.kind === 'centre' ? centre.languages : Object.keys(table);
  return {
    centre: centre?.title,
    cards: cards.map(({ shelf: _, n: __, came: ___, ...card }) => card),
    news: news.map(({ id }) => id),
    today: todayOf(issued),
    names: centre?.kind === 'centre' ? (centre.names ?? []) : [],
    heard: (centre?.kind === 'centre' && centre.heard) || [],
    whole: areWhole(table, name, shelves),
    languages: order.map((lang) => ({
      lang,
      kept: (shelves.find((one) => one.name === lang)?.hash ?? '') !== '',
      standsIn: shelves.some((one) => one.order < 0 && one.name !== lang && table[one.name]?.fallback?.includes(lang)),
      bytes: table[lang]?.bytes ?? 0,
    })),
  };
};

export const itemView = async (library: LibraryDb, name: string, id: string): Promise<ItemView> => {
  const [meta, shelves] = await Promise.all([library.meta.get('library'), library.shelves.toArray()]);
  const table = tableOf(meta?.value as LibraryState | undefined);
  const chain = neededShelves([name], table);
  const cards = await library.cards.bulkGet(chain.map((shelf): [string, string] => [shelf, id]));
  const card = cards.find((one) => one !== undefined);
  const early = (await library.urgent.bulkGet([...chain])).find((alerts) => alerts?.items.some((one) => one.id === id));
  const item =
    early?.items.find((one) => one.id === id) ?? itemIn(card && (await library.records.get([card.shelf, card.n])), id);
  if (!item || !isReadable(item)) return { state: 'missing', known: !areWhole(table, name, shelves) };
  // Asked in the chosen language, whatever the text is in.
  const formCard = await library.cards.get([name, item.form]);
  const form = itemIn(formCard && (await library.records.get([name, formCard.n])), item.form);
  return { state: 'stored', item, form: form?.kind === 'form' ? form : undefined };
};

const GIVEN_UP: readonly GivenUp[] = ['recordings', 'pictures', 'languages', 'kept'];

export const statusView = async (library: LibraryDb): Promise<Omit<StatusView, 'phase' | 'link'>> => {
  const [metaLibrary, metaSync, shelves, setting] = await Promise.all([
    library.meta.get('library'),
    library.meta.get('sync'),
    library.shelves.toArray(),
    library.settings.get('gaveUp'),
  ]);
  const gaveUp = (setting?.value ?? {}) as GaveUp;
  const state = metaLibrary?.value as LibraryState | undefined;
  const sync = metaSync?.value as SyncRecord | undefined;
  const table = tableOf(state);
  const asked = shelves.filter(({ order }) => order < 0);
  // A language that left the library is nothing to wait for.
  const wanted = asked.filter(({ name }) => name in table);
  const whole = wanted.length > 0 && wanted.every(({ name }) => areWhole(table, name, shelves));
  return {
    reached: sync?.reached,
    news: state?.head?.issued,
    problem: sync?.problem,
    needsUpdate: sync?.needsUpdate ?? false,
    fingerprint: state?.identity,
    whole,
    owed: asked.length > 0 && !whole,
    gaveUp: GIVEN_UP.filter((what) => gaveUp[what]?.read === false),
  };
};

export const answersView = async (answers: AnswersDb, numbers: readonly string[]): Promise<AnswerCounts> => {
  const inState = (state: AnswerState) => answers.answers.where({ state }).count();
  const [kept, held, centre, attention, carried, own] = await Promise.all([
    inState('kept'),
    inState('held'),
    inState('centre'),
    inState('attention'),
    answers.carried.where({ state: 'kept' }).count(),
    answers.answers.where('number').anyOf(numbers).toArray(),
  ]);
  return {
    kept,
    held,
    centre,
    attention,
    carried,
    states: Object.fromEntries(own.map(({ number, state }) => [number, state])),
  };
};

/** `now`: milliseconds since 1970. */
export const networkView = async (library: LibraryDb, now: number): Promise<NetworkView> => {
  const [setting, records] = await Promise.all([library.settings.get('policy'), library.traffic.toArray()]);
  const policy = (setting?.value ?? {}) as Policy;
  const today = dayOf(now);
  const spent = spentOf(policy, records, now);
  return {
    policy,
    today: sumOf(records.filter(({ day }) => day === today)),
    month: sumOf(records.filter(({ day }) => day.startsWith(today.slice(0, 7)))),
    left: leftOf(policy, spent, today),
    hold: holdOf(policy, spent, now, 'news'),
  };
};
