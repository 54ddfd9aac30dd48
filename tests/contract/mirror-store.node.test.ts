import type { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { BlobParts } from '../../server/mirror/blob-parts.ts';
import { openMirrorDatabase } from '../../server/mirror/mirror-database.ts';
import { MirrorStore } from '../../server/mirror/mirror-store.ts';
import { dayOf } from '../../src/core/protocol/network.ts';
import { codeFrom } from '../support/fixtures.ts';
import { blobStoreContract } from './blob-store.ts';
import { syncedLibraryContract } from './device-stores.ts';
import { libraryStoreContract } from './library-store.ts';

const open = async () => {
  const database = openMirrorDatabase(':memory:');
  return { store: new MirrorStore(database), close: async () => database.close() };
};

libraryStoreContract('MirrorStore', open);

syncedLibraryContract('MirrorStore', open);

blobStoreContract('BlobParts', async () => {
  const database = openMirrorDatabase(':memory:');
  return { store: new BlobParts(database), close: async () => database.close() };
});

describe('a full disk', () => {
  const fill = (database: DatabaseSync): void => {
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
    database.exec(`PRAGMA max_page_count = ${pages}`);
  };

  it('is named, and what was there stays', async () => {
    const database = openMirrorDatabase(':memory:');
    const store = new MirrorStore(database);
    const parts = new BlobParts(database);
    await store.savePart('fr', '/c/from/0-1/fr.pack', 0, new Uint8Array(100));
    fill(database);
    const much = new Uint8Array(100_000);
    expect(await codeFrom(() => store.savePart('fr', '/c/from/0-1/fr.pack', 100, much))).toBe('full');
    expect(await codeFrom(() => parts.saveLeaf('A', 0, much))).toBe('full');
    expect((await store.part('fr'))?.bytes).toEqual(new Uint8Array(100));
    await store.dropPart('fr');
    expect(await store.part('fr')).toBeUndefined();
  });
});

describe('bytes an hour and a day', () => {
  const traffic = (bytes: number) => ({ up: 0, down: bytes, requests: 1 });
  const DAY = 86_400_000;

  it('are counted down, each for itself', async () => {
    let now = 20 * DAY + 3_600_000 / 2;
    const store = new MirrorStore(openMirrorDatabase(':memory:'), { hourly: 100, daily: 150 }, () => now);
    const spend = (bytes: number) => store.spend(dayOf(now), traffic(bytes));
    expect([store.left(), await store.policy()]).toEqual([100, { daily: 150 }]);
    await spend(60);
    expect(store.left()).toBe(40);
    await spend(60);
    expect([store.left(), await store.policy()]).toEqual([0, { daily: 0 }]);
    now += 3_600_000;
    expect([store.left(), await store.policy()]).toEqual([30, { daily: 150 }]);
    await spend(40);
    expect(store.left()).toBe(0);
    now += DAY;
    expect(store.left()).toBe(100);
  });

  it('are no limit where none is set', async () => {
    const store = new MirrorStore(openMirrorDatabase(':memory:'));
    await store.spend(dayOf(Date.now()), traffic(1e9));
    expect([store.left(), await store.policy()]).toEqual([undefined, {}]);
  });
});
