import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { Engine } from '../../src/engine/engine.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import {
  codeFrom,
  contentsOf,
  edited,
  never,
  openBox,
  type Release,
  seededPlatform,
  type TestBox,
  testCase,
  tinyLibrary,
} from '../support/fixtures.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { type StaticServer, serveFolder } from '../support/static-server.ts';

/** What it costs a device to look for news at a host of files where there are none: it is behind the device, or has a stranger's library. */

/** A shelf of 60 kB, as that of one language of the real library. */
const WORDS = Array.from(seededPlatform('older-host').randomBytes(35_000)).join(' ');

let box: TestBox;
let folder: string;
let host: StaticServer;
let link: LinkProxy;
let library: MemoryLibrary;
const platform = webPlatform;

/** One sync of a page that was just opened: nothing of earlier pages is in its memory. */
const look = (): Promise<unknown> => {
  const meter = new Meter(platform.now, false);
  const transport = fetchTransport(platform, link.url, meter);
  const answers = new MemoryOutbox();
  const rest = { locks: null, noHub: true, sacrifices: [], forgetMedia: async () => {} };
  return new Engine({ platform, library, answers, transport, meter, ...rest }).sync('page', never);
};
const carried = (): number => link.up() + link.down();
const paths = (): string[] => link.log().map(({ path }) => path);

const publish = (title: string): Promise<Release> =>
  box.publish(edited(tinyLibrary(), [testCase('pump', 'fr', `${title} ${WORDS}`)]));
/** What the host has from now on. */
const put = async (of: TestBox, release: Release, bases: readonly Release[] = []): Promise<void> => {
  rmSync(join(folder, 'c'), { recursive: true, force: true });
  for (const [path, bytes] of await of.tree(release, bases)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
};

let releases: readonly [Release, Release, Release];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relais-host-'));
  box = await openBox();
  releases = [await publish('Un.'), await publish('Deux.'), await publish('Trois.')];
  host = await serveFolder(folder);
  link = await startProxy({ target: host.port });
  library = new MemoryLibrary();
  await library.want('fr');
  await put(box, releases[1], [releases[0]]);
  await look();
  link.reset();
});
afterEach(async () => {
  await link.close();
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});

const SHELF = '/c/full/fr.pack';

describe('a host that is behind', () => {
  beforeEach(() => put(box, releases[0]));

  it('costs a shelf once, and then about a kilobyte a look, whatever pages are opened', async () => {
    const before = await contentsOf(library, 'fr');
    expect(await codeFrom(() => look())).toBe('rollback');
    expect(paths()).toContain(SHELF);
    link.reset();
    for (let looks = 0; looks < 3; looks++) expect(await codeFrom(() => look())).toBe('rollback');
    expect(paths()).toEqual(['/c/head', '/c/head', '/c/head']);
    expect(carried()).toBeLessThan(3_500);
    expect(await contentsOf(library, 'fr')).toEqual(before);
  });

  it.each(['carried', 'near'] as const)('costs no shelf at all where news came another way before: %s', async (by) => {
    const line = { at: platform.now(), by, ok: true, sent: 0 } as const;
    const record = { reached: true, needsUpdate: false };
    await library.ended(record, { ...line, changed: 3 });
    // Whatever else came that way.
    await library.ended(record, { ...line, changed: 0 });
    for (let looks = 0; looks < 3; looks++) expect(await codeFrom(() => look())).toBe('rollback');
    expect(paths()).not.toContain(SHELF);
    expect(carried()).toBeLessThan(3_500);
  });

  it('brings news once it has some, also after a look that found no link', async () => {
    expect(await codeFrom(() => look())).toBe('rollback');
    link.cut();
    expect(await codeFrom(() => look())).toBe('no-link');
    link.restore();
    await put(box, releases[2], [releases[1]]);
    link.reset();
    expect(await look()).toBe('done');
    expect((await library.shelf('fr')).baseSeq).toBe(3);
    expect(library.data.sync?.problem).toBeUndefined();
    expect(paths()).toEqual(['/c/head', '/c/from/2/fr.pack']);
    link.reset();
    expect(await look()).toBe('done');
    expect(paths()).not.toContain('/c/head');
  });
});

it('a stranger’s library costs a shelf once, and then a root and a head a look', async () => {
  const stranger = await openBox('stranger');
  await put(stranger, await stranger.publish(edited(tinyLibrary(), [testCase('pump', 'fr', WORDS)]), { seq: 5 }));
  expect(await codeFrom(() => look())).toBe('foreign-root');
  link.reset();
  for (let looks = 0; looks < 3; looks++) expect(await codeFrom(() => look())).toBe('foreign-root');
  expect(carried()).toBeLessThan(12_000);
  expect(paths()).not.toContain(SHELF);
});

it.each([
  ['is not there', undefined],
  ['is damaged', 'x'],
  ['is a page', '<!doctype html><title>Nothing here</title>'],
])('a host whose head by itself %s is asked for its shelves all the same', async (_, words) => {
  await put(box, releases[0]);
  expect(await codeFrom(() => look())).toBe('rollback');
  await put(box, releases[2], [releases[1]]);
  if (words === undefined) rmSync(join(folder, 'c/head'));
  else writeFileSync(join(folder, 'c/head'), words);
  expect(await look()).toBe('done');
  expect((await library.shelf('fr')).baseSeq).toBe(3);
});
