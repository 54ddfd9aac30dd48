import { createHash } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import {
  encodePack,
  encodeSection,
  isSection,
  joinPack,
  MAX_PACK,
  MAX_UNPACKED,
  type Section,
  SectionType,
} from '../../src/core/pack/format.ts';
import { encodeBodies, encodeDeltas } from '../../src/core/pack/text.ts';
import type { SignedAlerts } from '../../src/core/protocol/alerts.ts';
import { canonicalBytes, parseCanonical } from '../../src/core/protocol/canonical.ts';
import {
  bucketOf,
  changedRows,
  diffBuckets,
  encodeBuckets,
  encodeRows,
  type Row,
  toBuckets,
} from '../../src/core/protocol/catalogue.ts';
import { changedTable, type ShelfTable, type SignedHead } from '../../src/core/protocol/head.ts';
import type { SignedRoot } from '../../src/core/protocol/root.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { hasNews } from './alerts.ts';
import type { CacheFolder } from './cache.ts';
import type { PublishedItem, Shelf } from './catalogue.ts';
import type { History, Publication } from './history.ts';

/** One zstd frame at the highest level, without a checksum: every section has its SHA-256. */
export const deflate = (data: Uint8Array): Uint8Array => compress(data, 22);

const compress = (data: Uint8Array, level: number): Uint8Array =>
  new Uint8Array(
    zstdCompressSync(data, {
      params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 0 },
      pledgedSrcSize: data.length,
    } as Parameters<typeof zstdCompressSync>[1]),
  );

export interface PackInput {
  readonly head: SignedHead;
  readonly roots: readonly SignedRoot[];
  readonly table: Uint8Array;
  readonly history: History;
  /** Urgent notices by shelf. */
  readonly alerts: ReadonlyMap<string, SignedAlerts>;
  /** Sections that this build compressed before: at its best level that takes a second a megabyte. */
  readonly cache?: { readonly folder: CacheFolder; readonly build: string };
}

/** Everything of one shelf, for a device that has nothing of it. Throws where that is more than a device takes. */
export const fullPack = async (input: PackInput, name: string, shelf: Shelf): Promise<Uint8Array> => {
  const { head, roots, table } = input;
  const alerts = input.alerts.get(name);
  const catalogue = encodeBuckets(await toBuckets(webPlatform, shelf.rows));
  refuseTooMuch(shelf, table.length + catalogue.length);
  const sections = await Promise.all(
    [
      { type: SectionType.head, payload: canonicalBytes(head) },
      { type: SectionType.roots, payload: canonicalBytes(roots) },
      ...(alerts ? [{ type: SectionType.alerts, payload: canonicalBytes(alerts) }] : []),
      { type: SectionType.table, payload: table },
      { type: SectionType.catalogue, payload: catalogue },
    ].map((section) => encodeSection(webPlatform, deflate, section)),
  );
  const parts = await partsOf(shelf.items);
  const pack = joinPack([...sections, ...(await Promise.all(parts.map((part) => bodiesSection(part, input.cache))))]);
  if (pack.length > MAX_PACK) throw tooMuch(shelf, pack.length, MAX_PACK);
  return pack;
};

/** What head and roots have in a pack, and one shelf in its table: hashes and signatures, which cannot be compressed. In bytes. */
const FRAME_BYTES = 800;
const SHELF_BYTES = 52;
/** A catalogue is mostly hashes too: to measure it, this level is as good as the best. */
const QUICK = 3;

/** About how many bytes `fullPack` has for a shelf, before there is a head; without urgent notices, which come and go. */
export const packSize = async (shelf: Shelf, shelves: number, cache: PackInput['cache']): Promise<number> => {
  // Before minutes go into compressing it.
  refuseTooMuch(shelf);
  let bytes = FRAME_BYTES + shelves * SHELF_BYTES + compress(encodeRows(shelf.rows), QUICK).length;
  for (const part of await partsOf(shelf.items)) bytes += (await bodiesSection(part, cache)).length;
  return bytes;
};

/** Throws where the texts, and `others` bytes beside them, are more than a device unpacks. */
const refuseTooMuch = (shelf: Shelf, others = 0): void => {
  const unpacked = shelf.items.reduce((sum, { body }) => sum + body.length, others);
  if (unpacked > MAX_UNPACKED) throw tooMuch(shelf, unpacked, MAX_UNPACKED);
};

