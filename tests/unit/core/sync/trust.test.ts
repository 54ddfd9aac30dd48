import { beforeEach, describe, expect, it } from 'vitest';
import { deflate } from '../../../../server/publish/packs.ts';
import { encodePack, readPack, type Section, SectionType } from '../../../../src/core/pack/format.ts';
import { utf8 } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import type { Head } from '../../../../src/core/protocol/head.ts';
import { rootIdentity, type SignedRoot } from '../../../../src/core/protocol/root.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { type PullResult, pull } from '../../../../src/core/sync/pull.ts';
import { addresseesOf } from '../../../../src/core/sync/trust.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import {
  FakeTransport,
  never,
  openBox,
  type Release,
  seededKeys,
  seededPlatform,
  signAll,
  type TestBox,
  tinyLibrary,
} from '../../../support/fixtures.ts';

/** What `pull.test.ts` sees from outside, here with what is said of it: each refusal names what was refused, and why. */

const platform = seededPlatform('trust');
const FULL = '/c/full/fr.pack';
const SINCE = '/c/from/1/fr.pack';

let box: TestBox;
let first: Release;
let store: MemoryLibrary;
let link: FakeTransport;

const sync = (): Promise<PullResult> => pull({ platform, store, transport: link }, never);
const serve = async (release: Release, bases: readonly Release[] = []): Promise<void> => {
  link.files = await box.tree(release, bases);
};
const rootsAsked = (): string[] => link.requests.filter((path) => path.startsWith('/c/root/'));
/** Another phone, which has met no library. */
const newPhone = async (wanted = 'fr'): Promise<void> => {
  store = new MemoryLibrary();
  await store.want(wanted);
};

/** Puts a pack with other sections in the place of one, each hash right. */
const rewrite = async (path: string, change: (sections: readonly Section[]) => readonly Section[]): Promise<void> => {
  const { sections } = await readPack(platform, link.files.get(path) as Uint8Array);
  link.files.set(path, await encodePack(platform, deflate, change(sections)));
};
const withPayload =
  (type: number, payload: Uint8Array) =>
  (sections: readonly Section[]): readonly Section[] =>
    sections.map((one) => (one.type === type ? { type, payload } : one));
const withRoots = (roots: readonly SignedRoot[]) => withPayload(SectionType.roots, canonicalBytes(roots));
/** A head as today's publisher signs it, with something else in it. */
const headWith = (release: Release, change: Partial<Head> & { readonly more?: number }) =>
  signAll([box.keys.publisher], 'head', { ...release.head.signed, ...change });

beforeEach(async () => {
  box = await openBox();
  first = await box.publish(tinyLibrary());
  await newPhone();
  link = new FakeTransport(await box.tree(first));
});

it('answers are for the hub of today’s root, and for those of earlier ones', () => {
  const state = { root: box.root, identity: 'pinned', head: undefined, table: undefined };
  expect(addresseesOf(state)).toEqual([box.keys.hub.id]);
  expect(addresseesOf({ ...state, former: ['before'] })).toEqual([box.keys.hub.id, 'before']);
});

describe('a library that is met for the first time', () => {
  it('is none where the pack has no head', async () => {
    await rewrite(FULL, (sections) => sections.filter(({ type }) => type !== SectionType.head));
    await expect(sync()).rejects.toMatchObject({ code: 'no-link', details: { what: 'no head' } });
  });

  it('is none where the pack has no root, unless it is cut: that may still come', async () => {
    const pack = link.files.get(FULL) as Uint8Array;
    link.cut(FULL, 4 + 38 + new DataView(pack.buffer, pack.byteOffset).getUint32(6));
    await expect(sync()).rejects.toMatchObject({ code: 'no-link', details: { what: 'no root' } });
    link.heal();
    await newPhone();
    await rewrite(FULL, (sections) => sections.filter(({ type }) => type !== SectionType.roots));
    await expect(sync()).rejects.toMatchObject({ code: 'tampered', details: { what: 'no root' } });
    expect(await store.library()).toBeUndefined();
  });

  it('is not pinned by a later root: who it is, only its first one tells', async () => {
    await box.rotate(await seededKeys('two'));
    await serve(await box.publish(tinyLibrary()));
    await rewrite(FULL, withRoots(box.roots.slice(1)));
    await expect(sync()).rejects.toMatchObject({ code: 'tampered', details: { what: 'first root' } });
    expect(await store.library()).toBeUndefined();
  });

  it.each(['/c/head', '/c/root/1.json'])('says how much there was of %s, and what it was', async (path) => {
    await newPhone('tw');
    const portal = utf8('<!doctype html><title>Welcome</title>');
    link.replace(path, portal);
    const details = { what: 'portal', bytes: portal.length };
    await expect(sync()).rejects.toMatchObject({ code: 'no-link', details });
    link.heal();
    link.cut(path, 40);
    await expect(sync()).rejects.toMatchObject({ code: 'no-link', details: { what: 'cut', bytes: 40 } });
  });
});

