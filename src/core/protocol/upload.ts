import type { Platform } from '../platform.ts';
import { equal, Reader, toBase64Url } from './bytes.ts';
import { parseCanonical } from './canonical.ts';
import { BATCH_MAGIC, envelopeHeader } from './envelope.ts';
import { parseShape } from './shapes.ts';

/**
 * How a batch that was cut on its way goes on: the hub keeps what arrives under a name that it finds in those bytes, so that nobody has to
 * announce anything beforehand. `HEAD /o/batch/{name}` tells how much is there, and `PATCH` sends the rest. After tus 1.0, whose creation would
 * cost each batch a round trip.
 */

/** Header: bytes that are there, or from which on they follow (tus 1.0). */
export const OFFSET = 'Upload-Offset';
/** A hub keeps what arrives of a batch of so many bytes: a smaller one costs no more than to ask for what is there. */
export const KEPT_FROM = 2048;

/** Within so many bytes a batch has its name. */
export const NAMED_WITHIN = 1024;

/** The hash of the first envelope; undefined where the bytes end before it, or are no batch. */
export const uploadName = (batch: Uint8Array): string | undefined => {
  try {
    const reader = new Reader(batch);
    if (!equal(reader.take(BATCH_MAGIC.length), BATCH_MAGIC)) return undefined;
    return parseShape(envelopeHeader, parseCanonical(reader.take(reader.u16())), 'envelope').hash;
  } catch {
    return undefined;
  }
};

export const isUploadName = (text: string): boolean => /^[\w-]{43}$/.test(text);

/** What the bytes that are there are told by, and the rest is sent under (`ETag`, `If-Match`). */
export const uploadTag = async (platform: Platform, bytes: Uint8Array): Promise<string> =>
  `"${toBase64Url(await platform.sha256(bytes))}"`;
