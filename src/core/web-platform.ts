import { Decompress } from 'fzstd';
import { RelaisError } from './errors.ts';
import type { KeyAgreement, Platform } from './platform.ts';
import { concat, utf8 } from './protocol/bytes.ts';

/**
 * `Platform` on the Web APIs that page, worker, service worker and Node share. Where WebCrypto lacks Ed25519 (Chrome before 137), signatures
 * are checked by what `ed25519From` was given; X25519 needs WebCrypto (Chrome 133, Firefox 130, Safari 17).
 */

/** DER before the 32 bytes of an X25519 secret key (RFC 8410), since WebCrypto imports secrets as PKCS #8 only. */
const PKCS8_X25519 = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
]);
const BASE_POINT = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));

/** WebCrypto takes no shared memory; none of ours is. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;

const bytesOf = async (buffer: Promise<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await buffer);

const agree = async (secret: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array> => {
  const secretKey = await crypto.subtle.importKey('pkcs8', concat([PKCS8_X25519, secret]), 'X25519', false, [
    'deriveBits',
  ]);
  const other = await crypto.subtle.importKey('raw', own(publicKey), 'X25519', false, []);
  const shared = await bytesOf(crypto.subtle.deriveBits({ name: 'X25519', public: other }, secretKey, 256));
  if (shared.every((byte) => byte === 0)) throw new RelaisError('tampered', { what: 'low-order point' });
  return shared;
};

const publicOf = (secret: Uint8Array): Promise<Uint8Array> => agree(secret, BASE_POINT);

const randomBytes = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));

const keyAgreement: KeyAgreement = {
  publicOf,
  agree,
  async generate() {
    const secret = randomBytes(32);
    return { secret, public: await publicOf(secret) };
  },
  async hkdf(key, salt, info, length) {
    const base = await crypto.subtle.importKey('raw', own(key), 'HKDF', false, ['deriveBits']);
    return bytesOf(
      crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: own(salt), info: utf8(info) }, base, length * 8),
    );
  },
  async hmac(key, data) {
    const hmacKey = await crypto.subtle.importKey('raw', own(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return bytesOf(crypto.subtle.sign('HMAC', hmacKey, own(data)));
  },
};

let loadEd25519: (() => Promise<Platform['verify']>) | undefined;

/** For browsers without Ed25519: where its file comes from, once a signature has to be checked. Other browsers never load it. */
export const ed25519From = (load: () => Promise<Platform['verify']>): void => {
  loadEd25519 = load;
};

const verify = async (publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean> => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey('raw', own(publicKey), 'Ed25519', false, ['verify']);
  } catch {
    // Without it nothing can be said of a signature, right or wrong: the link has to bring it first.
    if (!loadEd25519) throw new RelaisError('no-link', { what: 'ed25519' });
    return (await loadEd25519())(publicKey, signature, message);
  }
  return crypto.subtle.verify('Ed25519', key, own(signature), own(message));
};

/** The highest zstd level asks for 8 MiB at most for what fits into a pack; a frame that wants more wants our memory. */
const LARGEST_WINDOW = 32 << 20;

/** Bytes that decoding a frame takes at once: its window, or its whole content (RFC 8878 section 3.1.1.1). */
const memoryFor = (frame: Uint8Array): number => {
  // What is no zstd frame is the decoder's to refuse.
  if (frame[0] !== 0x28 || frame[1] !== 0xb5 || frame[2] !== 0x2f || frame[3] !== 0xfd) return 0;
  const descriptor = frame[4] ?? 0;
  const single = (descriptor & 0x20) !== 0;
  if (!single) {
    const window = frame[5] ?? 0;
    const base = 2 ** (10 + (window >> 3));
    const bytes = base + (base / 8) * (window & 7);
    return bytes > LARGEST_WINDOW ? Number.POSITIVE_INFINITY : bytes;
  }
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const size = [1, 2, 4, 8][descriptor >> 6] ?? 1;
  const field = frame.subarray(5 + dictionary, 5 + dictionary + size);
  const value = field.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return size === 2 ? value + 256 : value;
};

/** Inflates piece by piece, so that a frame which claims little and unpacks to much is stopped at the limit. */
const inflate = (frame: Uint8Array, limit: number): Uint8Array => {
  const parts: Uint8Array[] = [];
  let length = 0;
  if (memoryFor(frame) > limit) throw new RelaisError('too-large', { what: 'zstd window' });
  try {
    const stream = new Decompress((part) => {
      length += part.length;
      if (length > limit) throw new RelaisError('too-large', { what: 'inflate', limit });
      parts.push(part.slice());
    });
    stream.push(frame, true);
  } catch (error) {
    throw error instanceof RelaisError ? error : new RelaisError('tampered', { what: 'zstd' });
  }
  return concat(parts);
};

export const webPlatform: Platform = {
  now: () => Date.now(),
  chance: () => Math.random(),
  randomBytes,
  sha256: (data) => bytesOf(crypto.subtle.digest('SHA-256', own(data))),
  verify,
  inflate,
  keyAgreement,
  after(ms, fn) {
    const id = setTimeout(fn, ms);
    return () => clearTimeout(id);
  },
};
