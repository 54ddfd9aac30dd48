import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Shelf } from '../../../../server/publish/catalogue.ts';
import { RelaisError } from '../../../../src/core/errors.ts';
import type { Platform } from '../../../../src/core/platform.ts';
import type { LibraryState } from '../../../../src/core/sync/ports.ts';
import { pull } from '../../../../src/core/sync/pull.ts';
import { MemoryLibrary } from '../../../../src/store/memory.ts';
import {
  contentsOf,
  contentsOfRelease,
  edited,
  FakeTransport,
  flipped,
  never,
  openBox,
  seededPlatform,
  testCase,
  tinyLibrary,
} from '../../../support/fixtures.ts';

/** Every cut and every single turned bit of a pack, through the whole of a pull. */

/** The platform's own SHA-256 goes through a queue of threads: 60,000 pulls would wait for it most of their time. */
const platform: Platform = {
  ...seededPlatform('damage'),
  sha256: async (data) => new Uint8Array(createHash('sha256').update(data).digest()),
};
const box = await openBox();
const first = await box.publish(tinyLibrary());
const next = await box.publish(
  edited(tinyLibrary(), [testCase('pump', 'fr', 'eau'), testCase('radio', 'fr')], ['fr/phone']),
);
const { full, delta } = await box.packsFor(first, next);
const fullPack = full.get('fr') as Uint8Array;
const deltaPack = delta.get('fr') as Uint8Array;
const nothing = { hash: '', bodies: [], rows: [] };
const [before, after] = [await contentsOfRelease(first, 'fr'), await contentsOfRelease(next, 'fr')];
const firstPack = (await box.packsFor(undefined, first)).full.get('fr') as Uint8Array;

type Contents = Awaited<ReturnType<typeof contentsOf>>;

const template = new MemoryLibrary();
await template.want('fr');
const firstLink = new FakeTransport(new Map([['/c/full/fr.pack', firstPack]]));
await pull({ platform, store: template, transport: firstLink }, never);
const known = (await template.library()) as LibraryState;
const rows = await template.buckets('fr');
const put = (first.shelves.get('fr') as Shelf).items.map(({ row, body }) => ({ row, body }));

/** A device that has the first release, or nothing. */
const device = async (has: 'nothing' | 'first'): Promise<MemoryLibrary> => {
  const store = new MemoryLibrary();
  await store.want('fr');
  if (has === 'nothing') return store;
  await store.saveLibrary(known);
  await store.commitShelf({ shelf: 'fr', baseSeq: 1, hash: before.hash ?? '', buckets: rows, put, remove: [] });
  return store;
};

/** Pulls `pack`, and returns what is stored. Fails at an error that is not ours, and at any trust that was not earned. */
const tryPack = async (has: 'nothing' | 'first', pack: Uint8Array, what: string, whole = true): Promise<Contents> => {
  const store = await device(has);
  const link = new FakeTransport();
  link.get = async (path) => {
    if (path === (has === 'first' ? '/c/from/1/fr.pack' : '/c/full/fr.pack'))
      return { found: true, bytes: pack, whole };
    return { found: false };
  };
  const old = has === 'first' ? before : nothing;
  let failed = false;
  try {
    await pull({ platform, store, transport: link }, never);
  } catch (error) {
    if (!(error instanceof RelaisError)) throw new Error(`${what}: ${String(error)}`, { cause: error });
    failed = true;
  }
  const stored = await contentsOf(store, 'fr');
  expect(stored, what).toEqual(failed ? old : after);
  const library = await store.library();
  const seq = library?.head?.seq ?? 0;
  expect((await store.shelf('fr')).baseSeq, what).toBe(failed ? (has === 'first' ? 1 : 0) : 2);
  if (library) expect(library.root, what).toEqual(box.root);
  if (seq === 2) expect(library?.head, what).toEqual(next.head.signed);
  else expect(seq, what).toBe(has === 'first' ? 1 : 0);
  return stored;
};

const cases = [
  ['a whole pack, on a fresh device', 'nothing', fullPack],
  ['a delta, on a device with its base', 'first', deltaPack],
] as const;

describe.each(cases)('%s', (_, has, pack) => {
  it('is small enough to try everything, and large enough to mean something', async () => {
    expect(pack.length).toBeGreaterThan(700);
    expect(pack.length).toBeLessThan(4_096);
    expect(await contentsOf(await device('first'), 'fr')).toEqual(before);
    expect(await tryPack(has, pack, 'undamaged')).toEqual(after);
  });

  it('stores nothing wrong after any cut, whether or not the carrier noticed', { timeout: 60_000 }, async () => {
    for (let length = 0; length < pack.length; length++) {
      for (const whole of [true, false]) await tryPack(has, pack.slice(0, length), `${length} bytes`, whole);
    }
  });

  it('stores nothing wrong after any turned bit', { timeout: 60_000 }, async () => {
    let taken = 0;
    for (let bit = 0; bit < pack.length * 8; bit++) {
      const stored = await tryPack(has, flipped(pack, bit), `bit ${bit}`);
      if (stored.hash === after.hash) taken++;
    }
    // A bit may only be without effect where the section it spoils is not needed.
    expect(taken).toBeLessThan(24);
  });
});
