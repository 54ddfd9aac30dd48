import { beforeEach, describe, expect, it, vi } from 'vitest';
import { signWith } from '../../../../server/box/keys.ts';
import type { Authored } from '../../../../server/content/read-content.ts';
import { alertsOf } from '../../../../server/publish/alerts.ts';
import type { Shelf } from '../../../../server/publish/catalogue.ts';
import { deflate } from '../../../../server/publish/packs.ts';
import { RelaisError } from '../../../../src/core/errors.ts';
import { encodePack, findSection, readPack, SectionType } from '../../../../src/core/pack/format.ts';
import type { Platform } from '../../../../src/core/platform.ts';
import { concat, fromUtf8, utf8, varint } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import { fromBuckets } from '../../../../src/core/protocol/catalogue.ts';
import { rootIdentity } from '../../../../src/core/protocol/root.ts';
import { APP_VERSION } from '../../../../src/core/protocol/version.ts';
import type { Transport } from '../../../../src/core/sync/ports.ts';
import { type PullResult, pull } from '../../../../src/core/sync/pull.ts';
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
  testBulletin,
  testCase,
  testForm,
  tinyLibrary,
} from '../../../support/fixtures.ts';

const platform = seededPlatform('pull');
const FULL = '/c/full/fr.pack';

let box: TestBox;
let first: Release;
let store: MemoryLibrary;
let link: FakeTransport;

const sync = (signal = never): Promise<PullResult> => pull({ platform, store, transport: link }, signal);
/** Requests since the last call. */
const asked = (): string[] => link.requests.splice(0);

/** Publishes, and puts the new tree where the device looks; it still has deltas from `bases`. */
const publish = async (items = tinyLibrary(), bases: readonly Release[] = [first], options = {}): Promise<Release> => {
  const release = await box.publish(items, options);
  link.files = await box.tree(release, bases);
  return release;
};

const expectWhole = async (release: Release, shelf = 'fr'): Promise<void> => {
  expect(await contentsOf(store, shelf)).toEqual(await contentsOfRelease(release, shelf));
  expect((await store.shelf(shelf)).baseSeq).toBe(release.publication.seq);
  const library = await store.library();
  expect(library?.head).toEqual(release.head.signed);
  // Whoever gets it from here can check it as well.
  expect(library?.signed).toEqual({ head: canonicalBytes(release.head), roots: release.roots });
};

/** Bytes with other words in them. */
const replaced = (bytes: Uint8Array, from: string, to: string): Uint8Array => utf8(fromUtf8(bytes).replace(from, to));

beforeEach(async () => {
  box = await openBox();
  first = await box.publish(tinyLibrary());
  store = new MemoryLibrary();
  await store.want('fr');
  link = new FakeTransport(await box.tree(first));
});

describe('the first visit', () => {
  it('takes the whole shelf in one request, and pins the library', async () => {
    const result = await sync();
    expect(asked()).toEqual([FULL]);
    expect([...(result.changed.fr ?? [])].sort()).toEqual(['phone', 'pump', 'short']);
    expect(result.needsUpdate).toBe(false);
    await expectWhole(first);
    expect((await store.library())?.identity).toBe(rootIdentity(box.root));
  });

  it('asks for nothing where nothing is wanted', async () => {
    store = new MemoryLibrary();
    expect(await sync()).toEqual({ changed: {}, needsUpdate: false });
    expect(asked()).toEqual([]);
  });

  it('takes a second shelf with one request more', async () => {
    await store.want('en');
    await sync();
    expect(asked()).toEqual(['/c/full/en.pack', FULL]);
    await expectWhole(first, 'en');
    await expectWhole(first, 'fr');
  });

  it('says so where the library has no wanted shelf', async () => {
    store = new MemoryLibrary();
    await store.want('tw');
    expect(await codeFrom(() => sync())).toBe('not-found');
    expect(asked()[0]).toBe('/c/full/tw.pack');
  });

  it('passes over a shelf that the library has not, and takes the others', async () => {
    await store.want('tw');
    await sync();
    expect(asked()).toEqual(['/c/full/tw.pack', FULL]);
    await expectWhole(first, 'fr');
  });

  it('pins a library that has none of the shelves that are wanted, so that answers find their centre', async () => {
    await box.rotate(await seededKeys('heir'));
    await publish();
    store = new MemoryLibrary();
    await store.want('tw');
    expect(await codeFrom(sync)).toBe('not-found');
    expect(asked()).toEqual(['/c/full/tw.pack', '/c/root/1.json', '/c/head', '/c/root/2.json']);
    const library = await store.library();
    expect(library?.root).toEqual(box.root);
    expect(library?.head?.seq).toBe(2);
    expect(library?.identity).toBe(rootIdentity(box.roots[0]?.signed as never));
    // Known by now: no more is asked for than the shelf.
    expect(await codeFrom(sync)).toBe('not-found');
    expect(asked()).toEqual(['/c/full/tw.pack']);
  });

  it.each(['/c/head', '/c/root/1.json'])('pins nothing where %s is not there either', async (path) => {
    store = new MemoryLibrary();
    await store.want('tw');
    link.missing(path);
    expect(await codeFrom(sync)).toBe('not-found');
    expect(await store.library()).toBeUndefined();
  });

  it.each(['/c/head', '/c/root/1.json'])(
    'finds no link where a portal stands in for %s, or it is cut',
    async (path) => {
      store = new MemoryLibrary();
      await store.want('tw');
      link.replace(path, utf8('<!doctype html><title>Welcome</title>'));
      expect(await codeFrom(sync)).toBe('no-link');
      link.heal();
      link.cut(path, 40);
      expect(await codeFrom(sync)).toBe('no-link');
      expect(await store.library()).toBeUndefined();
      link.heal();
      expect(await codeFrom(sync)).toBe('not-found');
      expect(await store.library()).toBeDefined();
    },
  );

  it('pins no library by a head that its root did not sign', async () => {
    store = new MemoryLibrary();
    await store.want('tw');
    const other = await openBox('other');
    link.replace('/c/head', canonicalBytes((await other.publish(tinyLibrary())).head));
    expect(await codeFrom(sync)).toBe('tampered');
    expect(await store.library()).toBeUndefined();
  });

  it('does not begin after it was aborted', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(sync(controller.signal)).rejects.toThrow();
    expect(asked()).toEqual([]);
  });
});

