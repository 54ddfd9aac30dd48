import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrotliOptions, brotliCompressSync, brotliDecompressSync, zstdDecompressSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { ServingKeys } from '../../../../server/box/serving.ts';
import { readConfig } from '../../../../server/config.ts';
import { AnswerStore } from '../../../../server/hub/answer-store.ts';
import { keepBuild } from '../../../../server/hub/builds.ts';
import { createCentre } from '../../../../server/hub/centre.ts';
import { openDatabase } from '../../../../server/hub/database.ts';
import { PublishedLibrary } from '../../../../server/hub/library.ts';
import { publish } from '../../../../server/publish/publish.ts';
import { box } from '../small-box.ts';

/** A new build's files as what is new in them: only for whoever has the build before, and always the right file in the end. */

const [OLD, NEW] = ['engine-AAAAAAAA.js', 'engine-BBBB-_BB.js'];
const noise = randomBytes(6_000).toString('base64');
const [OLD_TEXT, NEW_TEXT] = [`/* ${noise} */ old();`, `/* ${noise} */ brandNew();`];
const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const available = (data: string | Uint8Array): string => `:${sha256(data).toString('base64')}:`;
const deltaFolder = (): string => join(box.dataDir, 'cache/deltas');

/** The app of a build: hashed files by their names. */
const build = (files: Readonly<Record<string, string>>): void => {
  const assets = join(box.appDir, 'assets');
  rmSync(assets, { recursive: true, force: true });
  mkdirSync(assets, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(assets, name), text);
    writeFileSync(join(assets, `${name}.br`), brotliCompressSync(text));
  }
};

type Ask = (name: string, headers?: Record<string, string>, method?: string) => Promise<Response>;

/** Starts a hub on the build that stands there. */
const startHub = async (): Promise<Ask> => {
  await publish(box);
  const { dataDir, appDir } = box;
  keepBuild(appDir, dataDir);
  const keys = new ServingKeys(dataDir);
  const answers = new AnswerStore(openDatabase(dataDir), () => keys.current().openers);
  const library = new PublishedLibrary(dataDir);
  const hub = createCentre({
    config: readConfig({ DATA_DIR: dataDir }),
    appDir,
    keys,
    code: '',
    answers,
    library,
    log: () => {},
  });
  return async (name, headers = {}, method = 'GET') => hub.request(`/assets/${name}`, { method, headers });
};

const BROWSER = 'gzip, deflate, br, zstd, dcb, dcz';
const bytesOf = async (reply: Response): Promise<Buffer> => Buffer.from(await reply.arrayBuffer());

let ask: Ask;
beforeEach(async () => {
  build({ [OLD]: OLD_TEXT, 'other-AAAAAAAA.js': 'of another name' });
  await startHub();
  build({ [NEW]: NEW_TEXT });
  ask = await startHub();
});

