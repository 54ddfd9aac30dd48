import type {
  AnswerCounts,
  CollectionView,
  GivenUp,
  ItemView,
  LibraryView,
  StatusView,
} from '../core/api/worker-api.ts';
import { fromUtf8 } from '../core/protocol/bytes.ts';
import { type Card, cardOf } from '../core/protocol/card.ts';
import { neededShelves, type ShelfTable } from '../core/protocol/head.ts';
import { CENTRE_ID, type CentreItem, type CollectionName, type ItemBody, isReadable } from '../core/protocol/item.ts';
import type { SyncRecord } from '../core/protocol/log.ts';
import { dayOf, type NetworkView } from '../core/protocol/network.ts';
import { collectionOf, languageOf, shelfName } from '../core/protocol/shelf.ts';
import type { LibraryState, ShelfState } from '../core/sync/ports.ts';
import { holdOf, leftOf } from '../core/sync/spending.ts';
import { sumOf } from '../core/sync/traffic.ts';
import type { AnswersDb } from '../store/answers-db.ts';
import { cardsIn, type LibraryDb, stateIn, storedIn } from '../store/library-db.ts';
import type { CardRecord, GaveUp, ShelfRecord } from '../store/library-schema.ts';
import { spentOf } from './spending.ts';

/**
 * What pages see of the store, as live queries: asked again whenever a page, worker or service worker changes what they read.
 *
 * Rule: each reads in one transaction that it begins at once, so that all of it is known to be read; see `watch`.
 */

export { watch } from '../store/changes.ts';

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

/** The shelves that a reader of a language sees: it, its collections that somebody chose, and what stands in for their gaps. */
const shelvesOf = (table: ShelfTable, lang: string, shelves: readonly ShelfRecord[]): readonly string[] => {
  const chosen = shelves.filter(({ name, order }) => order < 0 && name in table && isCollectionIn(name, lang));
  return neededShelves([lang, ...chosen.map(({ name }) => name)], table);
};

const isCollectionIn = (shelf: string, lang: string): boolean =>
  collectionOf(shelf) !== undefined && languageOf(shelf) === lang;

/** What a library says of its shelves, and how far they are here. */
interface Known {
  readonly table: ShelfTable;
  readonly sizes: CentreItem['sizes'];
  readonly shelves: readonly ShelfRecord[];
}

/**
 * What a shelf costs on the wire, with those for its gaps: those that are not here, or that count all the same. 0 where the library does not say:
 * its table knows unpacked texts only, two to four times as many bytes.
 */
const costOf = ({ table, sizes = {}, shelves }: Known, shelf: string, counts: (one: string) => boolean): number => {
  const isHere = (one: string): boolean =>
    isWhole(
      table,
      one,
      shelves.find(({ name }) => name === one),
    );
  const counted = neededShelves([shelf], table).filter((one) => counts(one) || !isHere(one));
  return counted.reduce((sum, one) => sum + (sizes[one] ?? Number.NaN), 0) || 0;
};

const collectionsIn = (known: Known, lang: string, names: readonly CollectionName[]): readonly CollectionView[] =>
  names.flatMap(({ id, name, items }) => {
    const { table, shelves } = known;
    const shelf = shelfName(lang, id);
    if (!(shelf in table)) return [];
    const isChosen = isWanted(shelves, shelf);
    const state = isChosen ? (areWhole(table, shelf, shelves) ? 'kept' : 'coming') : 'away';
    return { id, shelf, name, items, bytes: costOf(known, shelf, () => isChosen), state };
  });

const isWanted = (shelves: readonly ShelfRecord[], shelf: string): boolean =>
  shelves.some(({ name, order }) => name === shelf && order < 0);

const DAY_SECONDS = 86_400;
/** So long something is new, counted in the library's own time: a phone's clock may be years off. */
const NEWS_SECONDS = 30 * DAY_SECONDS;

/** The later of what the phone's clock and the library's newest publication say: a clock that was reset is behind. */
const todayOf = (issued: number): string => new Date(Math.max(Date.now(), issued * 1000)).toISOString().slice(0, 10);

const CONTENT = ['meta', 'shelves', 'groups', 'urgent', 'records'] as const;