describe('a collection', () => {
  const LANGUAGES = ['fr', 'en', 'ha'];
  const sheets = [testCase('sheet', 'fr'), testCase('sheet', 'en'), testCase('two', 'fr')];
  const all = [...tinyLibrary(), testCase('pump', 'ha'), testForm('ha'), ...sheets];
  const options = { languages: LANGUAGES, filed: { sheet: 'iati', two: 'iati' } };
  beforeEach(async () => {
    first = await box.publish(all, options);
    link = new FakeTransport(await box.tree(first));
    store = new MemoryLibrary();
    await store.want('ha');
  });
  const liveOn = async (shelf: string): Promise<readonly string[]> => {
    const rows = fromBuckets(await store.buckets(shelf));
    return rows.flatMap(({ id, tombstone }) => (tombstone ? [] : id)).sort();
  };

  it('does not come with its language', async () => {
    await sync();
    expect(asked()).toEqual(['/c/full/ha.pack', '/c/full/fr.pack']);
  });

  it('comes behind its language and what stands in for that, with what stands in for its own gaps', async () => {
    await store.want('ha-xiati');
    await sync();
    expect(asked()).toEqual(['/c/full/ha.pack', '/c/full/fr.pack', '/c/full/ha-xiati.pack', '/c/full/fr-xiati.pack']);
    await expectWhole(first, 'fr-xiati');
    await expectWhole(first, 'ha-xiati');
    expect(await liveOn('fr-xiati')).toEqual(['sheet', 'two']);
  });

  it('gets its news by a delta, as well as an item that moves', async () => {
    await store.want('fr');
    await store.want('fr-xiati');
    await sync();
    asked();
    const after = await publish(edited(all, [testCase('two', 'fr', 'anew')]), [first], {
      ...options,
      filed: { ...options.filed, pump: 'iati' },
    });
    await sync();
    expect(asked()[0]).toBe(`/c/from/${first.publication.seq}/fr.pack`);
    for (const shelf of ['fr', 'fr-xiati']) await expectWhole(after, shelf);
    expect(await liveOn('fr')).not.toContain('pump');
    expect(await liveOn('fr-xiati')).toEqual(['pump', 'sheet', 'two']);
  });
});

describe('a language with gaps', () => {
  const THREE = { languages: ['fr', 'en', 'ha'] };
  /** Hausa has the pump only; French all. */
  const withHausa = [...tinyLibrary(), testCase('pump', 'ha'), testForm('ha')];

  beforeEach(async () => {
    first = await box.publish(withHausa, THREE);
    link = new FakeTransport(await box.tree(first));
    store = new MemoryLibrary();
    await store.want('ha');
  });

  it('brings the shelf that stands in for it, and nothing that nobody needs', async () => {
    const { changed } = await sync();
    expect(asked()).toEqual(['/c/full/ha.pack', '/c/full/fr.pack']);
    expect(Object.keys(changed)).toEqual(['ha', 'fr']);
    await expectWhole(first, 'ha');
    await expectWhole(first, 'fr');
    expect(await store.wanted()).toEqual(['ha']);
  });

  it('asks one question where nothing is new', async () => {
    await sync();
    asked();
    expect(await sync()).toEqual({ changed: {}, needsUpdate: false });
    expect(asked()).toEqual(['/c/from/2/ha.pack']);
  });

  it('has what changed on either shelf, by deltas', async () => {
    await sync();
    asked();
    const next = await publish(edited(withHausa, [testCase('phone', 'fr', 'appel')]), [first], THREE);
    const { changed } = await sync();
    expect(asked()).toEqual(['/c/from/2/ha.pack', '/c/from/2/fr.pack']);
    expect(changed).toEqual({ fr: ['phone'] });
    await expectWhole(next, 'fr');
  });

  it('needs no other shelf once its gaps are closed', async () => {
    await sync();
    asked();
    const closed = [...withHausa, testCase('phone', 'ha')];
    const next = await publish(edited(closed, [testCase('phone', 'fr', 'appel')]), [first], THREE);
    await sync();
    expect(asked()).toEqual(['/c/from/2/ha.pack']);
    await expectWhole(next, 'ha');
  });

  it('is cut between the two: the first stays, the second comes next time', async () => {
    const whole = link.files;
    link.files = new Map([...whole].filter(([path]) => !path.includes('/fr.pack')));
    await sync().catch(() => {});
    expect((await store.shelf('ha')).baseSeq).toBe(first.publication.seq);
    link.files = whole;
    await sync();
    await expectWhole(first, 'fr');
  });
});

