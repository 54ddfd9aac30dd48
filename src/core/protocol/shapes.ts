import * as v from 'valibot';
import { RelaisError } from '../errors.ts';
import { PROTOCOL_VERSION } from './version.ts';

/** Field shapes that several messages share, and the one way to check a message against its shape. */

/** SHA-256, base64url: 43 characters. */
export const hash = v.pipe(v.string(), v.regex(/^[\w-]{43}$/));
/** First 8 bytes of the SHA-256 of a public key, base64url: 11 characters. */
export const keyId = v.pipe(v.string(), v.regex(/^[\w-]{11}$/));
/** Ed25519 signature, base64url: 86 characters. */
export const signature = v.pipe(v.string(), v.regex(/^[\w-]{86}$/));
/** Ed25519 public key, base64url. */
export const publicKey = hash;
/** An age recipient (X25519), Bech32. */
export const recipient = v.pipe(v.string(), v.regex(/^age1[02-9ac-hj-np-z]{58}$/));
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** What an earlier version wrote is read for good; a later one is refused as `too-new`. */
export const version = v.pipe(count, v.minValue(1), v.maxValue(PROTOCOL_VERSION));
/** An item's or form's id. */
export const slug = v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), v.maxLength(64));
/** A language tag, as it stands in paths. */
export const languageTag = v.pipe(v.string(), v.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/), v.maxLength(32));
export const uuid = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/));

/** `value` as `schema` has it; throws `too-new` for another version of the protocol and `malformed` for anything else. */
export const parseShape = <S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> => {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const other = (value as { v?: unknown } | null)?.v;
  if (typeof other === 'number' && other > PROTOCOL_VERSION) throw new RelaisError('too-new', { what, v: other });
  throw new RelaisError('malformed', { what, path: v.getDotPath(result.issues[0]) ?? '' });
};
