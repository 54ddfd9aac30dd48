import * as v from 'valibot';
import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { seal } from './age.ts';
import { concat, Reader, toBase64Url, u16, u32, utf8 } from './bytes.ts';
import { canonicalBytes, parseCanonical } from './canonical.ts';
import type { Root } from './root.ts';
import { count, hash, keyId, languageTag, parseShape, slug, uuid, version } from './shapes.ts';

/** What travels in clear: enough to deliver an answer once, nothing of what it says. */
export const envelopeHeader = v.strictObject({
  v: version,
  /** Of the answer, not of these bytes: `idOfToken`. */
  id: uuid,
  /** SHA-256 of the sealed body. */
  hash,
  /** Size bucket of the plain text, in kB: 1, 4, 16 or 64. */
  size: v.picklist([1, 4, 16, 64]),
  /** Key id of the addressee (the hub's signing key). */
  to: keyId,
  /** Random id of the device, base64url of 16 bytes. */
  dev: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)),
  /** Sequence of the device, from 1 and without gaps. */
  n: v.pipe(count, v.minValue(1)),
});

export type EnvelopeHeader = v.InferOutput<typeof envelopeHeader>;

/** A sealed answer: frozen, byte for byte, at Finish. */
export interface Envelope {
  readonly header: EnvelopeHeader;
  /** An age file. */
  readonly body: Uint8Array;
}

/** What is sealed: everything that the person said, and about what. */
export const letterSchema = v.strictObject({
  v: version,
  form: slug,
  /** Version of the form. */
  version: count,
  item: slug,
  lang: languageTag,
  answers: v.record(v.pipe(v.string(), v.maxLength(64)), v.pipe(v.string(), v.maxLength(10_000))),
  /** Device time, seconds since 1970: data, never order. */
  at: count,
});

/** An answer in clear, as only its addressee sees it. */
export type Letter = v.InferOutput<typeof letterSchema>;

const SIZES = [1, 4, 16, 64] as const;

/** The letter as JSON, filled with spaces to its size bucket, so that the sealed size says little. */
export const padLetter = (letter: Letter): { bytes: Uint8Array; size: (typeof SIZES)[number] } => {
  const json = canonicalBytes(letter);
  const size = SIZES.find((kb) => json.length <= kb * 1024);
  if (size === undefined) throw new RelaisError('too-large', { bytes: json.length });
  const bytes = new Uint8Array(size * 1024).fill(32);
  bytes.set(json);
  return { bytes, size };
};

/** Reads an opened letter. Throws `malformed`. */
export const parseLetter = (bytes: Uint8Array): Letter => {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 32) end--;
  return parseShape(letterSchema, parseCanonical(bytes.subarray(0, end)), 'letter');
};

/** Who a centre's letters are sealed to: its hub, and the recovery key. */
export interface Addressee {
  readonly id: string;
  readonly recipients: readonly string[];
}

/** The centre, as its root names it. */
export const centreOf = (root: Root): Addressee => ({
  id: Object.keys(root.hub.keys)[0] ?? '',
  recipients: [root.hub.seal, root.hub.recovery],
});

/** Seals a letter; the result waits for its id and sequence: see `freeze`. */
export const sealLetter = async (
  platform: Platform,
  addressee: Addressee,
  letter: Letter,
): Promise<{ body: Uint8Array<ArrayBuffer>; hash: string; size: EnvelopeHeader['size'] }> => {
  const { bytes, size } = padLetter(letter);
  const body = await seal(platform, addressee.recipients, bytes);
  return { body, hash: toBase64Url(await platform.sha256(body)), size };
};

/** One envelope on the wire: `length:u16 header length:u32 body`. */
export const encodeEnvelope = ({ header, body }: Envelope): Uint8Array<ArrayBuffer> => {
  const json = canonicalBytes(header);
  return concat([u16(json.length), json, u32(body.length), body]);
};

const MAX_BODY = 80 * 1024;

/** Reads one envelope. Its hash is checked by `verifyEnvelope`. */
export const readEnvelope = (reader: Reader): Envelope => {
  const header = parseShape(envelopeHeader, parseCanonical(reader.take(reader.u16())), 'envelope');
  const length = reader.u32();
  if (length > MAX_BODY) throw new RelaisError('too-large', { what: 'envelope', length });
  return { header, body: reader.take(length) };
};

/** Whether the body is the one that the header names. */
export const verifyEnvelope = async (platform: Platform, envelope: Envelope): Promise<boolean> =>
  toBase64Url(await platform.sha256(envelope.body)) === envelope.header.hash;

export const BATCH_MAGIC = Uint8Array.from([...utf8('RLB'), 1]);
/** A batch carries at most 64 kB of envelopes, or one envelope that is larger. */
export const MAX_BATCH = 64 * 1024;
/** What a hub takes at most: one full envelope and room. */
export const MAX_BATCH_BODY = 96 * 1024;

/** `POST /o/batch`: magic, then envelopes. */
export const encodeBatch = (envelopes: readonly Envelope[]): Uint8Array<ArrayBuffer> =>
  concat([BATCH_MAGIC, ...envelopes.map(encodeEnvelope)]);

/** Reads a batch. Throws `malformed`, `truncated`, `too-new` or `too-large`. */
export const parseBatch = (bytes: Uint8Array): Envelope[] => {
  if (bytes.length < 4 || bytes[0] !== BATCH_MAGIC[0] || bytes[1] !== BATCH_MAGIC[1] || bytes[2] !== BATCH_MAGIC[2]) {
    throw new RelaisError('malformed', { what: 'batch' });
  }
  if (bytes[3] !== BATCH_MAGIC[3]) throw new RelaisError('too-new', { what: 'batch', v: bytes[3] ?? 0 });
  const reader = new Reader(bytes.subarray(4));
  const envelopes: Envelope[] = [];
  while (reader.left > 0) envelopes.push(readEnvelope(reader));
  return envelopes;
};