describe('a later visit', () => {
  beforeEach(async () => {
    await sync();
    asked();
  });

  it('is one request of a head alone where nothing is new', async () => {
    expect(await sync()).toEqual({ changed: {}, needsUpdate: false });
    expect(asked()).toEqual(['/c/from/1/fr.pack']);
    const pack = await readPack(platform, link.files.get('/c/from/1/fr.pack') as Uint8Array);
    expect(pack.sections.map(({ type }) => type)).toEqual([SectionType.head]);
    await expectWhole(first);
  });

  it('is one request for two shelves where nothing is new', async () => {
    await store.want('en');
    await sync();
    asked();
    await sync();
    expect(asked()).toEqual(['/c/from/1/en.pack']);
  });

  it('brings what changed as a delta', async () => {
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau'), testCase('radio', 'fr')]));
    const { delta, full } = await box.packsFor(first, next);
    expect((delta.get('fr') as Uint8Array).length).toBeLessThan((full.get('fr') as Uint8Array).length);
    const result = await sync();
    expect(asked()).toEqual(['/c/from/1/fr.pack']);
    expect([...(result.changed.fr ?? [])].sort()).toEqual(['pump', 'radio']);
    await expectWhole(next);
  });

  it('asks only for the shelf that changed, and moves the cursor of the other', async () => {
    await store.want('en');
    await sync();
    asked();
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    const result = await sync();
    expect(asked()).toEqual(['/c/from/1/en.pack', '/c/from/1/fr.pack']);
    expect(Object.keys(result.changed)).toEqual(['fr']);
    for (const shelf of ['fr', 'en']) await expectWhole(next, shelf);

    const third = await publish(edited(tinyLibrary(), [testCase('pump', 'en', 'well')]), [first, next]);
    await sync();
    expect(asked()).toEqual(['/c/from/2/en.pack', '/c/from/2/fr.pack']);
    for (const shelf of ['fr', 'en']) await expectWhole(third, shelf);
  });

  it('leaves a shelf alone that only the other one’s change concerns', async () => {
    await store.want('en');
    await sync();
    asked();
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'en', 'well')]));
    await sync();
    expect(asked()).toEqual(['/c/from/1/en.pack']);
    for (const shelf of ['fr', 'en']) await expectWhole(next, shelf);
    await sync();
    expect(asked()).toEqual(['/c/from/2/en.pack']);
  });

  it('takes all of it where the base is too old', async () => {
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]), []);
    await sync();
    expect(asked()).toEqual(['/c/from/1/fr.pack', FULL]);
    await expectWhole(next);
  });

  it('takes all of it where the delta does not lead to the signed shelf', async () => {
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    const sections = (await readPack(platform, link.files.get('/c/from/1/fr.pack') as Uint8Array)).sections;
    expect(sections.map(({ type }) => type)).toEqual([
      SectionType.head,
      SectionType.tableChange,
      SectionType.rows,
      SectionType.deltas,
    ]);
    // The delta of the other language: same head, another catalogue.
    link.replace('/c/from/1/fr.pack', link.files.get('/c/from/1/en.pack') as Uint8Array);
    await sync();
    expect(asked()).toEqual(['/c/from/1/fr.pack', FULL]);
    await expectWhole(next);
  });

  /** The delta from 1 with another payload in one of its sections, each hash right. */
  const rewritten = async (type: number, change: (payload: Uint8Array) => Uint8Array): Promise<Uint8Array> => {
    const { sections } = await readPack(platform, link.files.get('/c/from/1/fr.pack') as Uint8Array);
    return encodePack(
      platform,
      deflate,
      sections.map((one) => (one.type === type ? { type, payload: change(one.payload) } : one)),
    );
  };

  it.each([
    ['a table change with a space in it', SectionType.tableChange, (bytes: Uint8Array) => concat([bytes, utf8(' ')])],
    ['a table change that is none', SectionType.tableChange, () => utf8('{"fr":1}')],
    ['rows that are no JSON', SectionType.rows, () => utf8('[')],
    ['rows with a field more', SectionType.rows, () => utf8('[{"id":"pump"}]')],
    [
      'rows of another language',
      SectionType.rows,
      (bytes: Uint8Array) => replaced(bytes, '"lang":"fr"', '"lang":"en"'),
    ],
    ['deltas that end too early', SectionType.deltas, (bytes: Uint8Array) => bytes.slice(0, -3)],
    ['deltas that are none', SectionType.deltas, (bytes: Uint8Array) => concat([bytes.slice(0, 9), utf8('no delta')])],
    ['a base that nobody has', SectionType.deltas, (bytes: Uint8Array) => Uint8Array.of(1, ...bytes.slice(1))],
  ] as const)('takes all of it where the delta has %s', async (_, type, change) => {
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    link.replace('/c/from/1/fr.pack', await rewritten(type, change));
    await sync();
    expect(asked()).toEqual(['/c/from/1/fr.pack', FULL]);
    await expectWhole(next);
  });

  it('takes all of it where the delta has roots that are none', async () => {
    await box.rotate(await seededKeys('two'));
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    link.replace('/c/from/1/fr.pack', await rewritten(SectionType.roots, () => utf8('[]')));
    await sync();
    expect(asked()).toEqual(['/c/from/1/fr.pack', FULL]);
    await expectWhole(next);
  });

  it('says so where the whole pack is malformed too, and keeps what it has', async () => {
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]), []);
    const { sections } = await readPack(platform, link.files.get(FULL) as Uint8Array);
    link.replace(
      FULL,
      await encodePack(
        platform,
        deflate,
        sections.map((one) => (one.type === SectionType.catalogue ? { ...one, payload: utf8('{ }') } : one)),
      ),
    );
    expect(await codeFrom(() => sync())).toBe('malformed');
    expect(await contentsOf(store, 'fr')).toEqual(await contentsOfRelease(first, 'fr'));
    link.heal();
    await sync();
    await expectWhole(next);
  });

  it('removes what was taken down, and what was never meant to be there', async () => {
    const next = await publish(edited(tinyLibrary(), [], ['fr/pump', 'en/pump']));
    const result = await sync();
    expect(asked()).toEqual(['/c/from/1/fr.pack']);
    expect(result.changed).toEqual({});
    await expectWhole(next);
    expect((await contentsOf(store, 'fr')).bodies).toHaveLength(2);
    expect((await contentsOf(store, 'fr')).rows).toContainEqual(['pump', 2, '-']);

    const back = await publish(tinyLibrary(), [first, next]);
    expect((await sync()).changed).toEqual({ fr: ['pump'] });
    await expectWhole(back);
  });

  it('removes what was taken down from a whole pack too', async () => {
    const next = await publish(edited(tinyLibrary(), [], ['fr/pump']), []);
    await sync();
    await expectWhole(next);
  });

  it('drops a row that the whole pack no longer has', async () => {
    // A publisher that lost its history: the item is gone without a tombstone.
    box = await openBox();
    const next = await publish(edited(tinyLibrary(), [], ['fr/pump']), [], { seq: 9 });
    await sync();
    await expectWhole(next);
    expect((await contentsOf(store, 'fr')).rows).toHaveLength(2);
  });

  it('passes over a language that left the library, keeps what it has of it, and takes the others', async () => {
    await store.want('en');
    await sync();
    asked();
    const before = await contentsOf(store, 'en');
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]), [first], { languages: ['fr'] });
    expect((await sync()).changed).toEqual({ fr: ['pump'] });
    expect(asked()).toEqual(['/c/from/1/en.pack', '/c/full/en.pack', '/c/from/1/fr.pack']);
    await expectWhole(next);
    expect(await contentsOf(store, 'en')).toEqual(before);
  });

  it('passes over a language that a pack still has, but the table no more', async () => {
    await store.want('en');
    await sync();
    asked();
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]), [first], { languages: ['fr'] });
    link.files.set('/c/from/1/en.pack', link.files.get('/c/from/1/fr.pack') as Uint8Array);
    expect((await sync()).changed).toEqual({ fr: ['pump'] });
    await expectWhole(next);
  });

  it('says that the tree asks for a newer app, and still takes it', async () => {
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]), [first], {
      minApp: APP_VERSION + 1,
    });
    expect((await sync()).needsUpdate).toBe(true);
    await expectWhole(next);
  });
});

