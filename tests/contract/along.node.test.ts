import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RelaisError } from '../../src/core/errors.ts';
import { alongside } from '../../src/core/sync/along.ts';
import { type PullResult, pull } from '../../src/core/sync/pull.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import type { Carrier } from '../../src/engine/link.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { never } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';

/** News of several languages in one request, from the real hub. */

const LANGUAGES = ['fr', 'en', 'ar'] as const;

let hub: Hub;
let library: MemoryLibrary;
let asked: string[];
/** Bytes of bodies. */
let down: number;
/** The next body breaks off after so many bytes. */
let cutAt = Number.POSITIVE_INFINITY;

beforeEach(async () => {
  hub = await startHub();
  library = new MemoryLibrary();
  for (const lang of LANGUAGES.toReversed()) await library.want(lang);
});
afterEach(() => hub.remove());

/** Hands on so many bytes of a body, and breaks off. */
const cut = (bytes: Uint8Array, length: number): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => controller.enqueue(bytes.slice(0, length)),
    pull: (controller) => (length < bytes.length ? controller.error(new TypeError('reset')) : controller.close()),
  });

const carrier: Carrier = {
  async fetch(url, init) {
    asked.push(url.slice(hub.url.length));
    const { status, headers, body } = await fetch(url, init);
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    const length = Math.min(bytes.length, cutAt);
    cutAt = Number.POSITIVE_INFINITY;
    down += length;
    return new Response(cut(bytes, length), { status, headers });
  },
};

const sync = (): Promise<PullResult> => {
  asked = [];
  down = 0;
  const transport = fetchTransport(webPlatform, hub.url, new Meter(webPlatform.now, false), carrier);
  const ports = { platform: webPlatform, store: library, transport };
  return pull({ ...ports, transport: alongside(ports) }, never);
};

/** Publishes with another summary of the same item in these languages. */
const edit = async (languages: readonly string[], words: string): Promise<void> => {
  for (const lang of languages) {
    const path = join(hub.contentDir, `niger-radio/${lang}.md`);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^summary: .*$/m, `summary: "${words}"`));
  }
  expect((await hub.publish()).output).toContain('Published');
};

const bases = async (): Promise<number[]> =>
  Promise.all(LANGUAGES.map(async (lang) => (await library.shelf(lang)).baseSeq));

it('brings the news of all its languages with the first, and only of those that have some', async () => {
  await sync();
  await edit(LANGUAGES, 'One.');
  expect(Object.keys((await sync()).changed).sort()).toEqual([...LANGUAGES].sort());
  expect(asked).toEqual(['/c/from/1/fr.pack?also=en,ar']);
  const ofAll = down;
  await edit(['ar'], 'Two.');
  expect((await sync()).changed).toEqual({ ar: ['niger-radio'] });
  // The words of French and English, which did not change, did not come.
  expect(down).toBeLessThan(ofAll * 0.7);
  expect(asked).toEqual(['/c/from/2/fr.pack?also=en,ar']);
  expect(await bases()).toEqual([3, 3, 3]);
  await sync();
  expect(asked).toEqual(['/c/from/3/fr.pack?also=en,ar']);
  expect(down).toBeLessThan(300);
});

it('goes on where the reply was cut, wherever that was', async () => {
  await sync();
  const before = library.data;
  await edit(LANGUAGES, 'One.');
  await sync();
  const [length, after] = [down, library.data];
  let again = 0;
  for (let at = 0; at <= length; at += Math.ceil(length / 100)) {
    library.data = before;
    cutAt = at;
    await sync().catch((error: RelaisError) => expect(error.code).toBe('no-link'));
    const first = down;
    await sync();
    expect(library.data.shelves, `${at}`).toEqual(after.shelves);
    again = Math.max(again, first + down - length);
  }
  // Of each language that was not here whole, its head once more.
  expect(again).toBeLessThan(1024 + LANGUAGES.length * 700);
});

it('adds nothing to what is no news, and nothing for names that are none', async () => {
  const { url } = hub;
  const plain = await (await fetch(`${url}/c/full/fr.pack`)).arrayBuffer();
  const withQuery = await (await fetch(`${url}/c/full/fr.pack?also=en,ar`)).arrayBuffer();
  expect(Buffer.from(withQuery)).toEqual(Buffer.from(plain));
  for (const also of ['', '../../../../etc/passwd', 'nobody', 'fr%00', ',,,', 'en'.repeat(4_000)]) {
    const reply = await fetch(`${url}/c/from/1/fr.pack?also=${also}`);
    expect(reply.status, also).toBeLessThan(500);
    const alone = await fetch(`${url}/c/from/1/fr.pack`);
    if (reply.ok) expect((await reply.arrayBuffer()).byteLength).toBe((await alone.arrayBuffer()).byteLength);
  }
});
