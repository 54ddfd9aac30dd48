import { applyDelta, createDelta, getDeltaTargetSize } from 'fossil-delta';
import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { concat, equal, fromUtf8, Reader, toBase64Url, varint } from '../protocol/bytes.ts';
import { canonicalBytes } from '../protocol/canonical.ts';
import { fromColumns, toColumns } from './columns.ts';
import { type Deflate, type Inflate, MAX_UNPACKED } from './format.ts';

/**
 * The text of a shelf, as it stands in a pack.
 *
 * Bodies (whole): `length:varint structure text`, two zstd frames of the bodies as columns (`columns.ts`), the first of that length. Deltas: `base:8 length:varint delta`, where `base` is the beginning of the SHA-256
 * of the body that the delta applies to, or eight zero bytes before a whole body. Which item a body is, its own SHA-256
 * tells: the catalogue names it.
 */

const PREFIX = 8;
const NO_BASE = new Uint8Array(PREFIX);

/** Bodies by their SHA-256, base64url. */
export type Bodies = ReadonlyMap<string, Uint8Array>;

export const encodeBodies = (deflate: Deflate, bodies: readonly Uint8Array[]): Uint8Array => {
  const columns = toColumns(bodies.map((body) => JSON.parse(fromUtf8(body)) as unknown));
  const structure = deflate(columns.structure);
  return concat([varint(structure.length), structure, deflate(columns.text)]);
};

/** Reads whole bodies, writes each canonically again, and names it by its hash: the catalogue decides whether it is the signed one. */
export const readBodies = async (
  platform: Platform,
  payload: Uint8Array,
  inflate: Inflate = platform.inflate,
): Promise<Bodies> => {
  const reader = new Reader(payload);
  const structure = inflate(reader.take(reader.varint()), MAX_UNPACKED);
  const text = inflate(reader.take(reader.left), MAX_UNPACKED);
  const bodies = new Map<string, Uint8Array>();
  for (const value of fromColumns({ structure, text })) {
    const body = canonicalBytes(value);
    bodies.set(toBase64Url(await platform.sha256(body)), body);
  }
  return bodies;
};

/** One changed body: `base` is what the device has, or undefined for a new item. */
export interface BodyChange {
  readonly base: Uint8Array | undefined;
  readonly next: Uint8Array;
}

export const encodeDeltas = async (platform: Platform, changes: readonly BodyChange[]): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  for (const { base, next } of changes) {
    const delta = base && Uint8Array.from(createDelta(base, next));
    const useDelta = delta !== undefined && delta.length < next.length;
    parts.push(useDelta ? (await platform.sha256(base as Uint8Array)).subarray(0, PREFIX) : NO_BASE);
    parts.push(varint((useDelta ? delta : next).length), useDelta ? delta : next);
  }
  return concat(parts);
};

/**
 * Applies deltas to the bodies that the device has; none may become longer than `longest` bytes. Throws `malformed` where a base is not there, and `malformed` or `truncated`
 * for what is no delta: the caller then asks for the whole shelf.
 */
export const readDeltas = async (
  platform: Platform,
  payload: Uint8Array,
  have: Bodies,
  longest: number,
): Promise<Bodies> => {
  const byPrefix = new Map([...have].map(([hash, body]) => [hash.slice(0, 10), body]));
  const reader = new Reader(payload);
  const bodies = new Map<string, Uint8Array>();
  while (reader.left > 0) {
    const prefix = reader.take(PREFIX);
    const data = reader.take(reader.varint());
    let body = data;
    if (!equal(prefix, NO_BASE)) {
      // 10 base64url characters are 60 of the 64 bits of the prefix; the result's own hash decides in the end.
      const base = byPrefix.get(toBase64Url(prefix).slice(0, 10));
      if (base === undefined) throw new RelaisError('malformed', { what: 'delta without base' });
      body = patch(base, data, longest);
    }
    bodies.set(toBase64Url(await platform.sha256(body)), body);
  }
  return bodies;
};

/** A delta of a few bytes can claim to unpack to gigabytes: its target is never longer than the signed catalogue's longest body. */
const patch = (base: Uint8Array, delta: Uint8Array, longest: number): Uint8Array => {
  try {
    if (getDeltaTargetSize(delta) <= longest) return Uint8Array.from(applyDelta(base, delta));
  } catch (error) {
    throw new RelaisError('malformed', { what: 'delta', why: String(error) });
  }
  throw new RelaisError('malformed', { what: 'delta too long' });
};
