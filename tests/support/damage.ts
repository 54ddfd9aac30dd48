import { deepStrictEqual } from 'node:assert/strict';
import type { Shelf } from '../../server/publish/catalogue.ts';
import { RelaisError } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import {
  contentsOf,
  contentsOfRelease,
  edited,
  FakeTransport,
  never,
  openBox,
  testBulletin,
  testCase,
  tinyLibrary,
} from './fixtures.ts';

/** Damaged packs through the whole of a pull, on a device that has nothing and on one that has the publication before. */
export interface Damage {
  readonly packs: Readonly<Record<Has, Uint8Array>>;
  /** The shelf's hash in the newest publication. */
  readonly hash: string;
  /**
   * Pulls `pack`. Returns the hash of the shelf that is stored then. Throws at an error that is not ours, and at any trust that was not earned:
   * what is stored is the publication before or the newest one, whole.
   */
  readonly tryPack: (has: Has, pack: Uint8Array, what: string, whole?: boolean) => Promise<string | undefined>;
}

export type Has = 'nothing' | 'first';

export const openDamage = async (platform: Platform, withAlerts = false): Promise<Damage> => {
  const box = await openBox();
  const library = withAlerts ? [...tinyLibrary(), testBulletin('well', 'fr', 'Barrez le puits.')] : tinyLibrary();
  const first = await box.publish(library);
  const next = await box.publish(
    edited(library, [testCase('pump', 'fr', 'eau'), testCase('radio', 'fr')], ['fr/phone']),
  );
  const { full, delta } = await box.packsFor(first, next);
  const nothing = { hash: '', bodies: [], rows: [] };
  const [before, after] = [await contentsOfRelease(first, 'fr'), await contentsOfRelease(next, 'fr')];
  const firstPack = (await box.packsFor(undefined, first)).full.get('fr') as Uint8Array;

  const template = new MemoryLibrary();
  await template.want('fr');
  const firstLink = new FakeTransport(new Map([['/c/full/fr.pack', firstPack]]));
  await pull({ platform, store: template, transport: firstLink }, never);
  const known = (await template.library()) as LibraryState;
  const rows = await template.buckets('fr');
  const put = (first.shelves.get('fr') as Shelf).items.map(({ row, body }) => ({ row, body }));

  const device = async (has: Has): Promise<MemoryLibrary> => {
    const store = new MemoryLibrary();
    await store.want('fr');
    if (has === 'nothing') return store;
    await store.saveLibrary(known);
    await store.commitShelf({ shelf: 'fr', baseSeq: 1, hash: before.hash ?? '', buckets: rows, put, remove: [] });
    return store;
  };

  const tryPack: Damage['tryPack'] = async (has, pack, what, whole = true) => {
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
    deepStrictEqual(stored, failed ? old : after, what);
    const state = await store.library();
    const seq = state?.head?.seq ?? 0;
    deepStrictEqual((await store.shelf('fr')).baseSeq, failed ? (has === 'first' ? 1 : 0) : 2, what);
    if (state) deepStrictEqual(state.root, box.root, what);
    if (seq === 2) deepStrictEqual(state?.head, next.head.signed, what);
    else deepStrictEqual(seq, has === 'first' ? 1 : 0, what);
    return stored.hash;
  };
  const packs = { nothing: full.get('fr') as Uint8Array, first: delta.get('fr') as Uint8Array };
  return { packs, hash: after.hash ?? '', tryPack };
};
