import { zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { deflate } from '../../../server/publish/packs.ts';
import { MAX_UNPACKED } from '../../../src/core/pack/format.ts';
import { ed25519From, webPlatform } from '../../../src/core/web-platform.ts';
import { codeFrom } from '../../support/fixtures.ts';

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** One raw block without content, the last one. */
const END = [0x01, 0x00, 0x00];
const inflate = (frame: Uint8Array, limit = MAX_UNPACKED): Uint8Array => webPlatform.inflate(frame, limit);

afterEach(() => {
  vi.unstubAllGlobals();
});

/** The longest array that anybody makes while `work` runs. */
const longestArray = (work: () => unknown): number => {
  let longest = 0;
  const watched = new Proxy(Uint8Array, {
    construct(target, args: unknown[], made) {
      if (typeof args[0] === 'number') longest = Math.max(longest, args[0]);
      return Reflect.construct(target, args, made) as object;
    },
  });
  vi.stubGlobal('Uint8Array', watched);
  try {
    work();
  } catch {
    // Only what was asked for counts.
  } finally {
    vi.unstubAllGlobals();
  }
  return longest;
};

describe('a signature', () => {
  const subtle = crypto.subtle;
  const message = Uint8Array.of(1, 2, 3);
  const signed = async () => {
    const { publicKey, privateKey } = (await subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
    const raw = new Uint8Array(await subtle.exportKey('raw', publicKey));
    return { raw, signature: new Uint8Array(await subtle.sign('Ed25519', privateKey, message)) };
  };
  /** As in Chrome before 137. */
  const withoutEd25519 = (): void => {
    const importKey: typeof subtle.importKey = (...args: unknown[]) =>
      args[2] === 'Ed25519'
        ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
        : (subtle.importKey as (...all: unknown[]) => Promise<CryptoKey>).apply(subtle, args);
    vi.stubGlobal('crypto', { subtle: { importKey, digest: subtle.digest.bind(subtle) } });
  };

  it('is checked by the browser itself', async () => {
    const { raw, signature } = await signed();
    expect(await webPlatform.verify(raw, signature, message)).toBe(true);
    expect(await webPlatform.verify(raw, signature, Uint8Array.of(1, 2, 4))).toBe(false);
    expect(await webPlatform.verify(raw.subarray(1), signature, message)).toBe(false);
  });

  it('that nobody can check yet is neither right nor wrong', async () => {
    const { raw, signature } = await signed();
    withoutEd25519();
    expect(await codeFrom(() => webPlatform.verify(raw, signature, message))).toBe('no-link');
  });

  it('is checked by the file for old browsers, once it is here', async () => {
    const { raw, signature } = await signed();
    vi.stubGlobal('self', globalThis);
    await import('../../../src/engine/ed25519-main.ts');
    ed25519From(async () => (globalThis as { relaisEd25519?: typeof webPlatform.verify }).relaisEd25519 as never);
    withoutEd25519();
    expect(await webPlatform.verify(raw, signature, message)).toBe(true);
    expect(await webPlatform.verify(raw, signature, Uint8Array.of(1, 2, 4))).toBe(false);
    expect(
      await webPlatform.verify(
        raw,
        signature.map((byte) => byte ^ 1),
        message,
      ),
    ).toBe(false);
  });
});

describe('inflate', () => {
  it('gives back what the publisher packed', () => {
    for (const length of [0, 1, 300, 70_000, 300_000]) {
      const plain = Uint8Array.from({ length }, (_, i) => (i * i) % 251);
      for (const frame of [deflate(plain), new Uint8Array(zstdCompressSync(plain))]) {
        expect(Buffer.from(inflate(frame)).equals(plain)).toBe(true);
      }
    }
  });

  // One byte of exponent: 2^(10 + 20) is 1 GiB. Two other frames name the same as their content's size.
  it.each([
    ['a window of 1 GiB', [...MAGIC, 0x00, 0xa0, ...END]],
    ['the largest window there is', [...MAGIC, 0x00, 0xff, ...END]],
    ['a content of 1 GiB', [...MAGIC, 0xa0, 0x00, 0x00, 0x00, 0x40, ...END]],
    ['a content of 2^60 bytes', [...MAGIC, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x10, ...END]],
  ])('refuses a frame of a few bytes that claims %s, and takes no memory for it', async (_, bytes) => {
    const frame = Uint8Array.from(bytes);
    expect(await codeFrom(() => inflate(frame))).toBe('too-large');
    expect(longestArray(() => inflate(frame))).toBeLessThan(1 << 20);
  });

  it('takes no more than the limit, also for a frame that claims little', async () => {
    const frame = new Uint8Array(zstdCompressSync(new Uint8Array(200_000)));
    expect(inflate(frame, 200_000)).toHaveLength(200_000);
    expect(await codeFrom(() => inflate(frame, 199_999))).toBe('too-large');
  });

  it.each([
    ['no zstd', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['a frame that is cut in its header', MAGIC],
    ['a block of a kind that there is not', [...MAGIC, 0x20, 0x00, 0x07, 0x00, 0x00]],
  ])('refuses %s', async (_, bytes) => {
    expect(await codeFrom(() => inflate(Uint8Array.from(bytes)))).toBe('tampered');
  });
});
