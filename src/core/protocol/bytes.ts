import { RelaisError } from '../errors.ts';

/** Bytes, text and numbers, as every message of the protocol writes them. */

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Throws `malformed` where the bytes are not UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new RelaisError('malformed', { what: 'utf-8' });
  }
};

export const concat = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

export const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

export const toBase64 = (bytes: Uint8Array): string => {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
};

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new RelaisError('malformed', { what: 'base64' });
  }
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
};

/** base64url without padding (RFC 4648 section 5): how hashes, keys and signatures are written in JSON. */
export const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** Reads base64url; refuses what `toBase64Url` would not have written, so that one value has one spelling. */
export const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
  if (toBase64Url(bytes) !== text) throw new RelaisError('malformed', { what: 'base64url' });
  return bytes;
};

export const toHex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

/** LEB128, unsigned, at most 5 bytes: lengths and counts. */
export const varint = (value: number): Uint8Array => {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Uint8Array.from(out);
};

/** Reads a message from front to back; throws `truncated` where it ends too early. */
export class Reader {
  #at = 0;
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    if (length > this.left) throw new RelaisError('truncated', { want: length, left: this.left });
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }
  byte(): number {
    return this.take(1)[0] as number;
  }
  /** Big-endian, 4 bytes. */
  u32(): number {
    const b = this.take(4);
    return new DataView(b.buffer, b.byteOffset, 4).getUint32(0);
  }
  /** Big-endian, 2 bytes. */
  u16(): number {
    const b = this.take(2);
    return new DataView(b.buffer, b.byteOffset, 2).getUint16(0);
  }
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 5; shift++) {
      const byte = this.byte();
      value += (byte & 127) * 128 ** shift;
      if (byte < 128) return value;
    }
    throw new RelaisError('malformed', { what: 'varint' });
  }
}

export const u32 = (value: number): Uint8Array => {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
};

export const u16 = (value: number): Uint8Array => {
  const out = new Uint8Array(2);
  new DataView(out.buffer).setUint16(0, value);
  return out;
};