describe('a library that is known', () => {
  it('goes on from a pin without any publication', async () => {
    const identity = rootIdentity(box.root);
    await store.saveLibrary({ root: box.root, identity, head: undefined, table: undefined });
    await sync();
    expect(await store.library()).toMatchObject({ identity, head: first.head.signed });
  });

  it('says which publication is older than which', async () => {
    const old = link.files;
    await serve(await box.publish(tinyLibrary()));
    await sync();
    link.files = new Map([...old, ['/c/from/2/fr.pack', old.get(FULL) as Uint8Array]]);
    await expect(sync()).rejects.toMatchObject({ code: 'rollback', details: { seq: 1, seen: 2 } });
  });

  it('says which root is older than which', async () => {
    const behind = link.files;
    await box.rotate(await seededKeys('two'));
    await serve(await box.publish(tinyLibrary()));
    await sync();
    link.files = new Map([...behind, ['/c/from/2/fr.pack', behind.get(FULL) as Uint8Array]]);
    await expect(sync()).rejects.toMatchObject({ code: 'rollback', details: { root: 1, ours: 2 } });
  });

  it('says whose the other one is', async () => {
    await sync();
    const stranger = await openBox('stranger');
    link.files = await stranger.tree(await stranger.publish(tinyLibrary(), { seq: 5 }));
    link.files.set(SINCE, link.files.get(FULL) as Uint8Array);
    const details = { identity: rootIdentity(stranger.root) };
    await expect(sync()).rejects.toMatchObject({ code: 'foreign-root', details });
  });

  it.each([
    ['a root that is not there', 7],
    ['an earlier one', 1],
  ])('takes no head that today’s keys signed under %s', async (_, root) => {
    await box.rotate(await seededKeys('two'));
    const release = await box.publish(tinyLibrary());
    await serve(release);
    await sync();
    await serve({ ...release, head: headWith(release, { root }) });
    const details = { what: 'root of head', root, ours: 2 };
    await expect(sync()).rejects.toMatchObject({ code: 'tampered', details });
    expect((await store.library())?.head).toEqual(release.head.signed);
  });

  it.each([
    ['of another shape', { more: 1 }, 'malformed'],
    ['of a later version', { v: PROTOCOL_VERSION + 1 }, 'too-new'],
  ])('asks for no roots because of a head %s: they would not help', async (_, change, code) => {
    await sync();
    await serve({ ...first, head: headWith(first, change) });
    await expect(sync()).rejects.toMatchObject({ code });
    expect(rootsAsked()).toEqual([]);
  });
});

describe('a root beside the real one of its number, put there by whoever stands in between', () => {
  beforeEach(async () => {
    await sync();
    const thief = await openBox('thief');
    await thief.rotate(await seededKeys('thief 2'));
    const twin = thief.roots[1] as SignedRoot;
    await box.rotate(await seededKeys('two'));
    await serve(await box.publish(tinyLibrary()), [first]);
    for (const path of [FULL, SINCE]) await rewrite(path, withRoots([...box.roots, twin]));
  });

  it('is neither kept, nor handed on to others, nor is its hub one that answers are for', async () => {
    await expect(sync()).rejects.toMatchObject({ code: 'malformed', details: { what: 'roots' } });
    expect((await store.library())?.signed?.roots).toEqual(box.roots.slice(0, 1));
    // The whole pack comes by another way.
    await rewrite(FULL, withRoots(box.roots));
    await sync();
    const library = await store.library();
    expect(library?.signed?.roots).toEqual(box.roots);
    expect(library?.former).toEqual(Object.keys(box.roots[0]?.signed.hub.keys ?? {}));
  });

  it('does not pin itself at a first meeting either', async () => {
    await newPhone();
    await expect(sync()).rejects.toMatchObject({ code: 'malformed' });
    expect(await store.library()).toBeUndefined();
  });
});

describe('a publication that was signed anew', () => {
  let again: Release;
  beforeEach(() => {
    again = { ...first, head: headWith(first, { issued: first.head.signed.issued + 100 }) };
  });
  const expectHead = async ({ head }: Release): Promise<void> => {
    expect((await store.library())?.head).toEqual(head.signed);
    expect((await store.library())?.signed).toEqual({ head: canonicalBytes(head), roots: box.roots });
  };
  /** The library as an older app left it: it kept nothing to hand on. */
  const asOlderApp = async (): Promise<void> => {
    const { signed: _, ...state } = (await store.library()) as NonNullable<Awaited<ReturnType<typeof store.library>>>;
    await store.saveLibrary(state);
  };

  it('takes the place of what was signed before', async () => {
    await sync();
    await serve(again);
    await sync();
    await expectHead(again);
  });

  it('stays where a mirror that lags behind has the earlier signature', async () => {
    await serve(again);
    await sync();
    await serve(first);
    await sync();
    await expectHead(again);
  });

  it('is not handed on with the earlier signature either', async () => {
    await serve(again);
    await sync();
    await asOlderApp();
    await serve(first);
    await sync();
    expect((await store.library())?.head).toEqual(again.head.signed);
    expect(await store.library()).not.toHaveProperty('signed');
    // As it was signed, it is here once it has come again.
    await serve(again);
    await sync();
    expect((await store.library())?.signed?.head).toEqual(canonicalBytes(again.head));
  });

  it('is followed by the next one, though the publisher’s clock was set back', async () => {
    await serve(again);
    await sync();
    const second = await box.publish(tinyLibrary());
    const next = { ...second, head: headWith(second, { issued: first.head.signed.issued - 1_000 }) };
    await serve(next, [again]);
    await sync();
    await expectHead(next);
  });
});