describe('a link that breaks', () => {
  /** Another phone that wants French, and nothing has come yet. */
  const newPhone = async (): Promise<void> => {
    store = new MemoryLibrary();
    await store.want('fr');
  };
  const NAMED = '/c/from/0-1/fr.pack';
  /** Magic, and a head with its frame: before that, a pack has no name that would stay. */
  const headEnd = (pack: Uint8Array): number => 4 + 38 + new DataView(pack.buffer, pack.byteOffset).getUint32(6);

  it('is no link wherever the first pack is cut, and the next try asks for the rest alone', async () => {
    const pack = link.files.get(FULL) as Uint8Array;
    const named = headEnd(pack);
    const cuts = [0, 3, 4, 5, 41, 42, 43, 200, named - 1, named];
    // 291 to 900 is where a pack begins that has a head, but no root to check it by.
    for (let at = 291; at <= 900; at += 7) cuts.push(at);
    for (let at = pack.length - 1; at > 900; at -= 97) cuts.push(at);
    for (const at of cuts) {
      await newPhone();
      link.cut(FULL, at);
      expect(await codeFrom(() => sync()), `${at} bytes`).toBe('no-link');
      expect((await store.shelf('fr')).baseSeq).toBe(0);
      link.heal();
      asked();
      await sync();
      await expectWhole(first);
      expect(await store.part('fr')).toBeUndefined();
      // What came after the head began to come may be older than the library: one question more tells.
      expect(asked(), `${at} bytes`).toEqual(at < named ? [FULL] : [`${NAMED} from ${at}`, '/c/from/1/fr.pack']);
    }
  });

  it('takes each byte once, however often the link is cut', async () => {
    const pack = link.files.get(FULL) as Uint8Array;
    let at = headEnd(pack) + 1;
    link.cut(FULL, at);
    await codeFrom(() => sync());
    while (at < pack.length - 60) {
      at += 60;
      link.cut(NAMED, at);
      expect(await codeFrom(() => sync())).toBe('no-link');
      expect((await store.part('fr'))?.bytes).toEqual(pack.slice(0, at));
    }
    link.heal();
    await sync();
    await expectWhole(first);
  });

  it('begins again at a server that knows no Range', async () => {
    link.cut(FULL, 700);
    await codeFrom(() => sync());
    link.heal();
    link.knowsRange = false;
    await sync();
    await expectWhole(first);
  });

  it('keeps the longer part where the server that knows no Range is cut again', async () => {
    const pack = link.files.get(FULL) as Uint8Array;
    link.cut(FULL, 700);
    await codeFrom(() => sync());
    link.knowsRange = false;
    for (const [at, kept] of [
      [500, 700],
      [900, 900],
    ] as const) {
      link.cut(NAMED, at);
      expect(await codeFrom(() => sync())).toBe('no-link');
      expect((await store.part('fr'))?.bytes).toEqual(pack.slice(0, kept));
    }
    link.heal();
    link.knowsRange = true;
    await sync();
    await expectWhole(first);
  });

  it('begins again where the tree has that pack no more', async () => {
    link.cut(FULL, 700);
    await codeFrom(() => sync());
    link.heal();
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    asked();
    await sync();
    expect(asked()).toEqual([`${NAMED} from 700`, FULL]);
    await expectWhole(next);
  });

  it('goes on with a pack that is no longer the newest, and takes what has come since', async () => {
    const old = link.files.get(FULL) as Uint8Array;
    link.cut(FULL, 700);
    await codeFrom(() => sync());
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    link.files.set(NAMED, old);
    asked();
    const { changed } = await sync();
    expect(asked()).toEqual([`${NAMED} from 700`, '/c/from/1/fr.pack']);
    expect([...(changed.fr ?? [])].sort()).toEqual(['phone', 'pump', 'short']);
    await expectWhole(next);
  });

  it('takes none of a pack put together from two', async () => {
    link.cut(FULL, 700);
    await codeFrom(() => sync());
    const other = Uint8Array.from(link.files.get(NAMED) as Uint8Array);
    other[other.length - 1] = (other.at(-1) as number) ^ 1;
    link.files.set(NAMED, other);
    link.heal();
    asked();
    await sync();
    expect(asked()).toEqual([`${NAMED} from 700`, FULL]);
    await expectWhole(first);
  });

  it('begins again where what was kept is longer than the pack', async () => {
    link.cut(FULL, 700);
    await codeFrom(() => sync());
    // Kept under its name, and of another: whoever stood in between gave out the wrong file.
    link.files.set(NAMED, (link.files.get(NAMED) as Uint8Array).subarray(0, 700));
    link.heal();
    asked();
    await sync();
    expect(asked()).toEqual([`${NAMED} from 700`, FULL]);
    await expectWhole(first);
  });

  it('asks for nothing again where all of it came, and the phone was full', async () => {
    const pack = link.files.get(FULL) as Uint8Array;
    link.cut(FULL, pack.length);
    const commit = store.commitShelf.bind(store);
    store.commitShelf = () => Promise.reject(new RelaisError('full'));
    expect(await codeFrom(() => sync())).toBe('full');
    store.commitShelf = commit;
    link.heal();
    asked();
    await sync();
    expect(asked()).toEqual([`${NAMED} from ${pack.length}`, '/c/from/1/fr.pack']);
    await expectWhole(first);
  });

  it('takes a pack in one go where the phone has no room for its parts', async () => {
    store.savePart = () => Promise.reject(new RelaisError('full'));
    await sync();
    await expectWhole(first);
  });

  it('loses at most a kilobyte where the phone dies in the middle', async () => {
    const pack = link.files.get(FULL) as Uint8Array;
    link.piece = 10;
    const { get } = link;
    for (let at = 400; at < pack.length; at += 130) {
      await newPhone();
      link.get = (path, limit, signal, reading = {}) =>
        get.call(link, path, limit, signal, {
          ...reading,
          onPart: async (start, part, last) => {
            if (start >= at) throw new Error('the phone died');
            await reading.onPart?.(start, part, last);
          },
        });
      await expect(sync()).rejects.toThrow('the phone died');
      const kept = (await store.part('fr'))?.bytes ?? new Uint8Array(0);
      expect(at - kept.length).toBeLessThanOrEqual(1024 + link.piece);
      expect(kept).toEqual(pack.slice(0, kept.length));
    }
  });

  it('keeps what was there wherever a delta is cut, and goes on with it the next time', async () => {
    await sync();
    const before = await contentsOf(store, 'fr');
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    asked();
    const pack = link.files.get('/c/from/1/fr.pack') as Uint8Array;
    for (let at = 0; at < pack.length; at += 23) {
      link.cut('/c/from/1/fr.pack', at);
      expect(await codeFrom(() => sync()), `${at} bytes`).toBe('no-link');
      expect(await contentsOf(store, 'fr')).toEqual(before);
      expect((await store.shelf('fr')).baseSeq).toBe(1);
      const kept = at < headEnd(pack) ? undefined : pack.slice(0, at);
      expect((await store.part('fr'))?.bytes).toEqual(kept);
      await store.dropPart('fr');
    }
    expect(asked()).not.toContain(FULL);
    link.cut('/c/from/1/fr.pack', pack.length - 10);
    await codeFrom(() => sync());
    link.heal();
    asked();
    await sync();
    expect(asked()).toEqual([`/c/from/1-2/fr.pack from ${pack.length - 10}`, '/c/from/2/fr.pack']);
    await expectWhole(next);
  });

  it('goes on with all of a shelf too where the base is too old', async () => {
    await sync();
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]), []);
    link.cut(FULL, 700);
    expect(await codeFrom(() => sync())).toBe('no-link');
    link.cut('/c/from/0-2/fr.pack', 900);
    asked();
    expect(await codeFrom(() => sync())).toBe('no-link');
    link.heal();
    await sync();
    expect(asked()).toEqual(['/c/from/0-2/fr.pack from 700', '/c/from/0-2/fr.pack from 900', '/c/from/2/fr.pack']);
    await expectWhole(next);
  });

  it('asks for a change again where the tree has no more of what was begun in its place', async () => {
    await sync();
    await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]), []);
    link.cut(FULL, 700);
    await codeFrom(() => sync());
    link.heal();
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'lait')]));
    asked();
    await sync();
    expect(asked()).toEqual(['/c/from/0-2/fr.pack from 700', '/c/from/1/fr.pack']);
    await expectWhole(next);
  });

  it('goes on after the shelf that came, where the second one fails', async () => {
    await store.want('en');
    link.fail(FULL, new RelaisError('no-link'));
    expect(await codeFrom(() => sync())).toBe('no-link');
    await expectWhole(first, 'en');
    link.heal();
    asked();
    await sync();
    expect(asked()).toEqual(['/c/from/1/en.pack', FULL]);
    await expectWhole(first, 'fr');
  });

  it('is no link where a portal answers, and nothing is lost', async () => {
    const portal = utf8('<!doctype html><title>Welcome</title><form>Sign in</form>');
    link.replace(FULL, portal);
    expect(await codeFrom(() => sync())).toBe('no-link');
    expect(await store.library()).toBeUndefined();
    link.heal();
    await sync();
    link.replace('/c/from/1/fr.pack', portal);
    expect(await codeFrom(() => sync())).toBe('no-link');
    await expectWhole(first);
  });

  it('passes on what the link says', async () => {
    for (const code of ['busy', 'no-link', 'too-large'] as const) {
      link.fail(FULL, new RelaisError(code));
      expect(await codeFrom(() => sync())).toBe(code);
    }
    link.missing(FULL);
    expect(await codeFrom(() => sync())).toBe('not-found');
  });
});

