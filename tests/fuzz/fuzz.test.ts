import { expect, it } from 'vitest';
import { toHex } from '../../src/core/protocol/bytes.ts';
import { fuzz } from './run.ts';
import { openTargets, type Target } from './targets.ts';

/** What each `npm test` tries. `npm run fuzz` tries as many as asked for. */
const COUNT = 100_000;

it(`none of ${COUNT} mutations is taken for what was signed, breaks anything, or takes long`, {
  timeout: 600_000,
}, async () => {
  const { found, refused, unharmed } = await fuzz(COUNT);
  expect(found).toEqual([]);
  expect(refused + unharmed).toBe(COUNT);
  // Nearly all of them have to spoil something, or they prove nothing.
  expect(refused / COUNT).toBeGreaterThan(0.8);
});

it.each<[string, (target: Target) => Target['read']]>([
  ['takes whatever comes', () => async (bytes) => toHex(bytes)],
  [
    'breaks',
    ({ read }) =>
      (bytes) =>
        read(bytes).catch((error) => Promise.reject(new TypeError(String(error)))),
  ],
  [
    'reads on past what it refused',
    ({ read }) =>
      (bytes) =>
        read(bytes).catch(() => toHex(bytes)),
  ],
])('finds a reader that %s', async (_, worse) => {
  const { found } = await fuzz(1_000, 1, undefined, async (platform) =>
    (await openTargets(platform)).map((target) => ({ ...target, read: worse(target) })),
  );
  expect(found).toHaveLength(10);
});