describe('a file of a new build', () => {
  it('comes as brotli with the old file as its dictionary', async () => {
    const reply = await ask(NEW, { 'Accept-Encoding': BROWSER, 'Available-Dictionary': available(OLD_TEXT) });
    expect(reply.headers.get('content-encoding')).toBe('dcb');
    expect(reply.headers.get('vary')).toBe('Accept-Encoding, Available-Dictionary');
    expect(reply.headers.get('cache-control')).toContain('immutable');
    expect(reply.headers.get('content-type')).toContain('javascript');
    expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
    const body = await bytesOf(reply);
    expect(reply.headers.get('content-length')).toBe(String(body.length));
    expect(body.subarray(0, 4).toString('hex')).toBe('ff444342');
    expect(body.subarray(4, 36)).toEqual(sha256(OLD_TEXT));
    const dictionary = Buffer.from(OLD_TEXT);
    expect(brotliDecompressSync(body.subarray(36), { dictionary } as BrotliOptions).toString()).toBe(NEW_TEXT);
    expect(body.length).toBeLessThan(100);
    expect(brotliCompressSync(NEW_TEXT).length).toBeGreaterThan(5_000);
  });

  it('comes as zstd to a browser that takes that only', async () => {
    const headers = { 'Accept-Encoding': 'br, dcz', 'Available-Dictionary': available(OLD_TEXT) };
    const reply = await ask(NEW, headers);
    expect(reply.headers.get('content-encoding')).toBe('dcz');
    const body = await bytesOf(reply);
    expect(body.subarray(0, 8).toString('hex')).toBe('5e2a4d1820000000');
    expect(body.subarray(8, 40)).toEqual(sha256(OLD_TEXT));
    expect(zstdDecompressSync(body.subarray(40), { dictionary: Buffer.from(OLD_TEXT) }).toString()).toBe(NEW_TEXT);
    // The window that a browser has to keep (RFC 9842) is 8 MB: the second byte of a frame's header says its exponent, where it has one.
    const descriptor = body[44] as number;
    if ((descriptor & 0x20) === 0) expect((body[45] as number) >> 3).toBeLessThanOrEqual(13);
    expect(body.length).toBeLessThan(120);
  });

  const other = Buffer.from('nobody has this');
  it.each([
    ['a dictionary that the hub does not have', { 'Available-Dictionary': available(other) }],
    ['the file of another name', { 'Available-Dictionary': available('of another name') }],
    ['the file itself', { 'Available-Dictionary': available(NEW_TEXT) }],
    ['no hash', { 'Available-Dictionary': 'engine' }],
    ['half a hash', { 'Available-Dictionary': available(OLD_TEXT).slice(0, 20) }],
    ['two of them', { 'Available-Dictionary': `${available(OLD_TEXT)}, ${available(OLD_TEXT)}` }],
    ['a browser that takes no deltas', { 'Available-Dictionary': available(OLD_TEXT), 'Accept-Encoding': 'gzip, br' }],
    ['a browser that refuses them', { 'Available-Dictionary': available(OLD_TEXT), 'Accept-Encoding': 'br, dcb;q=0' }],
    ['no dictionary', {}],
  ])('comes whole: %s', async (_, headers: Record<string, string>) => {
    const reply = await ask(NEW, { 'Accept-Encoding': BROWSER, ...headers });
    expect([reply.status, reply.headers.get('content-encoding')]).toEqual([200, 'br']);
    expect(reply.headers.get('vary')).toBe('Accept-Encoding, Available-Dictionary');
    expect(brotliDecompressSync(await bytesOf(reply)).toString()).toBe(NEW_TEXT);
  });

  it('comes whole where the delta would be larger', async () => {
    build({ [NEW]: randomBytes(2_000).toString('base64') });
    const reply = await (await startHub())(NEW, {
      'Accept-Encoding': BROWSER,
      'Available-Dictionary': available(OLD_TEXT),
    });
    expect(reply.headers.get('content-encoding')).toBe('br');
  });

  it('is for its successor, where a browser has https: it takes brotli there', async () => {
    const https = await ask(NEW, { 'Accept-Encoding': BROWSER });
    expect(https.headers.get('use-as-dictionary')).toBe('match="/assets/engine-*.js"');
    const http = await ask(NEW, { 'Accept-Encoding': 'gzip, deflate' });
    expect(http.headers.get('use-as-dictionary')).toBeNull();
  });

  it('answers HEAD as GET, without the body', async () => {
    const headers = { 'Accept-Encoding': BROWSER, 'Available-Dictionary': available(OLD_TEXT) };
    const [head, get] = [await ask(NEW, headers, 'HEAD'), await ask(NEW, headers)];
    expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers));
    expect((await bytesOf(head)).length).toBe(0);
  });

  it('is never cut by a Range: the whole delta comes', async () => {
    const headers = { 'Accept-Encoding': BROWSER, 'Available-Dictionary': available(OLD_TEXT) };
    const whole = await bytesOf(await ask(NEW, headers));
    const reply = await ask(NEW, { ...headers, Range: 'bytes=10-20' });
    expect([reply.status, reply.headers.get('content-range')]).toEqual([200, null]);
    expect(await bytesOf(reply)).toEqual(whole);
  });

  it('is good still, whatever form of it a browser has; a form of another file is not', async () => {
    const whole = { 'Accept-Encoding': BROWSER };
    const delta = { ...whole, 'Available-Dictionary': available(OLD_TEXT) };
    const tags = [await ask(NEW), await ask(NEW, whole), await ask(NEW, delta)].map(
      (reply) => reply.headers.get('etag') ?? '',
    );
    expect(new Set(tags).size).toBe(3);
    for (const tag of tags) {
      const reply = await ask(NEW, { ...whole, 'If-None-Match': tag });
      expect([reply.status, reply.headers.get('etag'), reply.headers.get('content-encoding')]).toEqual([
        304,
        tag,
        null,
      ]);
    }
    const old = (await ask(OLD, whole)).headers.get('etag') ?? '';
    expect((await ask(NEW, { ...whole, 'If-None-Match': old })).status).toBe(200);
    expect((await ask(NEW, { ...whole, 'If-None-Match': `${tags[0]?.slice(0, -1)}` })).status).toBe(200);
  });
});

describe('deltas on the disk', () => {
  const headers = { 'Accept-Encoding': BROWSER, 'Available-Dictionary': available(OLD_TEXT) };

  it('are made once, and read by the next start', async () => {
    await Promise.all([ask(NEW, headers), ask(NEW, headers)]);
    const names = readdirSync(deltaFolder());
    expect(names).toEqual([`${OLD}..${NEW}.dcb`]);
    const path = join(deltaFolder(), names[0] as string);
    const { ino } = statSync(path);
    const again = await startHub();
    expect(await bytesOf(await again(NEW, headers))).toEqual(readFileSync(path));
    expect(statSync(path).ino).toBe(ino);
  });

  it('are made anew where the disk has spoiled them', async () => {
    const good = await bytesOf(await ask(NEW, headers));
    const path = join(deltaFolder(), `${OLD}..${NEW}.dcb`);
    const again = await startHub();
    writeFileSync(path, good.subarray(0, good.length - 3));
    expect(await bytesOf(await again(NEW, headers))).toEqual(good);
    expect(readFileSync(path)).toEqual(good);
  });

  it('go with the build that they lead to, and with the one that they come from', async () => {
    await ask(NEW, headers);
    build({ 'engine-CCCCCCCC.js': `${NEW_TEXT} more();` });
    const third = await startHub();
    expect(readdirSync(deltaFolder())).toEqual([]);
    // Two builds back is as good.
    for (const text of [OLD_TEXT, NEW_TEXT]) {
      const reply = await third('engine-CCCCCCCC.js', { ...headers, 'Available-Dictionary': available(text) });
      expect(reply.headers.get('content-encoding')).toBe('dcb');
    }
    expect(readdirSync(deltaFolder()).length).toBe(2);
  });

  it('are not made for files of older builds', async () => {
    const reply = await ask(OLD, { ...headers, 'Available-Dictionary': available(NEW_TEXT) });
    expect([reply.status, reply.headers.get('content-encoding')]).toEqual([200, 'br']);
  });
});