export const libraryView = async (library: LibraryDb, name: string): Promise<LibraryView> => {
  const { state, shelves, table, chain, stored, early, own, others } = await library.read(CONTENT, async (at) => {
    const [state, shelves] = await Promise.all([stateIn(at), at('shelves').getAll()]);
    const table = tableOf(state);
    const chain = shelvesOf(table, name, shelves);
    const [stored, early, own] = await Promise.all([
      Promise.all(chain.map((shelf) => cardsIn(at, shelf))),
      Promise.all(chain.map((shelf) => at('urgent').get(shelf))),
      storedIn(at, name, CENTRE_ID),
    ]);
    // The centre is the same in all languages, but for what things are called: until this one has come, another tells of it.
    const others = own ? [] : await Promise.all(shelves.map((shelf) => storedIn(at, shelf.name, CENTRE_ID)));
    return {
      state,
      shelves,
      table,
      chain,
      stored: stored.flat(),
      early: early.flatMap((one) => one ?? []),
      own,
      others,
    };
  });
  const closest = new Map<string, CardRecord>();
  const rank = (card: CardRecord) => chain.indexOf(card.shelf);
  for (const card of stored) {
    const other = closest.get(card.id);
    if (card.picture !== '' && (other === undefined || rank(card) < rank(other))) closest.set(card.id, card);
  }
  const isNew = (shelf: string): boolean => !shelves.find((one) => one.name === shelf)?.hash;
  // What came before the rest of its pack stands in the place of what is here; of a shelf that is new it is no list yet.
  const issued = state?.head?.issued ?? 0;
  const alone = new Map<string, Card>();
  for (const { shelf, items } of early.reverse())
    for (const item of items) {
      if (isNew(shelf) && !closest.has(item.id)) alone.set(item.id, cardOf(item));
      else closest.set(item.id, { ...cardOf(item), shelf, n: -1, came: issued });
    }
  const cards = [...closest.values()].sort((a, b) => a.order - b.order);
  const news = cards.filter(({ came }) => came > 0 && issued - came < NEWS_SECONDS).sort((a, b) => b.came - a.came);
  const centre = [own, ...others].find((one) => one?.kind === 'centre');
  const inOwn = own && centre;
  // The library's own order: a table has none. What another language tells of it may be older than a language that the table names.
  const inTable = Object.keys(table).filter((shelf) => collectionOf(shelf) === undefined);
  const order = inOwn?.languages ?? new Set([...(centre?.languages ?? []), ...inTable]);
  const named = inOwn?.collections ?? [];
  const known = { table, sizes: centre?.sizes, shelves };
  return {
    centre: centre?.title,
    cards: cards.map(cardFor),
    early: [...alone.values()],
    coming: neededShelves([name], table).some(isNew),
    news: news.map(({ id }) => id),
    today: todayOf(issued),
    names: inOwn?.names ?? [],
    heard: centre?.heard ?? [],
    collections: collectionsIn(known, name, named),
    whole: areWhole(table, name, shelves),
    languages: [...order].map((lang) => ({
      lang,
      kept: !isNew(lang),
      coming: isNew(lang) && isWanted(shelves, lang),
      standsIn: shelves.some((one) => one.order < 0 && one.name !== lang && table[one.name]?.fallback?.includes(lang)),
      bytes: costOf(known, lang, (one) => one === lang),
      collections: isWanted(shelves, lang) ? collectionsIn(known, lang, named) : [],
    })),
  };
};

/** A card as lists show it: one of a collection is filed under it. */
const cardFor = ({ shelf, n: _, came: __, ...card }: CardRecord): Card => {
  const collection = collectionOf(shelf);
  return collection === undefined ? card : { ...card, tags: [...card.tags, `collection:${collection}`] };
};

export const itemView = (library: LibraryDb, name: string, id: string): Promise<ItemView> =>
  library.read(CONTENT, async (at) => {
    const [state, shelves] = await Promise.all([stateIn(at), at('shelves').getAll()]);
    const table = tableOf(state);
    const chain = shelvesOf(table, name, shelves);
    const early = await Promise.all(chain.map((shelf) => at('urgent').get(shelf)));
    let item: ItemBody | undefined = early.flatMap((alerts) => alerts?.items ?? []).find((one) => one.id === id);
    // What a search finds in a collection that was chosen in another language can be read too.
    const others = shelvesInUse(state, shelves).filter((shelf) => collectionOf(shelf) !== undefined && shelf in table);
    for (const shelf of [...chain, ...others]) item ??= await storedIn(at, shelf, id);
    if (!item || !isReadable(item)) {
      const isComing = chain.some((one) => one in table && !areWhole(table, one, shelves));
      return { state: 'missing', known: isComing || !areWhole(table, name, shelves) };
    }
    // Asked in the chosen language, whatever the text is in.
    const form = await storedIn(at, name, item.form);
    return { state: 'stored', item, form: form?.kind === 'form' ? form : undefined };
  });

const GIVEN_UP: readonly GivenUp[] = ['recordings', 'pictures', 'collections', 'languages', 'kept'];

export const statusView = async (library: LibraryDb): Promise<Omit<StatusView, 'phase' | 'link'>> => {
  const [state, metaSync, shelves, setting] = await library.read(
    ['meta', 'shelves', 'settings'],
    (at) => Promise.all([stateIn(at), at('meta').get('sync'), at('shelves').getAll(), at('settings').get('gaveUp')]),
    ['meta', 'sync', 'shelves', 'settings'],
  );
  const gaveUp = (setting?.value ?? {}) as GaveUp;
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
  const [kept, held, centre, attention, carried, own] = await answers.read(['answers', 'carried'], (at) => {
    const states = at('answers').index('state');
    return Promise.all([
      states.count('kept'),
      states.count('held'),
      states.count('centre'),
      states.count('attention'),
      at('carried').index('state').count('kept'),
      Promise.all(numbers.map((number) => at('answers').index('number').getAll(number))),
    ]);
  });
  return {
    kept,
    held,
    centre,
    attention,
    carried,
    states: Object.fromEntries(own.flat().map(({ number, state }) => [number, state])),
    holders: Object.fromEntries(own.flat().flatMap(({ number, holder }) => (holder ? [[number, holder]] : []))),
  };
};

/** `now`: milliseconds since 1970. */
export const networkView = async (library: LibraryDb, now: number): Promise<NetworkView> => {
  const [policy, records] = await Promise.all([library.policy(), library.book()]);
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
