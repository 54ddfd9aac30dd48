import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  hkdfSync,
  verify as verifySync,
} from 'node:crypto';
import { RelaisError } from '../../src/core/errors.ts';
import type { KeyAgreement, Platform } from '../../src/core/platform.ts';
import { webPlatform } from '../../src/core/web-platform.ts';

/**
 * Hashes, signatures and keys as `webPlatform` has them, at once: WebCrypto answers from other threads, in an order of their own. What is asked
 * for again and again is remembered.
 */

const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_X25519 = Buffer.from('302a300506032b656e032100', 'hex');
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

/** Remembers the last few thousand results. */
const remember = <A extends unknown[], R>(
  nameOf: (...args: A) => string,
  work: (...args: A) => R,
): ((...args: A) => R) => {
  const known = new Map<string, R>();
  return (...args) => {
    const name = nameOf(...args);
    const before = known.get(name);
    if (before !== undefined) return before;
    const result = work(...args);
    if (known.size > 4_000) known.clear();
    known.set(name, result);
    return result;
  };
};

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

export const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', data, 'buffer'));

const secretKey = remember(textOf, (secret: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([PKCS8_X25519, secret]), format: 'der', type: 'pkcs8' }),
);
const publicKey = remember(textOf, (key: Uint8Array) =>
  createPublicKey({ key: Buffer.concat([SPKI_X25519, key]), format: 'der', type: 'spki' }),
);

const publicOf = remember(
  textOf,
  (secret: Uint8Array): Uint8Array =>
    new Uint8Array(createPublicKey(secretKey(secret)).export({ format: 'der', type: 'spki' }).subarray(-32)),
);

const agree = (secret: Uint8Array, other: Uint8Array): Uint8Array => {
  try {
    return new Uint8Array(diffieHellman({ privateKey: secretKey(secret), publicKey: publicKey(other) }));
  } catch {
    throw new RelaisError('tampered', { what: 'low-order point' });
  }
};

const verify = remember(
  (key: Uint8Array, signature: Uint8Array, message: Uint8Array) =>
    `${textOf(key)}${textOf(signature)}${hash('sha256', message, 'base64')}`,
  (key: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean => {
    if (key.length !== 32 || signature.length !== 64) return false;
    try {
      const signer = createPublicKey({ key: Buffer.concat([SPKI_ED25519, key]), format: 'der', type: 'spki' });
      return verifySync(null, message, signer, signature);
    } catch {
      return false;
    }
  },
);

const inflate = remember((frame: Uint8Array, limit: number) => `${limit} ${textOf(frame)}`, webPlatform.inflate);

/** The part of a platform that computes. `random` makes keys. */
export const computing = (
  random: (length: number) => Uint8Array,
): Pick<Platform, 'sha256' | 'verify' | 'inflate' | 'keyAgreement'> => {
  const keyAgreement: KeyAgreement = {
    async generate() {
      const secret = random(32);
      return { secret, public: publicOf(secret) };
    },
    publicOf: async (secret) => publicOf(secret),
    agree: async (secret, other) => agree(secret, other),
    hkdf: async (key, salt, info, length) => new Uint8Array(hkdfSync('sha256', key, salt, info, length)),
    hmac: async (key, data) => new Uint8Array(createHmac('sha256', key).update(data).digest()),
  };
  return {
    sha256: async (data) => sha256(data),
    verify: async (key, signature, message) => verify(key, signature, message),
    inflate,
    keyAgreement,
  };
};
