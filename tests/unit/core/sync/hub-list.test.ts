import { beforeEach, describe, expect, it } from 'vitest';
import { signWith } from '../../../../server/box/keys.ts';
import { toBase64Url } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import { HUBS_PATH } from '../../../../src/core/protocol/hubs.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { isHubListDue, knownHub, takeHubs } from '../../../../src/core/sync/hub-list.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import {
  FakeTransport,
  NOW,
  never,
  openBox,
  seededKeys,
  seededPlatform,
  type TestBox,
} from '../../../support/fixtures.ts';

const DAY_MS = 86_400_000;
const heir = await seededKeys('heir');
const { hub: school } = await seededKeys('a school');
const platform = seededPlatform('hub-list');

let box: TestBox;
let store: MemoryLibrary;
let link: FakeTransport;

/** A list as a publisher signs it. */
const listOf = (n: number, by = box.keys): Uint8Array => {
  const hubs = [{ key: toBase64Url(school.publicKey), name: 'École' }];
  return canonicalBytes(signWith(by.publisher, 'hubs', { v: PROTOCOL_VERSION, n, hubs }));
};
const headOf = (seq: number) => ({ v: PROTOCOL_VERSION, seq, issued: 1000, root: 1, minApp: 1, table: 'x' });

const know = (seq: number | undefined, root = box.root): Promise<void> =>
  store.saveLibrary({ root, identity: 'pinned', head: seq === undefined ? undefined : headOf(seq), table: undefined });
const take = (): Promise<void> => takeHubs({ platform, store, transport: link }, never);

beforeEach(async () => {
  box = await openBox('hub-list');
  store = new MemoryLibrary();
  link = new FakeTransport(new Map([[HUBS_PATH, listOf(1)]]));
});

describe('the list of hubs', () => {
  it('is due with each publication, and else once a day', async () => {
    await know(1);
    expect(await isHubListDue(store, NOW)).toBe(true);
    await take();
    expect(await isHubListDue(store, NOW + DAY_MS - 1)).toBe(false);
    expect(await isHubListDue(store, NOW + DAY_MS)).toBe(true);
    // A clock that was set back says nothing either.
    expect(await isHubListDue(store, NOW - DAY_MS)).toBe(true);
    await know(2);
    expect(await isHubListDue(store, NOW)).toBe(true);
  });

  it('is not due before there is a publication', async () => {
    expect(await isHubListDue(store, NOW)).toBe(false);
    await know(undefined);
    expect(await isHubListDue(store, NOW)).toBe(false);
  });

  it('is asked for by nobody who knows no library', async () => {
    await take();
    expect(link.requests).toEqual([]);
    expect(await store.hubs()).toBeUndefined();
  });

  it('is taken before there is a publication: the first one asks for it again', async () => {
    await know(undefined);
    await take();
    expect(await store.hubs()).toEqual({ list: listOf(1), at: NOW, seq: 0 });
    await know(1);
    expect(await isHubListDue(store, NOW)).toBe(true);
  });

  it('is no link where it is cut, and the one that is here stays', async () => {
    await know(1);
    await take();
    const before = await store.hubs();
    link.files.set(HUBS_PATH, listOf(2));
    link.cut(HUBS_PATH, 50);
    await expect(take()).rejects.toMatchObject({ code: 'no-link', details: { what: 'cut', bytes: 50 } });
    expect(await store.hubs()).toEqual(before);
  });

  it('goes back to no older one, and to none', async () => {
    await know(1);
    link.files.set(HUBS_PATH, listOf(3));
    await take();
    for (const older of [listOf(2), undefined]) {
      link.files.delete(HUBS_PATH);
      if (older) link.files.set(HUBS_PATH, older);
      await take();
      expect((await store.hubs())?.list).toEqual(listOf(3));
    }
  });

  it('of keys that the library has no more gives way to any that today’s sign', async () => {
    await know(1);
    link.files.set(HUBS_PATH, listOf(7));
    await take();
    await box.rotate(heir);
    await know(2);
    link.files.set(HUBS_PATH, listOf(1, heir));
    await take();
    expect((await store.hubs())?.list).toEqual(listOf(1, heir));
  });
});

describe('a hub', () => {
  const known = async (): Promise<string | undefined> => (await knownHub(platform, store, school.id))?.name;
  const keep = (list: Uint8Array | undefined): Promise<void> => store.saveHubs({ list, at: NOW, seq: 1 });

  it('is known by the list that today’s root vouches for, once there is a publication whose clock tells', async () => {
    expect(await known()).toBeUndefined();
    await keep(listOf(1));
    expect(await known()).toBeUndefined();
    await know(undefined);
    expect(await known()).toBeUndefined();
    await know(1);
    expect(await known()).toBe('École');
  });

  it('is not known where the library has no list, or none was asked for yet', async () => {
    await know(1);
    expect(await known()).toBeUndefined();
    await keep(undefined);
    expect(await known()).toBeUndefined();
  });
});
