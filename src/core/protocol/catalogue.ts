import * as v from 'valibot';
import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { concat, equal, toBase64Url, utf8 } from './bytes.ts';
import { canonicalBytes, parseCanonical } from './canonical.ts';
import { READABLE_KINDS } from './item.ts';
import { count, hash, languageTag, parseShape, slug } from './shapes.ts';

export const rowSchema = v.strictObject({
  id: slug,
  kind: v.picklist([...READABLE_KINDS, 'form', 'centre']),
  lang: languageTag,
  rev: v.pipe(count, v.minValue(1)),
  /** Of the item's canonical bytes. Absent on a tombstone. */
  sha256: v.optional(hash),
  /** Length of the canonical bytes. */
  bytes: count,
  /** P0 alerts, P1 text, P2 thumbnails, P3 pictures, P4 recordings, P5 other languages. */
  priority: v.pipe(count, v.maxValue(5)),
  /** SHA-256 of the pictures and recordings that belong to it. */
  blobs: v.optional(v.array(hash)),
  /** Seconds since 1970; changes words, never takes an item away. */
  expires: v.optional(count),
  /** The item was taken down: it goes from the device before anything is shown. */
  tombstone: v.optional(v.literal(true)),
});

/** One variant of an item. */
export type Row = v.InferOutput<typeof rowSchema>;

/** Rows by bucket (0-255). A bucket without rows is absent. */
export type Buckets = ReadonlyMap<number, readonly Row[]>;

const BUCKETS = 256;
const rowsSchema = v.array(rowSchema);
const deltaSchema = v.record(v.pipe(v.string(), v.regex(/^(0|[1-9]\d{0,2})$/)), v.array(rowSchema));

/** The bucket of an item: first byte of the SHA-256 of its id. */
export const bucketOf = async (platform: Platform, id: string): Promise<number> =>
  (await platform.sha256(utf8(id)))[0] as number;

const byId = (a: Row, b: Row): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Puts rows into their buckets, sorted by id. `known` keeps the buckets of ids from one call to the next: each costs a hash. */
export const toBuckets = async (
  platform: Platform,
  rows: readonly Row[],
  known = new Map<string, number>(),
): Promise<Buckets> => {
  const buckets = new Map<number, Row[]>();
  for (const row of [...rows].sort(byId)) {
    const bucket = known.get(row.id) ?? (await bucketOf(platform, row.id));
    known.set(row.id, bucket);
    const there = buckets.get(bucket);
    if (there) there.push(row);
    else buckets.set(bucket, [row]);
  }
  return buckets;
};

export const fromBuckets = (buckets: Buckets): Row[] => [...buckets.values()].flat();

/** SHA-256 of one bucket's canonical rows; 32 zero bytes where it is empty. */
const bucketHash = async (platform: Platform, rows: readonly Row[] | undefined): Promise<Uint8Array> =>
  rows === undefined || rows.length === 0 ? new Uint8Array(32) : platform.sha256(canonicalBytes(rows));

/** The hash that the shelf table names: SHA-256 over the 256 bucket hashes in order. */
export const shelfHash = async (platform: Platform, buckets: Buckets): Promise<string> => {
  const hashes: Uint8Array[] = [];
  for (let i = 0; i < BUCKETS; i++) hashes.push(await bucketHash(platform, buckets.get(i)));
  return toBase64Url(await platform.sha256(concat(hashes)));
};

/** The buckets of `next` that differ from `base`; an emptied bucket is `[]`. */
export const diffBuckets = (base: Buckets, next: Buckets): Buckets => {
  const changed = new Map<number, readonly Row[]>();
  for (let i = 0; i < BUCKETS; i++) {
    const after = next.get(i) ?? [];
    if (!equal(canonicalBytes(base.get(i) ?? []), canonicalBytes(after))) changed.set(i, after);
  }
  return changed;
};

/** `base` with the buckets of a delta put in. */
export const applyBuckets = (base: Buckets, delta: Buckets): Buckets => {
  const out = new Map(base);
  for (const [bucket, rows] of delta) {
    if (rows.length === 0) out.delete(bucket);
    else out.set(bucket, rows);
  }
  return out;
};

/**
 * The rows that lead from one catalogue to the next: those that are new or say something else. Undefined where a row is gone without a tombstone, which
 * only whole buckets can tell.
 */
export const changedRows = (base: readonly Row[], next: readonly Row[]): readonly Row[] | undefined => {
  const before = new Map(base.map((row) => [row.id, row]));
  const changed = next.filter((row) => !isSameRow(before.get(row.id), row));
  for (const { id } of next) before.delete(id);
  return before.size > 0 ? undefined : changed;
};

/** Rows that were read from JSON have their fields in the order in which they were written: the quick comparison nearly always tells. */
const isSameRow = (a: Row | undefined, b: Row): boolean =>
  a !== undefined && (JSON.stringify(a) === JSON.stringify(b) || equal(canonicalBytes(a), canonicalBytes(b)));

/** `base` with some rows put in. Buckets without any of them stay the same objects. */
export const applyRows = async (platform: Platform, base: Buckets, rows: readonly Row[]): Promise<Buckets> => {
  const out = new Map(base);
  for (const [bucket, changed] of await toBuckets(platform, rows)) {
    const ids = new Set(changed.map(({ id }) => id));
    const kept = (base.get(bucket) ?? []).filter(({ id }) => !ids.has(id));
    out.set(bucket, [...kept, ...changed].sort(byId));
  }
  return out;
};

/** A section of changed rows: `[row, ...]` in canonical JSON. */
export const encodeRows = (rows: readonly Row[]): Uint8Array => canonicalBytes(rows);

/** Reads a section of changed rows of one shelf. Whether they lead to the signed catalogue shows `shelfHash` afterwards. */
export const parseRows = (bytes: Uint8Array, shelf: string): readonly Row[] => {
  const rows = parseShape(rowsSchema, parseCanonical(bytes), 'rows');
  if (rows.some(({ lang }) => lang !== shelf)) throw new RelaisError('malformed', { what: 'rows', shelf });
  return rows;
};

/** A catalogue section: `{"17": [row, ...], ...}` in canonical JSON. */
export const encodeBuckets = (buckets: Buckets): Uint8Array =>
  canonicalBytes(Object.fromEntries([...buckets].map(([bucket, rows]) => [String(bucket), rows])));

/** Reads a catalogue section of one shelf. Whether it is the signed one shows `shelfHash` afterwards. */
export const parseBuckets = (bytes: Uint8Array, shelf: string): Buckets => {
  const value = parseShape(deltaSchema, parseCanonical(bytes), 'catalogue');
  const buckets = new Map<number, readonly Row[]>();
  for (const [bucket, rows] of Object.entries(value)) {
    if (Number(bucket) >= BUCKETS || rows.some((row) => row.lang !== shelf)) {
      throw new RelaisError('malformed', { what: 'catalogue', bucket });
    }
    buckets.set(Number(bucket), rows);
  }
  return buckets;
};
