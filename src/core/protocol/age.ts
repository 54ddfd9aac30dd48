import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { RelaisError } from '../errors.ts';
import type { KeyAgreement, Platform } from '../platform.ts';
import { bech32Decode, bech32Encode } from './bech32.ts';
import { concat, equal, fromBase64, fromUtf8, toBase64, utf8 } from './bytes.ts';

/**
 * The age v1 format (https://age-encryption.org/v1, C2SP): a writer and a reader for X25519 recipients, so that any `age` tool opens
 * what we seal. Sealing takes one message in memory; the payload is cut into 64 KiB chunks as the format asks.
 */

const INTRO = 'age-encryption.org/v1';
const LABEL = 'age-encryption.org/v1/X25519';
const CHUNK = 64 * 1024;

/** `age1...` from an X25519 public key (32 bytes). */
export const recipientOf = (publicKey: Uint8Array): string => bech32Encode('age', publicKey);

/** `AGE-SECRET-KEY-1...` from an X25519 secret key: what `age -i` takes. */
export const identityOf = (secretKey: Uint8Array): string => bech32Encode('age-secret-key-', secretKey).toUpperCase();

/** Base64 without padding, as age writes it. */
const bare = (bytes: Uint8Array): string => toBase64(bytes).replaceAll('=', '');

const aead = (key: Uint8Array, nonce: Uint8Array) => chacha20poly1305(key, nonce);

const wrapKey = async (
  keys: KeyAgreement,
  shared: Uint8Array,
  ephemeral: Uint8Array,
  recipient: Uint8Array,
): Promise<Uint8Array> => keys.hkdf(shared, concat([ephemeral, recipient]), LABEL, 32);

const headerMac = async (keys: KeyAgreement, fileKey: Uint8Array, header: Uint8Array): Promise<Uint8Array> =>
  keys.hmac(await keys.hkdf(fileKey, new Uint8Array(0), 'header', 32), header);

/** Nonce of chunk `index`: 11 bytes big-endian counter, 1 byte "last". */
const chunkNonce = (index: number, last: boolean): Uint8Array => {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, index);
  nonce[11] = last ? 1 : 0;
  return nonce;
};

/**
 * Seals `plaintext` to each of `recipients` (`age1...`).
 * Returns the age file: about 200 bytes and 100 for each recipient more than the text.
 */
export const seal = async (
  platform: Platform,
  recipients: readonly string[],
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> => {
  const keys = platform.keyAgreement;
  const fileKey = platform.randomBytes(16);
  const lines = [INTRO];
  for (const recipient of recipients) {
    const publicKey = bech32Decode('age', recipient);
    const ephemeral = await keys.generate();
    const shared = await keys.agree(ephemeral.secret, publicKey);
    const key = await wrapKey(keys, shared, ephemeral.public, publicKey);
    lines.push(`-> X25519 ${bare(ephemeral.public)}`, bare(aead(key, new Uint8Array(12)).encrypt(fileKey)));
  }
  const header = utf8(`${lines.join('\n')}\n---`);
  const nonce = platform.randomBytes(16);
  const streamKey = await keys.hkdf(fileKey, nonce, 'payload', 32);
  const parts: Uint8Array[] = [header, utf8(` ${bare(await headerMac(keys, fileKey, header))}\n`), nonce];
  const chunks = Math.max(1, Math.ceil(plaintext.length / CHUNK));
  for (let i = 0; i < chunks; i++) {
    const chunk = plaintext.subarray(i * CHUNK, (i + 1) * CHUNK);
    parts.push(aead(streamKey, chunkNonce(i, i === chunks - 1)).encrypt(chunk));
  }
  return concat(parts);
};

const refuse = (what: string): never => {
  throw new RelaisError('tampered', { what: `age: ${what}` });
};

interface Stanza {
  readonly args: readonly string[];
  readonly body: Uint8Array;
}

/** Bare base64; anything else is damage. */
const decode = (text: Uint8Array): Uint8Array => {
  try {
    return fromBase64(fromUtf8(text));
  } catch {
    return refuse('base64');
  }
};

const parseHeader = (
  file: Uint8Array,
): { stanzas: Stanza[]; macInput: Uint8Array; mac: Uint8Array; rest: Uint8Array } => {
  const marker = utf8('\n---');
  let end = 0;
  const limit = Math.min(file.length, 16_384);
  while (end < limit && !equal(file.subarray(end, end + marker.length), marker)) end++;
  if (end >= limit) refuse('header');
  const macInput = file.subarray(0, end + marker.length);
  const newline = file.indexOf(10, macInput.length);
  if (newline < 0 || file[macInput.length] !== 32) refuse('mac line');
  const mac = decode(file.subarray(macInput.length + 1, newline));
  const [intro, ...lines] = fromUtf8(file.subarray(0, end)).split('\n');
  if (intro !== INTRO) refuse('version');
  const stanzas: { args: string[]; body: string }[] = [];
  for (const line of lines) {
    if (line.startsWith('-> ')) stanzas.push({ args: line.slice(3).split(' '), body: '' });
    else {
      const last = stanzas.at(-1) ?? refuse('stanza');
      last.body += line;
    }
  }
  return {
    stanzas: stanzas.map(({ args, body }) => ({ args, body: decode(utf8(body)) })),
    macInput,
    mac,
    rest: file.subarray(newline + 1),
  };
};

/** Opens an age file with an X25519 secret key (32 bytes). Throws `tampered` where it is not for this key, or not whole. */
export const open = async (
  platform: Platform,
  secretKey: Uint8Array,
  file: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> => {
  const keys = platform.keyAgreement;
  const { stanzas, macInput, mac, rest } = parseHeader(file);
  const ownPublic = await keys.publicOf(secretKey);
  const fileKey = await unwrap(keys, stanzas, secretKey, ownPublic);
  if (!equal(await headerMac(keys, fileKey, macInput), mac)) refuse('mac');
  const streamKey = await keys.hkdf(fileKey, rest.subarray(0, 16), 'payload', 32);
  const body = rest.subarray(16);
  const parts: Uint8Array[] = [];
  const step = CHUNK + 16;
  const chunks = Math.max(1, Math.ceil(body.length / step));
  for (let i = 0; i < chunks; i++) {
    const chunk = body.subarray(i * step, (i + 1) * step);
    parts.push(decrypt(streamKey, chunkNonce(i, i === chunks - 1), chunk) ?? refuse('payload'));
  }
  return concat(parts);
};

const decrypt = (key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array | undefined => {
  try {
    return aead(key, nonce).decrypt(data);
  } catch {
    return undefined;
  }
};

const unwrap = async (
  keys: KeyAgreement,
  stanzas: readonly Stanza[],
  secretKey: Uint8Array,
  publicKey: Uint8Array,
): Promise<Uint8Array> => {
  for (const { args, body } of stanzas) {
    const [type, share] = args;
    if (type !== 'X25519' || share === undefined || body.length !== 32) continue;
    const ephemeral = decode(utf8(share));
    // A share of the wrong length or a low-order point: not for us, and not whole.
    const shared = await keys.agree(secretKey, ephemeral).catch(() => refuse('share'));
    const key = await wrapKey(keys, shared, ephemeral, publicKey);
    const fileKey = decrypt(key, new Uint8Array(12), body);
    if (fileKey?.length === 16) return fileKey;
  }
  return refuse('no stanza for this key');
};
