import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findSection, readPack, SectionType } from '../../src/core/pack/format.ts';
import { readBodies } from '../../src/core/pack/text.ts';
import { fromUtf8 } from '../../src/core/protocol/bytes.ts';
import { parseBuckets } from '../../src/core/protocol/catalogue.ts';
import type { LibraryItem } from '../../src/core/protocol/item.ts';
import { blobPath, blobsOf, LEAF } from '../../src/core/protocol/media.ts';
import { fetchBlob, readBlob } from '../../src/core/sync/blobs.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { fetchBlobs } from '../../src/engine/blob-transport.ts';
import { MemoryMedia } from '../../src/store/memory-media.ts';
import { codeFrom, never } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { mediaFile } from '../support/media.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';

/** Pictures and recordings from the real publisher, over the real hub and a link that misbehaves, to a device. */

const opus = mediaFile('akashganga', 'fr.opus');
let hub: Hub;
let recording: LibraryItem['recording'] & object;
let named: readonly string[];

/** The item as a device gets it, and the blobs that its row names. */
const itemOf = async (id: string): Promise<{ item: LibraryItem; blobs: readonly string[] }> => {
  const reply = await fetch(`${hub.url}/c/full/fr.pack`);
  const pack = await readPack(webPlatform, new Uint8Array(await reply.arrayBuffer()));
  const buckets = parseBuckets(findSection(pack, SectionType.catalogue) as Uint8Array, 'fr');
  const row = [...buckets.values()].flat().find((one) => one.id === id);
  const bodies = await readBodies(webPlatform, findSection(pack, SectionType.bodies) as Uint8Array);
  const body = bodies.get(row?.sha256 ?? '') as Uint8Array;
  return { item: JSON.parse(fromUtf8(body)) as LibraryItem, blobs: row?.blobs ?? [] };
};

beforeAll(async () => {
  hub = await startHub();
  const { item, blobs } = await itemOf('akashganga');
  recording = item.recording as typeof recording;
  named = blobs;
  expect([...named].sort()).toEqual(
    blobsOf(item)
      .map(({ hash }) => hash)
      .sort(),
  );
  // To publish all pages takes its time where others work too.
}, 60_000);
afterAll(() => hub.remove());