const tooMuch = ({ rows }: Shelf, bytes: number, most: number): Error =>
  new Error(
    `The texts in "${rows[0]?.lang}" have ${Math.ceil(bytes / 2 ** 20)} MB: no phone takes more than ${most / 2 ** 20} MB. Publish fewer of them.`,
  );

/** Above this, a change would take long to compress, and a cut near the end of a first visit would cost much. In bytes. */
const PART_BYTES = 1 << 20;
const BUCKETS = 256;

/** A shelf's items as parts of about a megabyte, by bucket, so that an item's part does not change with other items. */
const partsOf = async (items: readonly PublishedItem[]): Promise<readonly (readonly PublishedItem[])[]> => {
  const total = items.reduce((sum, { body }) => sum + body.length, 0);
  const count = Math.min(BUCKETS, 2 ** Math.ceil(Math.log2(Math.max(1, total / PART_BYTES))));
  if (count === 1) return [items];
  const parts: PublishedItem[][] = Array.from({ length: count }, () => []);
  for (const item of items) {
    const part = Math.floor(((await bucketOf(webPlatform, item.row.id)) * count) / BUCKETS);
    parts[part]?.push(item);
  }
  return parts.filter((part) => part.length > 0);
};

const bodiesSection = async (items: readonly PublishedItem[], cache: PackInput['cache']): Promise<Uint8Array> => {
  const names = items.map(({ row }) => row.sha256 ?? '');
  // Its hash says that it is whole, not that it is right: what an earlier writer made wrong must end with that writer.
  const key = createHash('sha256')
    .update(JSON.stringify([PROTOCOL_VERSION, cache?.build, names]))
    .digest('hex');
  const before = cache?.folder.get(key);
  if (before && (await isSection(webPlatform, before))) return before;
  const bodies = items.map(({ body }) => body);
  const section = await encodeSection(webPlatform, deflate, {
    type: SectionType.bodies,
    payload: encodeBodies(deflate, bodies),
  });
  cache?.folder.put(key, section);
  return section;
};

/** What brings one shelf from an earlier publication to this one; the head alone where nothing changed. */
export const deltaPack = async (
  { head, roots, table, history, ...input }: PackInput,
  name: string,
  shelf: Shelf,
  base: Publication,
): Promise<Uint8Array> => {
  const sections: Section[] = [{ type: SectionType.head, payload: canonicalBytes(head) }];
  if (base.root < head.signed.root) sections.push({ type: SectionType.roots, payload: canonicalBytes(roots) });
  const before = base.shelves[name] ?? [];
  const alerts = input.alerts.get(name);
  if (alerts && hasNews(before, shelf, alerts))
    sections.push({ type: SectionType.alerts, payload: canonicalBytes(alerts) });
  if (base.table !== head.signed.table) sections.push(tableSection(base, table));
  const rows = changedRows(before, shelf.rows);
  if (rows === undefined || rows.length > 0) {
    sections.push(rows ? { type: SectionType.rows, payload: encodeRows(rows) } : await bucketsSection(before, shelf));
    sections.push({
      type: SectionType.deltas,
      payload: await encodeDeltas(webPlatform, changes(before, shelf, history)),
    });
  }
  return encodePack(webPlatform, deflate, sections);
};

/** What changed of the table: with ten languages, all of it is half a kilobyte that cannot be compressed. */
const tableSection = ({ shelfTable }: Publication, table: Uint8Array): Section => {
  if (!shelfTable) return { type: SectionType.table, payload: table };
  const change = changedTable(shelfTable, parseCanonical(table) as ShelfTable);
  return { type: SectionType.tableChange, payload: canonicalBytes(change) };
};

/** Whole buckets, where a row is gone that left no tombstone. */
const bucketsSection = async (before: readonly Row[], { rows }: Shelf): Promise<Section> => ({
  type: SectionType.catalogue,
  payload: encodeBuckets(diffBuckets(await toBuckets(webPlatform, before), await toBuckets(webPlatform, rows))),
});

const changes = (before: readonly Row[], shelf: Shelf, history: History) => {
  const known = new Map(before.map((row) => [row.id, row.sha256]));
  return shelf.items
    .filter(({ row }) => known.get(row.id) !== row.sha256)
    .map(({ row, body }) => {
      const sha256 = known.get(row.id);
      return { base: sha256 === undefined ? undefined : history.body(sha256), next: body };
    });
};
