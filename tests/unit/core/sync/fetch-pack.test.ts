import { beforeEach, describe, expect, it, vi } from 'vitest';
import { encodePack, PACK_MAGIC, type PackContent, SectionType } from '../../../../src/core/pack/format.ts';
import { utf8 } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import { type ArrivedPack, type Early, fetchPack } from '../../../../src/core/sync/fetch-pack.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import { FakeTransport, never, openBox, seededBytes, seededPlatform, tinyLibrary } from '../../../support/fixtures.ts';

/** What is written and read of a pack while it comes; what a pull makes of a link that is cut is in `pull.test.ts`. */

const platform = seededPlatform('fetch-pack');
const FULL = '/c/full/fr.pack';
const NAMED = '/c/from/0-1/fr.pack';

const box = await openBox();
const head = canonicalBytes((await box.publish(tinyLibrary())).head);
/** A pack of so many bytes, with a head. */
const packOf = async (length: number): Promise<Uint8Array> => {
  const rest = length - PACK_MAGIC.length - head.length - 2 * 38;
  const sections = [
    { type: SectionType.head, payload: head },
    { type: SectionType.bodies, payload: seededBytes('bodies')(rest) },
  ];
  return encodePack(platform, (data) => data, sections);
};

let store: MemoryLibrary;
let link: FakeTransport;
/** How many sections were whole, each time that the beginning was looked at. */
let looks: number[];
/** Offset and length of what was written. */
let writes: [number, number][];
/** Whether enough was seen. */
let enough: boolean;

const early: Early = async ({ sections }: PackContent) => {
  looks.push(sections.length);
  return enough;
};
const fetch = (base = 0): Promise<ArrivedPack | undefined> =>
  fetchPack({ platform, store, transport: link }, 'fr', base, early, never);

beforeEach(() => {
  store = new MemoryLibrary();
  link = new FakeTransport();
  looks = [];
  writes = [];
  enough = true;
  const save = store.savePart.bind(store);
  vi.spyOn(store, 'savePart').mockImplementation(async (shelf, path, at, bytes) => {
    writes.push([at, bytes.length]);
    await save(shelf, path, at, bytes);
  });
});

describe('what is written of a pack that comes', () => {
  it('is nothing where it comes at once: it is stored in a moment', async () => {
    const pack = await packOf(3_000);
    link.files.set(FULL, pack);
    link.piece = 3_000;
    expect(await fetch()).toEqual({ bytes: pack, whole: true, resumed: false });
    expect(writes).toEqual([]);
  });

  it('is each kilobyte once, and the rest where it was cut', async () => {
    link.files.set(FULL, await packOf(3_000));
    link.piece = 512;
    await fetch();
    expect(writes).toEqual([
      [0, 1_024],
      [1_024, 1_024],
    ]);
    writes = [];
    await store.dropPart('fr');
    link.cut(FULL, 2_600);
    expect(await fetch()).toMatchObject({ whole: false });
    expect(writes).toEqual([
      [0, 1_024],
      [1_024, 1_024],
      [2_048, 552],
    ]);
  });

  it('is kept though its first piece is too short to tell what it is', async () => {
    const pack = await packOf(900);
    link.files.set(FULL, pack);
    link.piece = 3;
    link.cut(FULL, 700);
    await fetch();
    expect(await store.part('fr')).toEqual({ path: NAMED, bytes: pack.slice(0, 700) });
  });

  it('is not less or the same again, where a server that knows no Range is cut again', async () => {
    const pack = await packOf(900);
    await store.savePart('fr', NAMED, 0, pack.subarray(0, 700));
    link.files.set(NAMED, pack);
    link.knowsRange = false;
    // A link may begin with a piece that has nothing.
    const { get } = link;
    link.get = (path, limit, signal, reading = {}) =>
      get.call(link, path, limit, signal, {
        ...reading,
        onPart: async (at, part, last) => {
          if (at === 0) await reading.onPart?.(0, new Uint8Array(0), false);
          await reading.onPart?.(at, part, last);
        },
      });
    for (const [end, kept] of [
      [500, []],
      [700, []],
      [800, [[0, 800]]],
    ] as const) {
      writes = [];
      link.cut(NAMED, end);
      expect(await fetch()).toMatchObject({ whole: false, resumed: true });
      expect(writes).toEqual(kept);
    }
    expect((await store.part('fr'))?.bytes).toEqual(pack.slice(0, 800));
  });
});

describe('the beginning of a pack', () => {
  it('is looked at until enough was seen', async () => {
    link.files.set(FULL, await packOf(3_000));
    link.piece = 100;
    await fetch();
    // One look, at the head: urgent notices come behind it, and who sees that there are none has seen enough.
    expect(looks).toEqual([1]);
  });

  it('is looked at for 64 KiB: what is behind that is read as a whole', async () => {
    enough = false;
    link.files.set(FULL, await packOf(200 << 10));
    link.piece = 32 << 10;
    await fetch();
    // At 32, 64 and 96 KiB.
    expect(looks).toEqual([1, 1, 1]);
  });

  it('is not looked at where it is no pack', async () => {
    link.files.set(FULL, utf8('<!doctype html><title>Welcome</title>'.repeat(100)));
    link.piece = 50;
    await fetch();
    expect(looks).toEqual([]);
    expect(writes).toEqual([]);
  });
});

describe('a pack that was begun', () => {
  it('from a publication that is not the one here is begun anew', async () => {
    // The cursor has moved on since, with the news of another shelf.
    const old = '/c/from/1-2/fr.pack';
    const pack = await packOf(900);
    await store.savePart('fr', old, 0, pack.subarray(0, 700));
    for (const path of [old, '/c/from/2/fr.pack']) link.files.set(path, pack);
    expect(await fetch(2)).toEqual({ bytes: pack, whole: true, resumed: false });
    expect(link.requests).toEqual(['/c/from/2/fr.pack']);
    expect(await store.part('fr')).toBeUndefined();
  });

  it.each([
    ['the same publication', '/c/from/2-3/fr.pack'],
    ['nothing, as all of the shelf', '/c/from/0-3/fr.pack'],
  ])('from %s is gone on with', async (_, path) => {
    const pack = await packOf(900);
    await store.savePart('fr', path, 0, pack.subarray(0, 700));
    link.files.set(path, pack);
    expect(await fetch(2)).toEqual({ bytes: pack, whole: true, resumed: true });
    expect(link.requests).toEqual([`${path} from 700`]);
  });

  it('from a publication whose number only begins alike is not', async () => {
    const pack = await packOf(900);
    await store.savePart('fr', '/c/from/12-13/fr.pack', 0, pack.subarray(0, 700));
    link.files.set('/c/from/1/fr.pack', pack);
    await fetch(1);
    expect(link.requests).toEqual(['/c/from/1/fr.pack']);
  });
});