describe('alerts', () => {
  const warned = (words = 'Barrez le puits.') => [...tinyLibrary(), testBulletin('well', 'fr', words)];
  /** Bytes up to the end of a section of a pack. */
  const endOf = (pack: Uint8Array, type: number): number => {
    const view = new DataView(pack.buffer, pack.byteOffset, pack.length);
    for (let at = 4; at < pack.length; at += 38 + view.getUint32(at + 2))
      if (pack[at] === type) return at + 38 + view.getUint32(at + 2);
    throw new Error('no such section');
  };
  const told = async (): Promise<unknown> => (await store.alerts('fr'))?.items.map(({ body }) => body);
  const says = (words: string) => [[{ t: 'p', c: [words] }]];

  it('can be read before anything else has arrived, on a phone that has nothing', async () => {
    await publish(warned());
    const pack = link.files.get(FULL) as Uint8Array;
    const end = endOf(pack, SectionType.alerts);
    expect(end).toBeLessThan(2_200);
    link.cut(FULL, end);
    expect(await codeFrom(() => sync())).toBe('no-link');
    expect(await told()).toEqual(says('Barrez le puits.'));
    expect((await store.shelf('fr')).baseSeq).toBe(0);
    link.heal();
    await sync();
    // The shelf has them now.
    expect(await store.alerts('fr')).toBeUndefined();
    const rows = [...(await store.buckets('fr')).values()].flat();
    expect(rows.find(({ id }) => id === 'well')?.priority).toBe(0);
  });

  it('come first in a delta too, and only where they are new', async () => {
    await sync();
    const second = await publish(warned());
    const delta = (path: string) => readPack(platform, link.files.get(path) as Uint8Array);
    expect(findSection(await delta('/c/from/1/fr.pack'), SectionType.alerts)).toBeDefined();
    expect(findSection(await delta('/c/from/1/en.pack'), SectionType.alerts)).toBeUndefined();
    link.cut('/c/from/1/fr.pack', endOf(link.files.get('/c/from/1/fr.pack') as Uint8Array, SectionType.alerts));
    expect(await codeFrom(() => sync())).toBe('no-link');
    expect(await told()).toEqual(says('Barrez le puits.'));
    link.heal();
    await sync();
    await publish([...warned(), testCase('radio', 'fr')], [second]);
    expect(findSection(await delta('/c/from/2/fr.pack'), SectionType.alerts)).toBeUndefined();
    await publish(warned('Le puits est réparé.'), [second]);
    expect(findSection(await delta('/c/from/2/fr.pack'), SectionType.alerts)).toBeDefined();
  });

  it('of others, of another shelf, or of what is not published yet, are not told', async () => {
    const release = await publish(warned());
    const other = await seededKeys('other');
    const shelf = release.shelves.get('fr') as Shelf;
    const forged = [
      alertsOf(other.publisher, 2, 'fr', shelf, 0),
      alertsOf(box.keys.publisher, 2, 'en', shelf, 0),
      alertsOf(box.keys.publisher, 3, 'fr', shelf, 0),
      signWith(box.keys.publisher, 'alerts', { v: 2, shelf: 'fr', seq: 2, items: [{ id: 'x', kind: 'case' }] }),
      signWith(box.keys.hub, 'alerts', { v: 2, shelf: 'fr', seq: 2, items: [] }),
    ];
    const pack = await readPack(platform, link.files.get(FULL) as Uint8Array);
    for (const alerts of forged) {
      store = new MemoryLibrary();
      await store.want('fr');
      const sections = pack.sections.map(({ type, payload }) => ({
        type,
        payload: type === SectionType.alerts ? canonicalBytes(alerts) : payload,
      }));
      const bytes = await encodePack(platform, deflate, sections);
      link.cut(FULL, bytes.length - 1);
      link.files.set(FULL, bytes);
      expect(await codeFrom(() => sync())).toBe('no-link');
      expect(await store.alerts('fr')).toBeUndefined();
    }
  });

  it('are the most urgent notices that hold, and no more than four', async () => {
    const many = Array.from({ length: 6 }, (_, i) => testBulletin(`well-${i}`, 'fr'));
    const late = { ...testBulletin('late', 'fr'), until: '2026-01-02', order: 0 } as Authored;
    const calm = { ...testBulletin('calm', 'fr'), urgency: 2, order: 0 } as Authored;
    const { shelves } = await box.publish([...tinyLibrary(), ...many, late, calm]);
    const alerts = alertsOf(box.keys.publisher, 2, 'fr', shelves.get('fr') as Shelf, Date.UTC(2026, 5, 1) / 1000);
    expect(alerts?.signed.items.map(({ id }) => id)).toEqual(['well-0', 'well-1', 'well-2', 'well-3']);
    expect(alertsOf(box.keys.publisher, 2, 'en', shelves.get('en') as Shelf, 0)).toBeUndefined();
  });
});

