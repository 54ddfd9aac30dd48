import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { deflate } from '../../server/publish/packs.ts';
import type { Platform } from '../../src/core/platform.ts';
import { open, recipientOf, seal } from '../../src/core/protocol/age.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { codeFrom, seededBytes } from '../support/fixtures.ts';
import { computing } from './machine.ts';

/** The simulation's hashes and keys are those of the product. */

const bytes = seededBytes('machine');
const machine = computing(bytes);
const keys = machine.keyAgreement;

describe('the machine', () => {
  it('hashes as the web does', async () => {
    for (const length of [0, 1, 55, 64, 1_000]) {
      const data = bytes(length);
      expect(await machine.sha256(data)).toEqual(await webPlatform.sha256(data));
    }
  });

  it('takes the signatures that the web takes, and no others', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const key = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
    const message = bytes(50);
    const good = new Uint8Array(sign(null, message, privateKey));
    const bad = good.map((byte, i) => (i === 5 ? byte ^ 1 : byte));
    for (const [signature, of, by] of [
      [good, message, key],
      [bad, message, key],
      [good, bytes(50), key],
      [good, message, bytes(32)],
      [good.subarray(1), message, key],
      [good, message, key.subarray(1)],
    ] as const)
      expect(await machine.verify(by, signature, of)).toBe(await webPlatform.verify(by, signature, of));
    expect(await machine.verify(key, good, message)).toBe(true);
  });

  it('agrees on keys as the web does', async () => {
    const [a, b] = [await keys.generate(), await webPlatform.keyAgreement.generate()];
    expect(await keys.publicOf(b.secret)).toEqual(b.public);
    expect(await keys.agree(a.secret, b.public)).toEqual(await webPlatform.keyAgreement.agree(b.secret, a.public));
    expect(await codeFrom(() => keys.agree(a.secret, new Uint8Array(32)))).toBe('tampered');
    const [key, salt] = [bytes(32), bytes(16)];
    expect(await keys.hkdf(key, salt, 'info', 44)).toEqual(await webPlatform.keyAgreement.hkdf(key, salt, 'info', 44));
    expect(await keys.hmac(key, salt)).toEqual(await webPlatform.keyAgreement.hmac(key, salt));
  });

  it('seals what the web opens', async () => {
    const { secret, public: recipient } = await keys.generate();
    const platform: Platform = { ...webPlatform, ...machine, randomBytes: bytes };
    const text = bytes(300);
    expect(await open(webPlatform, secret, await seal(platform, [recipientOf(recipient)], text))).toEqual(text);
  });

  it('unpacks as the web does', () => {
    const text = new TextEncoder().encode('la pompe tourne '.repeat(50));
    const frame = deflate(text);
    for (let n = 0; n < 2; n++) expect(machine.inflate(frame, 1 << 20)).toEqual(webPlatform.inflate(frame, 1 << 20));
    expect(() => machine.inflate(frame, 10)).toThrow();
  });
});
