import * as v from 'valibot';
import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { fromUtf8, toBase64Url } from './bytes.ts';
import { canonicalBytes, parseCanonical } from './canonical.ts';
import type { Root } from './root.ts';
import { count, hash, languageTag, parseShape, version } from './shapes.ts';
import { languagesFirst } from './shelf.ts';
import { parseSigned, requireSigned, type SignedDocument } from './signed.ts';

export const headSchema = v.strictObject({
  v: version,
  /** Grows with every publication; a device never goes back. */
  seq: v.pipe(count, v.minValue(1)),
  /** Seconds since 1970, when this head was signed. For words only ("Latest news: ..."). */
  issued: count,
  /** Number of the newest root. */
  root: v.pipe(count, v.minValue(1)),
  /** The oldest app that should read this tree. */
  minApp: count,
  /** SHA-256 of the shelf table's canonical bytes. */
  table: hash,
});

/** The newest state of a library, in about 300 bytes. */
export type Head = v.InferOutput<typeof headSchema>;
export type SignedHead = SignedDocument<Head>;

export const tableSchema = v.record(
  languageTag,
  v.strictObject({
    /** Hash over the shelf's catalogue: see `shelfHash`. */
    hash,
    items: count,
    /** Sum of the items' canonical bytes. */
    bytes: count,
    /** Shelves that have what this one lacks, in order: a reader of this language takes them too. Absent where it lacks nothing. */
    fallback: v.optional(v.array(languageTag)),
  }),
);

/** Shelf name (a language, or a collection in a language) -> what is on it. */
export type ShelfTable = v.InferOutput<typeof tableSchema>;

/** Reads a head and checks its signature against the root's publisher role. Throws `tampered` or `malformed`. */
export const verifyHead = async (platform: Platform, root: Root, bytes: Uint8Array): Promise<Head> => {
  const document = parseSigned(bytes, headSchema, 'head');
  await requireSigned(platform, 'head', document, root.publisher.keys, root.publisher.threshold);
  return document.signed;
};

/** Reads a shelf table that the head vouches for. */
export const verifyTable = async (platform: Platform, head: Head, bytes: Uint8Array): Promise<ShelfTable> => {
  if (toBase64Url(await platform.sha256(bytes)) !== head.table) throw new RelaisError('tampered', { what: 'table' });
  return parseShape(tableSchema, parseCanonical(bytes), 'table');
};

/** What changed from one table to the next: `null` where a shelf is gone. */
const tableChangeSchema = v.record(languageTag, v.nullable(tableSchema.value));
type TableChange = v.InferOutput<typeof tableChangeSchema>;

export const changedTable = (base: ShelfTable, next: ShelfTable): TableChange => {
  const change: Record<string, TableChange[string]> = {};
  for (const shelf of new Set([...Object.keys(base), ...Object.keys(next)]))
    if (canonicalText(base[shelf]) !== canonicalText(next[shelf])) change[shelf] = next[shelf] ?? null;
  return change;
};

const canonicalText = (entry: ShelfTable[string] | undefined): string => fromUtf8(canonicalBytes(entry ?? null));

/** The canonical bytes of a table with a change put in. Whether it is the signed one, `verifyTable` tells. */
export const applyTableChange = (base: Uint8Array, change: Uint8Array): Uint8Array => {
  const table: Record<string, unknown> = { ...parseShape(tableSchema, parseCanonical(base), 'table') };
  for (const [shelf, entry] of Object.entries(parseShape(tableChangeSchema, parseCanonical(change), 'table change'))) {
    if (entry === null) delete table[shelf];
    else table[shelf] = entry;
  }
  return canonicalBytes(table);
};

/**
 * The shelves that a reader of `wanted` needs: those, then what stands in for their gaps; in order, each once, and collections behind all
 * languages.
 */
export const neededShelves = (wanted: readonly string[], table: ShelfTable): readonly string[] =>
  languagesFirst([...new Set([...wanted, ...wanted.flatMap((shelf) => table[shelf]?.fallback ?? [])])]);
