import { liveQuery } from 'dexie';
import type { AnswerCounts, AnswerState, ItemView, LibraryView, StatusView, Unwatch } from '../core/api/worker-api.ts';
import { fromUtf8 } from '../core/protocol/bytes.ts';
import type { ShelfTable } from '../core/protocol/head.ts';
import { CENTRE_ID, isReadable } from '../core/protocol/item.ts';
import type { LibraryState, ShelfState } from '../core/sync/ports.ts';
import type { AnswersDb } from '../store/answers-db.ts';
import { itemIn, type LibraryDb, type SyncRecord } from '../store/library-db.ts';

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

/** Whether all text of a shelf is here, as the newest table names it. */
const isWhole = (table: ShelfTable, name: string, shelf: ShelfState | undefined): boolean =>
  shelf !== undefined && shelf.hash !== '' && shelf.hash === table[name]?.hash;

export const libraryView = async (library: LibraryDb, name: string): Promise<LibraryView> => {
  const [meta, shelves, cards] = await Promise.all([
    library.meta.get('library'),
    library.shelves.toArray(),
    library.cards.where({ shelf: name }).sortBy('order'),
  ]);
  const centreCard = cards.find(({ id }) => id === CENTRE_ID);
  const record = centreCard && (await library.records.get([name, centreCard.n]));
  const centre = itemIn(record, CENTRE_ID);
  const table = tableOf(meta?.value as LibraryState | undefined);
  const shelf = (lang: string) => shelves.find((one) => one.name === lang);
  // The library's own order: a table has none.
  const order = centre?.kind === 'centre' ? centre.languages : Object.keys(table);
  return {
    centre: centre?.title,
    cards: cards
      .filter(({ picture }) => picture !== '')
      .map(({ id, kind, title, place, picture }) => ({ id, kind, title, place, picture })),
    whole: isWhole(table, name, shelf(name)),
    languages: order.map((lang) => ({ lang, kept: (shelf(lang)?.hash ?? '') !== '' })),
  };
};

export const itemView = async (library: LibraryDb, name: string, id: string): Promise<ItemView> => {
  const [meta, shelf, card] = await Promise.all([
    library.meta.get('library'),
    library.shelves.get(name),
    library.cards.get([name, id]),
  ]);
  const item = itemIn(card && (await library.records.get([name, card.n])), id);
  if (!item || !isReadable(item)) {
    return { state: 'missing', known: !isWhole(tableOf(meta?.value as LibraryState | undefined), name, shelf) };
  }
  const formCard = await library.cards.get([name, item.form]);
  const form = itemIn(formCard && (await library.records.get([name, formCard.n])), item.form);
  return { state: 'stored', item, form: form?.kind === 'form' ? form : undefined };
};

export const statusView = async (library: LibraryDb): Promise<Omit<StatusView, 'phase'>> => {
  const [metaLibrary, metaSync, shelves] = await Promise.all([
    library.meta.get('library'),
    library.meta.get('sync'),
    library.shelves.toArray(),
  ]);
  const state = metaLibrary?.value as LibraryState | undefined;
  const sync = metaSync?.value as SyncRecord | undefined;
  const table = tableOf(state);
  return {
    reached: sync?.reached,
    news: state?.head?.issued,
    problem: sync?.problem,
    needsUpdate: sync?.needsUpdate ?? false,
    fingerprint: state?.identity,
    // A language that left the library is nothing to wait for.
    whole:
      shelves.some(({ name }) => name in table) &&
      shelves.every((shelf) => !(shelf.name in table) || isWhole(table, shelf.name, shelf)),
  };
};

export const answersView = async (answers: AnswersDb, numbers: readonly string[]): Promise<AnswerCounts> => {
  const inState = (state: AnswerState) => answers.answers.where({ state }).count();
  const [kept, centre, attention, own] = await Promise.all([
    inState('kept'),
    inState('centre'),
    inState('attention'),
    answers.answers.where('number').anyOf(numbers).toArray(),
  ]);
  return { kept, centre, attention, states: Object.fromEntries(own.map(({ number, state }) => [number, state])) };
};
