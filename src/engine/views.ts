import { liveQuery } from 'dexie';
import type { AnswerCounts, AnswerState, ItemView, LibraryView, StatusView, Unwatch } from '../core/api/worker-api.ts';
import { fromUtf8 } from '../core/protocol/bytes.ts';
import type { ShelfTable } from '../core/protocol/head.ts';
import { CENTRE_ID, isReadable } from '../core/protocol/item.ts';
import type { AnswersDb } from '../store/answers-db.ts';
import type { LibraryDb } from '../store/library-db.ts';

/** What pages see of the store, as live queries: asked again whenever a page, worker or service worker changes what they read. */

export const watch = <T>(query: () => Promise<T>, listener: (value: T) => void): Unwatch => {
  const subscription = liveQuery(query).subscribe({
    next: listener,
    // A closed database opens again at the next question; the page keeps what it shows.
    error: (error) => console.warn('live query', String(error)),
  });
  return () => subscription.unsubscribe();
};

const tableOf = async (library: LibraryDb): Promise<ShelfTable> => {
  const state = await library.library();
  return state?.table ? (JSON.parse(fromUtf8(state.table)) as ShelfTable) : {};
};

/** Whether all text of a shelf is here, as the newest table names it. */
const isWhole = async (library: LibraryDb, table: ShelfTable, name: string): Promise<boolean> => {
  const { hash } = await library.shelf(name);
  return hash !== '' && hash === table[name]?.hash;
};

export const libraryView = async (library: LibraryDb, shelf: string): Promise<LibraryView> => {
  const table = await tableOf(library);
  const centre = await library.item(shelf, CENTRE_ID);
  // The library's own order: a table has none.
  const order = centre?.kind === 'centre' ? centre.languages : Object.keys(table);
  const languages = await Promise.all(
    order.map(async (lang) => ({ lang, kept: (await library.shelf(lang)).hash !== '' })),
  );
  const cards = await library.cardsOf(shelf);
  return {
    centre: centre?.title,
    cards: cards
      .filter(({ picture }) => picture !== '')
      .map(({ id, kind, title, place, picture }) => ({ id, kind, title, place, picture })),
    whole: await isWhole(library, table, shelf),
    languages,
  };
};

export const itemView = async (library: LibraryDb, shelf: string, id: string): Promise<ItemView> => {
  const item = await library.item(shelf, id);
  if (!item || !isReadable(item))
    return { state: 'missing', known: !(await isWhole(library, await tableOf(library), shelf)) };
  const form = await library.item(shelf, item.form);
  return { state: 'stored', item, form: form?.kind === 'form' ? form : undefined };
};

export const statusView = async (library: LibraryDb): Promise<Omit<StatusView, 'phase'>> => {
  const state = await library.library();
  const sync = await library.sync();
  const table = await tableOf(library);
  const wanted = await library.wanted();
  const whole = await Promise.all(wanted.map((name) => isWhole(library, table, name)));
  return {
    reached: sync?.reached,
    news: state?.head?.issued,
    problem: sync?.problem,
    needsUpdate: sync?.needsUpdate ?? false,
    fingerprint: state?.identity,
    whole: wanted.length > 0 && whole.every(Boolean),
  };
};

export const answersView = async (answers: AnswersDb, numbers: readonly string[]): Promise<AnswerCounts> => {
  const all = await answers.states();
  const counts = { kept: 0, centre: 0, attention: 0 };
  for (const state of all.values()) counts[state]++;
  const states = numbers.map((number) => [number, all.get(number)] as const);
  const known = states.filter((entry): entry is [string, AnswerState] => entry[1] !== undefined);
  return { ...counts, states: Object.fromEntries(known) };
};
