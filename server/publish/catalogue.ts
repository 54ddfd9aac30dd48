import { isAlert } from '../../src/core/protocol/alerts.ts';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { type Row, shelfHash, toBuckets } from '../../src/core/protocol/catalogue.ts';
import type { ShelfTable } from '../../src/core/protocol/head.ts';
import { CENTRE_ID, type CentreItem, type ItemBody, isReadable } from '../../src/core/protocol/item.ts';
import { blobsOf } from '../../src/core/protocol/media.ts';
import { collectionOf, languageOf, shelfName } from '../../src/core/protocol/shelf.ts';
import { fallbackOf } from '../../src/core/text/fallback.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import type { Authored } from '../content/read-content.ts';
import type { History, Publication } from './history.ts';

/** An item with its catalogue row and canonical bytes. */
export interface PublishedItem {
  readonly row: Row;
  readonly item: ItemBody;
  readonly body: Uint8Array;
}

export interface Shelf {
  readonly items: readonly PublishedItem[];
  /** Rows of all items, tombstones among them. */
  readonly rows: readonly Row[];
}

/** The collections that have, or had, something: those that are empty stay, so that what was in them is taken down everywhere. */
const collectionsOf = (filed: ReadonlyMap<string, string>, before: Publication | undefined): readonly string[] => {
  const known = Object.keys(before?.shelves ?? {}).flatMap((shelf) => collectionOf(shelf) ?? []);
  return [...new Set([...filed.values(), ...known])].sort();
};

/**
 * Gives each item its revision: the one before where nothing changed, the next otherwise. What is gone leaves a tombstone; so does, on the
 * shelf where it was, what is in another collection now. `filed`: the collection that an item is in, by the item's id. Each collection has a
 * shelf in each language, so that what stands in for its gaps is named there. `measure`: about how many bytes a shelf's pack has, in a library
 * where so many have rows; each centre tells it of all shelves.
 */
export const shelve = async (
  authored: readonly Authored[],
  languages: readonly string[],
  before: Publication | undefined,
  history: History,
  filed: ReadonlyMap<string, string> = new Map(),
  measure?: (shelf: Shelf, shelves: number) => Promise<number>,
): Promise<ReadonlyMap<string, Shelf>> => {
  const shelves = new Map<string, Shelf>();
  const collections = collectionsOf(filed, before);
  for (const lang of languages) {
    const elsewhere = latestRows(
      [undefined, ...collections].flatMap((one) => before?.shelves[shelfName(lang, one)] ?? []),
    );
    for (const collection of [undefined, ...collections]) {
      const name = shelfName(lang, collection);
      const known = new Map((before?.shelves[name] ?? []).map((row) => [row.id, row]));
      const items: PublishedItem[] = [];
      for (const item of authored.filter((one) => one.lang === lang && filed.get(one.id) === collection)) {
        const own = known.get(item.id);
        const last = own && !own.tombstone ? own : elsewhere.get(item.id);
        // A centre waits for the sizes: they are told in it.
        const isWaiting = measure !== undefined && item.id === CENTRE_ID;
        items.push(isWaiting ? await publish(item, name, 1) : await revise(item, name, last, history));
      }
      const live = new Set(items.map(({ row }) => row.id));
      const gone = [...known.values()].filter((row) => !live.has(row.id)).map(buried);
      shelves.set(name, { items, rows: [...items.map(({ row }) => row), ...gone] });
    }
  }
  if (!measure) return shelves;
  const sizes: Record<string, number> = {};
  // Those without a row have the same hash: a table of them takes next to nothing.
  const filled = [...shelves.values()].filter(({ rows }) => rows.length > 0).length;
  for (const [name, shelf] of shelves) sizes[name] = coarse(await measure(shelf, filled));
  for (const { lang, rev: _, ...centre } of centresOf(shelves)) {
    const last = before?.shelves[lang]?.find(({ id }) => id === CENTRE_ID);
    const told = await revise({ ...centre, lang, sizes }, lang, last, history);
    const { items, rows } = shelves.get(lang) as Shelf;
    shelves.set(lang, {
      items: items.map((one) => (one.row.id === CENTRE_ID ? told : one)),
      rows: rows.map((row) => (row.id === CENTRE_ID ? told.row : row)),
    });
  }
  return shelves;
};