describe('a library that lies', () => {
  it('cannot go back', async () => {
    const old = link.files;
    await sync();
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    await sync();
    const save = vi.spyOn(store, 'saveLibrary');
    link.files = new Map([...old, ['/c/from/2/fr.pack', old.get(FULL) as Uint8Array]]);
    expect(await codeFrom(() => sync())).toBe('rollback');
    link.files = old;
    expect(await codeFrom(() => sync())).toBe('rollback');
    expect(save).not.toHaveBeenCalled();
    await expectWhole(next);
  });

  it('cannot change a word: what is stored stays', async () => {
    await sync();
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    const pack = link.files.get('/c/from/1/fr.pack') as Uint8Array;
    link.flip('/c/from/1/fr.pack', (pack.length - 5) * 8);
    expect(await codeFrom(() => sync())).toBe('tampered');
    expect(await contentsOf(store, 'fr')).toEqual(await contentsOfRelease(first, 'fr'));
    link.heal();
    await sync();
    await expectWhole(next);
  });

  /** A pack with the head of one and the texts of another, each section with a right hash. */
  const spliced = async (honest: Uint8Array, lying: Uint8Array): Promise<Uint8Array> => {
    const texts: readonly number[] = [SectionType.catalogue, SectionType.bodies, SectionType.deltas];
    const [a, b] = [await readPack(platform, honest), await readPack(platform, lying)];
    const kept = a.sections.filter(({ type }) => !texts.includes(type));
    return encodePack(platform, deflate, [...kept, ...b.sections.filter(({ type }) => texts.includes(type))]);
  };

  it('cannot put texts of its own behind an honest head', async () => {
    const stranger = await openBox('stranger');
    const base = await stranger.publish(tinyLibrary());
    const theirs = await stranger.publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'mensonge')]));
    const { full, delta } = await stranger.packsFor(base, theirs);
    link.replace(FULL, await spliced(link.files.get(FULL) as Uint8Array, full.get('fr') as Uint8Array));
    expect(await codeFrom(() => sync())).toBe('tampered');
    expect((await contentsOf(store, 'fr')).bodies).toEqual([]);

    link.heal();
    await sync();
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    const path = '/c/from/1/fr.pack';
    link.replace(path, await spliced(link.files.get(path) as Uint8Array, delta.get('fr') as Uint8Array));
    asked();
    await sync();
    expect(asked()).toEqual([path, FULL]);
    await expectWhole(next);
  });

  it('cannot put other texts under an honest catalogue', async () => {
    const stranger = await openBox('stranger');
    const theirs = await stranger.publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'mensonge')]));
    const bodies = findSection(
      await readPack(platform, (await stranger.packsFor(undefined, theirs)).full.get('fr') as Uint8Array),
      SectionType.bodies,
    ) as Uint8Array;
    const { sections } = await readPack(platform, link.files.get(FULL) as Uint8Array);
    const mixed = sections.map((one) => (one.type === SectionType.bodies ? { ...one, payload: bodies } : one));
    link.replace(FULL, await encodePack(platform, deflate, mixed));
    expect(await codeFrom(() => sync())).toBe('tampered');
    expect((await contentsOf(store, 'fr')).bodies).toEqual([]);
  });

  /** Inflates as the platform does, and counts what comes out. */
  const counting = (): { platform: Platform; unpacked: () => number } => {
    let bytes = 0;
    const inflate: Platform['inflate'] = (frame, limit) => {
      const data = platform.inflate(frame, limit);
      bytes += data.length;
      return data;
    };
    return { platform: { ...platform, inflate }, unpacked: () => bytes };
  };
  const bomb = (bytes: number): Uint8Array => deflate(new Uint8Array(bytes));

  it('cannot make a device unpack anything behind a head that is not signed', async () => {
    await sync();
    box.keys = { ...box.keys, publisher: (await seededKeys('stranger')).publisher };
    await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]), []);
    const { platform: counted, unpacked } = counting();
    const whole = link.files.get(FULL) as Uint8Array;
    const { sections } = await readPack(platform, whole);
    const roots = sections.find(({ type }) => type === SectionType.roots)?.payload.length ?? 0;
    expect(await codeFrom(() => pull({ platform: counted, store, transport: link }, never))).toBe('tampered');
    // Once while the rest is on its way, and once as a whole.
    expect(unpacked()).toBeLessThanOrEqual(2 * roots);
  });

  it('cannot make a device unpack bodies that the signed catalogue does not speak of', async () => {
    const { sections } = await readPack(platform, link.files.get(FULL) as Uint8Array);
    const structure = bomb(1 << 20);
    const lying = { type: SectionType.bodies, payload: concat([varint(structure.length), structure, bomb(6 << 20)]) };
    // 7 MiB each: two of them are more than texts of a few hundred bytes can be.
    const many = sections.flatMap((one) => (one.type === SectionType.bodies ? [one, ...Array(8).fill(lying)] : [one]));
    link.replace(FULL, await encodePack(platform, deflate, many));
    const { platform: counted, unpacked } = counting();
    expect(await codeFrom(() => pull({ platform: counted, store, transport: link }, never))).toBe('too-large');
    expect(unpacked()).toBeLessThan(9 << 20);
    expect((await contentsOf(store, 'fr')).bodies).toEqual([]);
  });

  it('cannot sign with a publisher’s key that the root does not name', async () => {
    await sync();
    box.keys = { ...box.keys, publisher: (await seededKeys('stranger')).publisher };
    await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    expect(await codeFrom(() => sync())).toBe('tampered');
    expect(await contentsOf(store, 'fr')).toEqual(await contentsOfRelease(first, 'fr'));
  });

  it('is named as a stranger’s, and changes nothing', async () => {
    await sync();
    const pinned = await store.library();
    const stranger = await openBox('stranger');
    const theirs = await stranger.publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'autre')]), { seq: 5 });
    for (const bases of [[first], []]) {
      link.files = await stranger.tree(theirs, bases);
      link.files.set('/c/from/1/fr.pack', link.files.get(FULL) as Uint8Array);
      expect(await codeFrom(() => sync())).toBe('foreign-root');
      expect(await store.library()).toEqual(pinned);
      expect(await contentsOf(store, 'fr')).toEqual(await contentsOfRelease(first, 'fr'));
    }
  });

  it('is told as a stranger’s by its beginning: no more of it is asked for', async () => {
    await sync();
    const stranger = await openBox('stranger');
    const words = Array.from(platform.randomBytes(3_000)).join(' ');
    const large = edited(tinyLibrary(), [testCase('pump', 'fr', words)]);
    link.files = await stranger.tree(await stranger.publish(large, { seq: 5 }));
    const { length } = link.files.get(FULL) as Uint8Array;
    let came = 0;
    const get: Transport['get'] = (path, limit, signal, { onPart, ...reading } = {}) =>
      link.get(path, limit, signal, {
        ...reading,
        onPart: async (at, part, last) => {
          if (path === FULL) came += part.length;
          await onPart?.(at, part, last);
        },
      });
    link.requests.length = 0;
    const transport = { get, postBatch: link.postBatch.bind(link) };
    expect(await codeFrom(() => pull({ platform, store, transport }, never))).toBe('foreign-root');
    expect(came).toBeLessThan(length / 2);
    expect(asked()).toEqual(['/c/from/1/fr.pack', FULL, '/c/root/2.json', '/c/root/1.json']);
  });

  it('is named as a stranger’s after the stranger changed keys', async () => {
    await sync();
    const stranger = await openBox('stranger');
    await stranger.rotate(await seededKeys('stranger 2'));
    link.files = await stranger.tree(await stranger.publish(tinyLibrary(), { seq: 5 }));
    link.files.set('/c/from/1/fr.pack', link.files.get(FULL) as Uint8Array);
    expect(await codeFrom(() => sync())).toBe('foreign-root');
  });

  it('cannot be pinned without a root', async () => {
    await publish(tinyLibrary());
    link.replace(FULL, link.files.get('/c/from/2/fr.pack') as Uint8Array);
    expect(await codeFrom(() => sync())).toBe('tampered');
    expect(await store.library()).toBeUndefined();
  });

  it('is taken once the person lets go of the old one', async () => {
    await sync();
    const stranger = await openBox('stranger');
    const theirs = await stranger.publish(tinyLibrary());
    link.files = await stranger.tree(theirs);
    await store.forget();
    await sync();
    await expectWhole(theirs);
    expect((await store.library())?.identity).toBe(rootIdentity(stranger.root));
  });
});

