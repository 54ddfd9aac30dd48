import * as v from 'valibot';
import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { concat, fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import { canonicalBytes, parseCanonical } from './canonical.ts';
import { keyId, parseShape, signature } from './shapes.ts';

/**
 * A signed document: `{"signed": body, "sigs": {keyId: signature}}` in canonical JSON. What is signed is
 * `relais/{kind}\n` and the canonical bytes of the body, so that no document can pass for one of another kind.
 */
export interface SignedDocument<T> {
  readonly signed: T;
  readonly sigs: Readonly<Record<string, string>>;
}

export type SignedKind = 'root' | 'head' | 'receipt' | 'alerts' | 'hubs' | 'vouch';

const envelope = v.strictObject({ signed: v.unknown(), sigs: v.record(keyId, signature) });

/** The bytes that a signature covers. */
export const signedBytes = (kind: SignedKind, body: unknown): Uint8Array =>
  concat([utf8(`relais/${kind}\n`), canonicalBytes(body)]);

/** Reads a signed document, without checking any signature yet. */
export const parseSigned = <S extends v.GenericSchema>(
  bytes: Uint8Array,
  schema: S,
  kind: SignedKind,
): SignedDocument<v.InferOutput<S>> => checkSigned(parseCanonical(bytes), schema, kind);

/** As `parseSigned`, for a document that is already JSON. */
export const checkSigned = <S extends v.GenericSchema>(
  value: unknown,
  schema: S,
  kind: SignedKind,
): SignedDocument<v.InferOutput<S>> => {
  const document = parseShape(envelope, value, kind);
  return { signed: parseShape(schema, document.signed, kind), sigs: document.sigs };
};

/** The id of a public key (32 bytes): the first 8 bytes of its SHA-256, base64url. */
export const keyIdOf = async (platform: Platform, publicKey: Uint8Array): Promise<string> =>
  toBase64Url((await platform.sha256(publicKey)).subarray(0, 8));

/** Whether at least `threshold` of `keys` (id -> public key, base64url) signed the document. */
export const isSignedBy = async (
  platform: Platform,
  kind: SignedKind,
  document: SignedDocument<unknown>,
  keys: Readonly<Record<string, string>>,
  threshold: number,
): Promise<boolean> => {
  const message = signedBytes(kind, document.signed);
  let valid = 0;
  for (const [id, key] of Object.entries(keys)) {
    const sig = document.sigs[id];
    if (sig !== undefined && (await platform.verify(fromBase64Url(key), fromBase64Url(sig), message))) valid++;
  }
  return threshold > 0 && valid >= threshold;
};

/** Throws `tampered` unless `isSignedBy`. */
export const requireSigned = async (
  platform: Platform,
  kind: SignedKind,
  document: SignedDocument<unknown>,
  keys: Readonly<Record<string, string>>,
  threshold: number,
): Promise<void> => {
  if (!(await isSignedBy(platform, kind, document, keys, threshold))) {
    throw new RelaisError('tampered', { what: `${kind} signature` });
  }
};