const centresOf = (shelves: ReadonlyMap<string, Shelf>): readonly CentreItem[] =>
  [...shelves.values()].flatMap(({ items }) => items.flatMap(({ item }) => (item.kind === 'centre' ? [item] : [])));

/** Rounded up by an eighth at most: what is edited on a shelf seldom changes what the centres of all languages tell. */
const coarse = (bytes: number): number => {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
};

/** The newest row of each item, whatever shelf of a language it was on. */
const latestRows = (rows: readonly Row[]): ReadonlyMap<string, Row> => {
  const latest = new Map<string, Row>();
  for (const row of rows) if (row.rev > (latest.get(row.id)?.rev ?? 0)) latest.set(row.id, row);
  return latest;
};

const revise = async (
  authored: Authored,
  shelf: string,
  before: Row | undefined,
  history: History,
): Promise<PublishedItem> => {
  const same = before?.sha256 === undefined ? undefined : await publish(authored, shelf, before.rev);
  if (same && same.row.sha256 === before?.sha256) return same;
  const next = await publish(authored, shelf, (before?.rev ?? 0) + 1);
  history.putBody(next.row.sha256 as string, next.body);
  return next;
};

const publish = async (authored: Authored, shelf: string, rev: number): Promise<PublishedItem> => {
  const item = { ...authored, rev } as ItemBody;
  const body = canonicalBytes(item);
  const sha256 = toBase64Url(await webPlatform.sha256(body));
  const { id, kind } = item;
  const blobs = blobsOf(item).map(({ hash }) => hash);
  const row: Row = {
    id,
    kind,
    lang: shelf,
    rev,
    sha256,
    bytes: body.length,
    priority: isAlert(item) ? 0 : 1,
    ...(blobs.length > 0 && { blobs }),
  };
  return { row: item.kind === 'bulletin' ? { ...row, expires: endOf(item.until) } : row, item, body };
};

/** The last second of an ISO day, in the latest of time zones: nobody's notice ends early. */
const endOf = (day: string): number => Date.parse(`${day}T23:59:59-12:00`) / 1000;

/** Shelves that have what `name` lacks, the same collection in other languages, closest first, and no more of them than it takes. */
export const standIns = (name: string, shelves: ReadonlyMap<string, Shelf>): string[] => {
  const collection = collectionOf(name);
  const languages = [...shelves.keys()].filter((one) => collectionOf(one) === collection).map(languageOf);
  const readable = (shelf: string): readonly string[] =>
    (shelves.get(shelf)?.items ?? []).filter(({ item }) => isReadable(item)).map(({ row }) => row.id);
  const inCollection = (lang: string): readonly string[] => readable(shelfName(lang, collection));
  const missing = new Set(languages.flatMap(inCollection));
  for (const id of readable(name)) missing.delete(id);
  const chain: string[] = [];
  for (const lang of fallbackOf(languageOf(name), languages)) {
    if (missing.size === 0) break;
    const found = inCollection(lang).filter((id) => missing.delete(id));
    const other = shelfName(lang, collection);
    if (other !== name && found.length > 0) chain.push(other);
  }
  return chain;
};

const buried = ({ id, kind, lang, rev, tombstone }: Row): Row => ({
  id,
  kind,
  lang,
  rev: tombstone ? rev : rev + 1,
  bytes: 0,
  priority: 0,
  tombstone: true,
});

/** What is on each shelf, as the head vouches for it. */
export const tableOf = async (shelves: ReadonlyMap<string, Shelf>): Promise<ShelfTable> => {
  const table: Record<string, ShelfTable[string]> = {};
  for (const [name, { rows }] of shelves) {
    const fallback = standIns(name, shelves);
    table[name] = {
      ...(fallback.length > 0 && { fallback }),
      hash: await shelfHash(webPlatform, await toBuckets(webPlatform, rows)),
      items: rows.filter(({ tombstone }) => !tombstone).length,
      bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }
  return table;
};