describe('a library with new keys', () => {
  it('is followed by a device that has none of it', async () => {
    const identity = rootIdentity(box.root);
    await box.rotate(await seededKeys('two'));
    const next = await publish();
    await sync();
    expect(asked()).toEqual([FULL]);
    expect(await store.library()).toMatchObject({ identity, root: { n: 2 } });
    await expectWhole(next);
  });

  it('is followed through a delta, which brings the roots', async () => {
    await sync();
    const identity = rootIdentity(box.root);
    await box.rotate(await seededKeys('two'));
    await box.rotate(await seededKeys('three'));
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    asked();
    await sync();
    expect(asked()).toEqual(['/c/from/1/fr.pack']);
    expect(await store.library()).toMatchObject({ identity, root: box.root });
    await expectWhole(next);
  });

  it('is followed through /c/root where the delta brings none', async () => {
    await sync();
    await box.rotate(await seededKeys('two'));
    await box.rotate(await seededKeys('three'));
    // The publisher believes that this base knew the new roots already.
    const knowing: Release = { ...first, publication: { ...first.publication, root: 3 } };
    const next = await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]), [knowing]);
    const pack = await readPack(platform, link.files.get('/c/from/1/fr.pack') as Uint8Array);
    expect(findSection(pack, SectionType.roots)).toBeUndefined();
    asked();
    await sync();
    expect(asked()).toEqual(['/c/from/1/fr.pack', '/c/root/2.json', '/c/root/3.json']);
    expect((await store.library())?.root).toEqual(box.root);
    await expectWhole(next);
  });

  it('is remembered by the hub keys that answers here may have been sealed to', async () => {
    await sync();
    expect(await store.library()).not.toHaveProperty('former');
    const [one] = [box.keys.hub.id];
    await box.rotate(await seededKeys('two'));
    await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]));
    await sync();
    const two = box.keys.hub.id;
    expect((await store.library())?.former).toEqual([one]);
    await box.rotate(await seededKeys('three'));
    await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'lait')]));
    await sync();
    await sync();
    expect((await store.library())?.former).toEqual([one, two]);
    // Two roots at once: answers that others sealed in between may come by here.
    await box.rotate(await seededKeys('four'));
    const four = box.keys.hub.id;
    await box.rotate(await seededKeys('five'));
    await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'riz')]));
    await sync();
    const former = [one, two, expect.any(String), four];
    expect((await store.library())?.former).toEqual(former);
    // Forgotten and met again: the whole chain tells.
    await store.forget();
    await store.want('fr');
    await sync();
    expect((await store.library())?.former).toEqual(former);
  });

  it('is not followed where the old keys did not sign the new', async () => {
    await sync();
    const stranger = await openBox('stranger');
    await stranger.rotate(await seededKeys('two'));
    await box.rotate(await seededKeys('two'));
    const knowing: Release = { ...first, publication: { ...first.publication, root: 2 } };
    await publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'eau')]), [knowing]);
    const theirs = await stranger.tree(await stranger.publish(tinyLibrary()));
    link.files.set('/c/root/2.json', theirs.get('/c/root/2.json') as Uint8Array);
    expect(await codeFrom(() => sync())).toBe('foreign-root');
    expect((await store.library())?.root.n).toBe(1);
    expect(await contentsOf(store, 'fr')).toEqual(await contentsOfRelease(first, 'fr'));
  });

  it('is kept where a hub is behind the change of keys', async () => {
    const behind = link.files;
    await box.rotate(await seededKeys('two'));
    const next = await publish();
    await sync();
    link.files = new Map([...behind, ['/c/from/2/fr.pack', behind.get(FULL) as Uint8Array]]);
    asked();
    expect(await codeFrom(() => sync())).toBe('rollback');
    // Nothing is asked that a hub that is behind cannot know.
    expect(asked().filter((path) => path.startsWith('/c/root/'))).toEqual([]);
    await expectWhole(next);
  });

  it('is not called older by a head that nobody signed under the earlier root, or that names another', async () => {
    const [former] = [box.keys.publisher];
    await box.rotate(await seededKeys('two'));
    const next = await publish();
    await sync();
    const thief = (await seededKeys('stranger')).publisher;
    for (const [signer, root] of [
      [thief, 1],
      [former, 2],
    ] as const) {
      const head = { ...next.head.signed, root };
      const pack = await readPack(platform, link.files.get(FULL) as Uint8Array);
      const sections = pack.sections.map(({ type, payload }) => ({
        type,
        payload: type === SectionType.head ? canonicalBytes(signWith(signer, 'head', head)) : payload,
      }));
      link.files.set('/c/from/2/fr.pack', await encodePack(platform, deflate, sections));
      expect(await codeFrom(() => sync())).toBe('tampered');
    }
    await expectWhole(next);
  });
});
