import { beforeEach, describe, expect, it } from 'vitest';
import type { Authored } from '../../../../server/content/read-content.ts';
import { RelaisError } from '../../../../src/core/errors.ts';
import type { Transport } from '../../../../src/core/sync/ports.ts';
import { pull } from '../../../../src/core/sync/pull.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import {
  codeFrom,
  contentsOf,
  contentsOfRelease,
  edited,
  FakeTransport,
  never,
  openBox,
  type Release,
  seededKeys,
  seededPlatform,
  type TestBox,
  testCase,
  tinyLibrary,
} from '../../../support/fixtures.ts';

/** What it costs to find that a library is not wanted: it is older than what is here, or a stranger's. */

const platform = seededPlatform('unwanted');
const FULL = '/c/full/fr.pack';
const PUMP = testCase('pump', 'fr', Array.from(platform.randomBytes(3_000)).join(' '));
const large = (): readonly Authored[] => edited(tinyLibrary(), [PUMP]);

let box: TestBox;
let store: MemoryLibrary;
let link: FakeTransport;
/** Bytes of files that have come. */
let came: number;

const transport: Transport = {
  get: (path, limit, signal, { onPart, ...reading } = {}) =>
    link.get(path, limit, signal, {
      ...reading,
      onPart: async (at, part, last) => {
        came += part.length;
        await onPart?.(at, part, last);
      },
    }),
  postBatch: (batch, signal) => link.postBatch(batch, signal),
};
const take = (...shelves: readonly string[]): Promise<unknown> => pull({ platform, store, transport, shelves }, never);
const takeWarily = (): Promise<unknown> => pull({ platform, store, transport, shelves: ['fr'], wary: true }, never);
/** The code of a look, what was asked for, and how much of that came. */
const look = async (shelf: string, work = () => take(shelf)) => {
  came = 0;
  link.requests.length = 0;
  const code = await codeFrom(work);
  return { code, asked: [...link.requests], came };
};
const serve = async (release: Release, bases: readonly Release[] = []): Promise<void> => {
  link.files = await box.tree(release, bases);
};

/** So many roots stand before what tells whose it is that some of a pack is stored before. */
const rotated = async (one: TestBox, whose: string): Promise<void> => {
  for (const name of ['two', 'three', 'four']) await one.rotate(await seededKeys(`${name} of ${whose}`));
};

let first: Release;
/** What is there later, and is not wanted. */
const olderTree = async (shelf: string): Promise<void> => {
  const behind = await box.publish(large());
  const newest = await box.publish(tinyLibrary());
  await serve(newest, [first]);
  await take(shelf);
  await serve(behind);
};
const strangersTree = async (): Promise<void> => {
  const stranger = await openBox('stranger');
  await rotated(stranger, 'the stranger');
  link.files = await stranger.tree(await stranger.publish(large(), { seq: 5 }));
};

beforeEach(async () => {
  box = await openBox();
  await rotated(box, 'ours');
  first = await box.publish(tinyLibrary());
  store = new MemoryLibrary();
  link = new FakeTransport();
  await serve(first);
});

describe('a library that is', () => {
  it.each([
    ['older', olderTree, 'rollback', ['/c/head']],
    ['a stranger’s', strangersTree, 'foreign-root', ['/c/head', '/c/root/5.json', '/c/root/1.json']],
  ] as const)('%s is told by its head to whoever is wary: no shelf is asked for', async (_, goThere, code, asked) => {
    await take('fr');
    await goThere('fr');
    const before = await contentsOf(store, 'fr');
    // Whatever comes at once.
    link.piece = 64 << 10;
    for (let looks = 0; looks < 3; looks++) {
      const seen = await look('fr', takeWarily);
      expect(seen).toMatchObject({ code, asked });
      expect(seen.came).toBeLessThan(1_500);
    }
    expect(await contentsOf(store, 'fr')).toEqual(before);
  });

  it.each([
    ['older', olderTree, 'rollback'],
    ['a stranger’s', strangersTree, 'foreign-root'],
  ] as const)(
    '%s is told by the beginning of a shelf of which nothing is here: no more of it comes',
    async (_, goThere, code) => {
      await take('en');
      await goThere('en');
      const { length } = link.files.get(FULL) as Uint8Array;
      for (let looks = 0; looks < 3; looks++) {
        const seen = await look('fr');
        expect(seen.code).toBe(code);
        expect(seen.asked[0]).toBe(FULL);
        expect(seen.came).toBeLessThan(length / 2);
        // It is not gone on with.
        expect(await store.part('fr')).toBeUndefined();
      }
    },
  );
});

it('a shelf that was begun before news came another way is begun anew, and the rest of the old one is not asked for', async () => {
  const behind = await box.publish(large());
  await serve(behind, [first]);
  const { length } = link.files.get(FULL) as Uint8Array;
  link.cut(FULL, length - 500);
  expect((await look('fr')).code).toBe('no-link');
  expect((await store.part('fr'))?.path).toBe('/c/from/0-2/fr.pack');
  link.heal();
  const newest = await box.publish(edited(large(), [testCase('pump', 'en', 'well')]));
  const begun = link.files.get('/c/from/0-2/fr.pack');
  await serve(newest, [first]);
  if (begun) link.files.set('/c/from/0-2/fr.pack', begun);
  await take('en');
  link.requests.length = 0;
  await take('fr');
  expect(link.requests).toEqual([FULL]);
  expect(await contentsOf(store, 'fr')).toEqual(await contentsOfRelease(newest, 'fr'));
});

it('nobody who is wary waits twice where nobody answers', async () => {
  await take('fr');
  link.fail('/c/head', new RelaisError('no-link', { why: 'deadline' }));
  expect(await look('fr', takeWarily)).toMatchObject({ code: 'no-link', asked: ['/c/head'] });
});

it('whoever is wary asks for the shelf where the host refuses the head by itself', async () => {
  await take('fr');
  const next = await box.publish(large());
  await serve(next, [first]);
  link.fail('/c/head', new RelaisError('no-link', { status: 403 }));
  await takeWarily();
  expect(await contentsOf(store, 'fr')).toEqual(await contentsOfRelease(next, 'fr'));
});
