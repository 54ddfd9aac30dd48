import { beforeEach, describe, expect, it, vi } from 'vitest';
import { alertsOf } from '../../../../server/publish/alerts.ts';
import type { Shelf } from '../../../../server/publish/catalogue.ts';
import { deflate } from '../../../../server/publish/packs.ts';
import { encodePack, readPack, SectionType } from '../../../../src/core/pack/format.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import { APP_VERSION } from '../../../../src/core/protocol/version.ts';
import { pull } from '../../../../src/core/sync/pull.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import {
  contentsOf,
  contentsOfRelease,
  edited,
  FakeTransport,
  never,
  openBox,
  type Release,
  seededPlatform,
  type TestBox,
  testBulletin,
  testCase,
  tinyLibrary,
} from '../../../support/fixtures.ts';

/** What a pull says of what it refuses, and what it does not do twice. */

const platform = seededPlatform('refusals');
const FULL = '/c/full/fr.pack';
const DELTA = '/c/from/1/fr.pack';

let box: TestBox;
let first: Release;
let store: MemoryLibrary;
let link: FakeTransport;

const sync = (signal = never) => pull({ platform, store, transport: link }, signal);
const publish = async (items = tinyLibrary(), options = {}): Promise<Release> => {
  const release = await box.publish(items, options);
  link.files = await box.tree(release, [first]);
  return release;
};
const pumpEdited = () => edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]);

/** A file of the tree without some of its sections. */
const without = async (path: string, ...types: readonly number[]): Promise<Uint8Array> => {
  const { sections } = await readPack(platform, link.files.get(path) as Uint8Array);
  return encodePack(
    platform,
    deflate,
    sections.filter(({ type }) => !types.includes(type)),
  );
};

beforeEach(async () => {
  box = await openBox();
  first = await box.publish(tinyLibrary());
  store = new MemoryLibrary();
  await store.want('fr');
  link = new FakeTransport(await box.tree(first));
});

describe('what is refused is named', () => {
  it('where the tree has no such shelf, and where the library has none', async () => {
    link.missing(FULL);
    await expect(sync()).rejects.toMatchObject({ code: 'not-found', details: { shelf: 'fr' } });
    link.heal();
    await sync();
    await publish(tinyLibrary(), { languages: ['en'] });
    link.files.set(FULL, link.files.get('/c/full/en.pack') as Uint8Array);
    await expect(sync()).rejects.toMatchObject({ code: 'not-found', details: { shelf: 'fr' } });
  });

  it('where a whole pack does not lead to the signed shelf: nothing of it is kept to be gone on with', async () => {
    link.replace(FULL, await without(FULL, SectionType.bodies));
    await expect(sync()).rejects.toMatchObject({ code: 'tampered', details: { what: 'shelf', shelf: 'fr' } });
    expect(await store.part('fr')).toBeUndefined();
    expect(await contentsOf(store, 'fr')).toMatchObject({ hash: '', bodies: [] });
  });

  it.each([true, false])('where it ends too early (told as whole: %s), with how much came', async (told) => {
    const { length } = link.files.get(FULL) as Uint8Array;
    link.cut(FULL, length - 3, told);
    const details = { what: 'cut', bytes: length - 3 };
    await expect(sync()).rejects.toMatchObject({ code: 'no-link', details });
    link.heal();
    await sync();
    expect(await contentsOf(store, 'fr')).toEqual(await contentsOfRelease(first, 'fr'));
  });
});

it('a delta that does not bring the table it was signed with is followed by the whole pack', async () => {
  await sync();
  const next = await publish(pumpEdited());
  link.replace(DELTA, await without(DELTA, SectionType.table, SectionType.tableChange));
  link.requests.length = 0;
  await sync();
  expect(link.requests).toEqual([DELTA, FULL]);
  expect(await contentsOf(store, 'fr')).toEqual(await contentsOfRelease(next, 'fr'));
});

it.each(['the disk', 'the store'])('what has come stays to be gone on with where %s fails', async (what) => {
  const error = what === 'the disk' ? new DOMException('no room', 'QuotaExceededError') : new Error('lost');
  vi.spyOn(store, 'commitShelf').mockRejectedValueOnce(error);
  const drop = vi.spyOn(store, 'dropPart');
  await expect(sync()).rejects.toBe(error);
  expect(drop).not.toHaveBeenCalled();
});

it('asks for a newer app where the tree asks for one, and not where this one is new enough', async () => {
  await publish(pumpEdited(), { minApp: APP_VERSION });
  expect((await sync()).needsUpdate).toBe(false);
  await publish(tinyLibrary(), { minApp: APP_VERSION + 1 });
  expect((await sync()).needsUpdate).toBe(true);
});

it('asks for no further shelf once somebody has ended it', async () => {
  await store.want('en');
  const controller = new AbortController();
  const transport = {
    get: async (path: string, limit: number, _: AbortSignal, reading = {}) => {
      const fetched = await link.get(path, limit, never, reading);
      controller.abort();
      return fetched;
    },
    postBatch: link.postBatch.bind(link),
  };
  await expect(pull({ platform, store, transport }, controller.signal)).rejects.toThrow(/abort/);
  expect(link.requests).toEqual(['/c/full/en.pack']);
});

it('looks at a head once while the rest of its pack arrives, and moves no cursor that is where it should be', async () => {
  const save = vi.spyOn(store, 'saveLibrary');
  const advance = vi.spyOn(store, 'advance');
  link.piece = 10;
  await sync();
  // With the beginning, with the whole, and with its table.
  expect(save).toHaveBeenCalledTimes(3);
  expect(advance).not.toHaveBeenCalled();
  await store.want('en');
  await sync();
  expect(advance).not.toHaveBeenCalled();
  await publish(pumpEdited());
  await store.want('fr');
  await sync();
  expect(advance.mock.calls).toEqual([[['en'], 2]]);
});

it('keeps urgent notices as they were signed with their shelf, and none where there are none', async () => {
  await sync();
  expect(await store.signedAlerts('fr')).toBeUndefined();
  const release = await publish([...tinyLibrary(), testBulletin('well', 'fr')]);
  await sync();
  const signed = alertsOf(box.keys.publisher, 2, 'fr', release.shelves.get('fr') as Shelf, release.head.signed.issued);
  expect(await store.signedAlerts('fr')).toEqual(canonicalBytes(signed as never));
});