describe('the address of a blob', () => {
  const ask = (headers: Record<string, string> = {}, path = blobPath(recording.file.hash)) =>
    fetch(hub.url + path, { headers });

  it('has its bytes, for a year, and nothing in between', async () => {
    const reply = await ask({ 'Accept-Encoding': 'br, gzip' });
    expect(reply.status).toBe(200);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-type': 'audio/ogg',
      'content-length': String(opus.length),
      'cache-control': 'public, max-age=31536000, immutable',
      etag: `"${recording.file.hash}"`,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
    expect(reply.headers.get('content-encoding')).toBeNull();
    expect(Buffer.from(await reply.arrayBuffer()).equals(opus)).toBe(true);
  });

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=16384-32767', 16_384, 32_768],
    ['bytes=50000-', 50_000, opus.length],
    ['bytes=-5', opus.length - 5, opus.length],
    ['bytes=50000-99999999', 50_000, opus.length],
    ['bytes=-99999999', 0, opus.length],
  ])('has a part: %s', async (range, start, end) => {
    const reply = await ask({ Range: range });
    expect(reply.status).toBe(206);
    expect(reply.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${opus.length}`);
    expect(Buffer.from(await reply.arrayBuffer()).equals(opus.subarray(start, end))).toBe(true);
  });

  it.each([`bytes=${opus.length}-`, 'bytes=99999999-999999999', 'bytes=-0'])('has no such part: %s', async (range) => {
    const reply = await ask({ Range: range });
    expect(reply.status).toBe(416);
    expect(reply.headers.get('content-range')).toBe(`bytes */${opus.length}`);
    expect(await reply.text()).toBe('');
  });

  it.each(['bytes=5-2', 'lines=1-2', 'bytes=a-b', 'bytes=0-1,5-6', 'bytes=-'])(
    'answers %s by all of it',
    async (range) => {
      const reply = await ask({ Range: range });
      expect([reply.status, (await reply.arrayBuffer()).byteLength]).toEqual([200, opus.length]);
    },
  );

  it('is not sent again to whoever has it', async () => {
    expect((await ask({ 'If-None-Match': `"${recording.file.hash}"` })).status).toBe(304);
    expect((await ask({ 'If-Range': '"other"', Range: 'bytes=0-9' })).status).toBe(200);
    expect((await ask({ 'If-Range': `"${recording.file.hash}"`, Range: 'bytes=0-9' })).status).toBe(206);
  });

  it.each([`/b/AA/${'A'.repeat(43)}`, '/b/', '/b/AA', '/b/..%2f..%2fkeys%2fhub.key'])(
    'that is none is an empty 404: %s',
    async (path) => {
      const reply = await fetch(hub.url + path);
      expect(reply.status).toBe(404);
      expect(await reply.text()).toBe('');
    },
  );

  it('has the list of leaves beside it, where there is more than one', async () => {
    const reply = await ask({}, `${blobPath(recording.file.hash)}.leaf`);
    expect((await reply.arrayBuffer()).byteLength).toBe(Math.ceil(opus.length / LEAF) * 32);
    const small = blobsOf((await itemOf('akashganga')).item).find(({ bytes }) => bytes <= LEAF);
    expect((await ask({}, `${blobPath(small?.hash ?? '')}.leaf`)).status).toBe(404);
    expect((await ask({}, blobPath(small?.hash ?? ''))).headers.get('content-type')).toBe('image/avif');
  });
});

describe('a device', () => {
  let link: LinkProxy;
  beforeEach(async () => {
    link = await startProxy({ target: hub.port });
  });
  afterEach(() => link.close());

  const device = () => {
    const store = new MemoryMedia();
    const ports = {
      platform: webPlatform,
      store,
      transport: fetchBlobs(webPlatform, link.url, new Meter(webPlatform.now, false)),
    };
    return { store, fetch: () => fetchBlob(ports, recording.file, never), read: () => readBlob(ports, recording.file) };
  };

  it('gets each blob that the row names', async () => {
    const { item } = await itemOf('akashganga');
    const store = new MemoryMedia();
    const ports = {
      platform: webPlatform,
      store,
      transport: fetchBlobs(webPlatform, link.url, new Meter(webPlatform.now, false)),
    };
    for (const blob of blobsOf(item)) {
      await fetchBlob(ports, blob, never);
      expect(await readBlob(ports, blob)).toHaveLength(blob.bytes);
    }
    expect(named).toHaveLength(5);
  });

  it.each([1, 2, 3])('goes on after a cut within leaf %i, and asks for nothing twice', async (leaf) => {
    const { fetch, read, store } = device();
    link.set({ bytesPerSecond: 120_000 });
    const fetching = codeFrom(fetch);
    const under = async (): Promise<number> => (await store.stored(recording.file.hash)).length;
    while ((await under()) < leaf) await new Promise((resolve) => setTimeout(resolve, 2));
    link.cut();
    expect(await fetching).toBe('no-link');
    const kept = await under();
    expect(kept).toBeGreaterThanOrEqual(leaf);
    link.restore();
    link.set({ bytesPerSecond: Number.POSITIVE_INFINITY });
    link.reset();
    await fetch();
    expect(Buffer.from((await read()) ?? []).equals(opus)).toBe(true);
    // The rest, and some headers.
    if (kept < 4) expect(link.down()).toBeLessThan(opus.length - kept * LEAF + 1_000);
    expect(link.log().filter(({ path }) => path.endsWith('.leaf'))).toEqual([]);
  });

  it('takes no page of a portal for a recording', async () => {
    const { fetch, store } = device();
    link.portal(true);
    expect(await codeFrom(fetch)).toBe('no-link');
    expect(await store.hashes()).toEqual([]);
    link.portal(false);
    await fetch();
    expect(await store.stored(recording.file.hash)).toHaveLength(4);
  });

  it.each([500, 503, 403, 301])('takes status %i for a link that does not work', async (status) => {
    const { fetch, store } = device();
    await fetch();
    await store.dropLeaf(recording.file.hash, 2);
    link.interceptOnce(() => ({
      status,
      headers: { Location: '/elsewhere' },
      body: opus.subarray(2 * LEAF, 3 * LEAF),
    }));
    expect(['no-link', 'busy']).toContain(await codeFrom(fetch));
    expect(await store.stored(recording.file.hash)).toEqual([0, 1, 3]);
  });

  it('refuses a part that begins somewhere else than it asked', async () => {
    const { fetch, store } = device();
    await fetch();
    await store.dropLeaf(recording.file.hash, 2);
    link.interceptOnce(() => ({
      status: 206,
      headers: { 'Content-Range': 'bytes 0-16383/56045' },
      body: opus.subarray(0, LEAF),
    }));
    expect(await codeFrom(fetch)).toBe('no-link');
    expect(await store.stored(recording.file.hash)).toEqual([0, 1, 3]);
  });
});

describe('publishing again', () => {
  it('takes pictures over by hard link, and lets go of those that nobody names', async () => {
    const tree = (): string => join(hub.dataDir, 'tree/current');
    const files = (): string[] =>
      readdirSync(join(tree(), 'b'), { recursive: true })
        .map(String)
        .filter((name) => statSync(join(tree(), 'b', name)).isFile())
        .sort();
    const before = files();
    const inodes = new Map(before.map((name) => [name, statSync(join(tree(), 'b', name)).ino]));
    const { size } = statSync(join(tree(), 'c/full/fr.pack'));
    expect(size).toBeGreaterThan(0);

    expect((await hub.publish()).output).toMatch(/Nothing|nothing/);
    const text = join(hub.contentDir, 'welcome/fr.md');
    appendFileSync(text, '\nEncore un mot.\n');
    expect((await hub.publish()).code).toBe(0);
    expect(files()).toEqual(before);
    for (const name of before) expect(statSync(join(tree(), 'b', name)).ino).toBe(inodes.get(name));

    const item = join(hub.contentDir, 'akashganga/fr.md');
    writeFileSync(item, readFileSync(item, 'utf8').replace(/^recording:.*\n/m, ''));
    expect((await hub.publish()).code).toBe(0);
    expect(before.filter((name) => !files().includes(name))).toEqual([
      blobPath(recording.file.hash).slice(3),
      `${blobPath(recording.file.hash).slice(3)}.leaf`,
    ]);
    expect(existsSync(join(tree(), blobPath(recording.file.hash)))).toBe(false);
  }, 120_000);
});
