import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Platform } from '../../../../src/core/platform.ts';
import { type Has, openDamage } from '../../../support/damage.ts';
import { flipped, seededPlatform } from '../../../support/fixtures.ts';

/** Every cut and every single turned bit of a pack, through the whole of a pull. `tests/fuzz` tries what chance thinks of. */

/** The platform's own SHA-256 goes through a queue of threads: 60,000 pulls would wait for it most of their time. */
const platform: Platform = {
  ...seededPlatform('damage'),
  sha256: async (data) => new Uint8Array(createHash('sha256').update(data).digest()),
};
const { packs, hash, tryPack } = await openDamage(platform);

const cases: readonly (readonly [string, Has])[] = [
  ['a whole pack, on a fresh device', 'nothing'],
  ['a delta, on a device with its base', 'first'],
];

describe.each(cases)('%s', (_, has) => {
  const pack = packs[has];

  it('is small enough to try everything, and large enough to mean something', async () => {
    expect(pack.length).toBeGreaterThan(700);
    expect(pack.length).toBeLessThan(4_096);
    expect(await tryPack(has, pack, 'undamaged')).toBe(hash);
  });

  it('stores nothing wrong after any cut, whether or not the carrier noticed', { timeout: 60_000 }, async () => {
    for (let length = 0; length < pack.length; length++) {
      for (const whole of [true, false]) await tryPack(has, pack.slice(0, length), `${length} bytes`, whole);
    }
  });

  it('stores nothing wrong after any turned bit', { timeout: 60_000 }, async () => {
    let taken = 0;
    for (let bit = 0; bit < pack.length * 8; bit++)
      if ((await tryPack(has, flipped(pack, bit), `bit ${bit}`)) === hash) taken++;
    // A bit may only be without effect where the section it spoils is not needed.
    expect(taken).toBeLessThan(24);
  });
});
