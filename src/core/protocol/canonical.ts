import canonicalize from 'canonicalize';
import { RelaisError } from '../errors.ts';
import { equal, fromUtf8, utf8 } from './bytes.ts';

/** The canonical JSON (RFC 8785) of `value`, as UTF-8: one value, one sequence of bytes. Throws `malformed` for what JSON has no bytes for. */
export const canonicalBytes = (value: unknown): Uint8Array<ArrayBuffer> => {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (error) {
    throw new RelaisError('malformed', { what: 'not JSON', why: String(error) });
  }
  if (text === undefined) throw new RelaisError('malformed', { what: 'not JSON' });
  return utf8(text);
};

/** Parses JSON and refuses any spelling but the canonical one. */
export const parseCanonical = (bytes: Uint8Array): unknown => {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new RelaisError('malformed', { what: 'json' });
  }
  if (!equal(canonicalBytes(value), bytes)) throw new RelaisError('malformed', { what: 'not canonical' });
  return value;
};
