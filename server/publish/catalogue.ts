import { isAlert } from '../../src/core/protocol/alerts.ts';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { type Row, shelfHash, toBuckets } from '../../src/core/protocol/catalogue.ts';
import type { ShelfTable } from '../../src/core/protocol/head.ts';
import { type ItemBody, isReadable } from '../../src/core/protocol/item.ts';
import { blobsOf } from '../../src/core/protocol/media.ts';
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

/** Gives each item its revision: the one before where nothing changed, the next otherwise. What is gone leaves a tombstone. */
export const shelve = async (
  authored: readonly Authored[],
  languages: readonly string[],
  before: Publication | undefined,
  history: History,
): Promise<ReadonlyMap<string, Shelf>> => {
  const shelves = new Map<string, Shelf>();
  for (const lang of languages) {
    const known = new Map((before?.shelves[lang] ?? []).map((row) => [row.id, row]));
    const items: PublishedItem[] = [];
    for (const item of authored.filter((one) => one.lang === lang)) {
      items.push(await revise(item, known.get(item.id), history));
    }
    const live = new Set(items.map(({ row }) => row.id));
    const gone = [...known.values()].filter((row) => !live.has(row.id)).map(buried);
    shelves.set(lang, { items, rows: [...items.map(({ row }) => row), ...gone] });
  }
  return shelves;
};

const revise = async (authored: Authored, before: Row | undefined, history: History): Promise<PublishedItem> => {
  const same = before?.sha256 === undefined ? undefined : await publish(authored, before.rev);
  if (same && same.row.sha256 === before?.sha256) return same;
  const next = await publish(authored, (before?.rev ?? 0) + 1);
  history.putBody(next.row.sha256 as string, next.body);
  return next;
};

const publish = async (authored: Authored, rev: number): Promise<PublishedItem> => {
  const item = { ...authored, rev } as ItemBody;
  const body = canonicalBytes(item);
  const sha256 = toBase64Url(await webPlatform.sha256(body));
  const { id, kind, lang } = item;
  const blobs = blobsOf(item).map(({ hash }) => hash);
  const row: Row = {
    id,
    kind,
    lang,
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

/** Languages whose shelves have what `lang` lacks, closest first, and no more of them than it takes. */
export const standIns = (lang: string, shelves: ReadonlyMap<string, Shelf>): string[] => {
  const readable = (name: string): readonly string[] =>
    (shelves.get(name)?.items ?? []).filter(({ item }) => isReadable(item)).map(({ row }) => row.id);
  const missing = new Set([...shelves.keys()].flatMap(readable));
  for (const id of readable(lang)) missing.delete(id);
  const chain: string[] = [];
  for (const other of fallbackOf(lang, [...shelves.keys()])) {
    if (missing.size === 0) break;
    const found = readable(other).filter((id) => missing.delete(id));
    if (other !== lang && found.length > 0) chain.push(other);
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
