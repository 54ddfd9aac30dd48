/**
 * What `core` needs from the machine it runs on. One port for hash, signatures, inflate, randomness, clock and timers,
 * so that one seed reproduces a simulated run.
 */
export interface Platform {
  /** Milliseconds since 1970. Data only: never used to order anything. */
  now(): number;
  /** A number in [0, 1), for jitter. */
  chance(): number;
  /** `length` cryptographically strong random bytes. */
  randomBytes(length: number): Uint8Array;
  /** SHA-256 of `data`: 32 bytes. */
  sha256(data: Uint8Array): Promise<Uint8Array>;
  /** Ed25519 (RFC 8032): whether `signature` (64 bytes) of `message` is by `publicKey` (32 bytes). False for malformed keys. */
  verify(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean>;
  /** Zstandard (RFC 8878) frame -> content. Throws when broken, or when the content is longer than `limit` bytes. */
  inflate(frame: Uint8Array, limit: number): Uint8Array;
  /** X25519 and HKDF-SHA-256, for sealing. */
  readonly keyAgreement: KeyAgreement;
  /** Calls `fn` once after `ms` milliseconds; the result cancels it. */
  after(ms: number, fn: () => void): () => void;
}

export interface KeyAgreement {
  /** A new X25519 key pair: 32 bytes each. */
  generate(): Promise<{ readonly secret: Uint8Array; readonly public: Uint8Array }>;
  /** The public key of a secret key. */
  publicOf(secret: Uint8Array): Promise<Uint8Array>;
  /** X25519 (RFC 7748): 32 bytes. Throws where the result is all zero (a low-order point). */
  agree(secret: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array>;
  /** HKDF-SHA-256 (RFC 5869): `length` bytes. */
  hkdf(key: Uint8Array, salt: Uint8Array, info: string, length: number): Promise<Uint8Array>;
  /** HMAC-SHA-256: 32 bytes. */
  hmac(key: Uint8Array, data: Uint8Array): Promise<Uint8Array>;
}
