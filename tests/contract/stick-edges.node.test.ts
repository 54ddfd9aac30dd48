import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MOST_FILE } from '../../server/carry/receive.ts';
import type { Publication } from '../../server/publish/history.ts';
import { itemId, writeBigLibrary } from '../support/big-library.ts';
import { seededBytes } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { mediaFile } from '../support/media.ts';

/** The pages that take and give sticks, where disk, memory or patience end. */

/** Nobody listens there. */
const NOWHERE = 'http://localhost:9';
const FULL_DISK = fileURLToPath(new URL('../support/full-disk.mjs', import.meta.url));

let folder: string;
let hubs: Hub[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relais-edges-'));
  hubs = [];
});
afterEach(async () => {
  for (const hub of hubs) await hub.remove();
  rmSync(folder, { recursive: true, force: true });
});
const start = async (options: Parameters<typeof startHub>[0]): Promise<Hub> => {
  const hub = await startHub(options);
  hubs.push(hub);
  return hub;
};

/** All files of a hub, but those of its databases, and locks, which come and go with its rounds. */
const filesOf = (hub: Hub): readonly string[] =>
  readdirSync(hub.dataDir, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/\.sqlite|\.lock/.test(path))
    .sort();

const signIn = async (hub: Hub): Promise<string> => {
  const body = JSON.stringify({ code: hub.code });
  const { headers } = await fetch(`${hub.url}/inbox/api/session`, { method: 'POST', body });
  return headers.get('set-cookie')?.split(';')[0] ?? '';
};
const desk = async (hub: Hub, path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${hub.url}/inbox/api/${path}`, { ...init, headers: { 'x-relais': 'inbox', cookie: await signIn(hub) } });

/** What a relay's page says to a file. */
const formIn = async (hub: Hub, file: Uint8Array<ArrayBuffer>): Promise<readonly [number, string]> => {
  const body = new FormData();
  body.set('code', hub.code);
  body.set('file', new File([file], 'relais.zip'));
  const headers = { 'Accept-Language': 'fr' };
  const response = await fetch(`${hub.url}/hub/stick/in`, { method: 'POST', body, headers });
  return [
    response.status,
    (await response.text()).replaceAll(/<style.*?<\/style>|<svg.*?<\/svg>|<[^>]*>/gs, ' ').replaceAll(/\s+/g, ' '),
  ];
};
const seqOf = async (hub: Hub): Promise<unknown> =>
  ((await (await fetch(`${hub.url}/healthz`)).json()) as { seq: number }).seq;

describe('a full disk', { timeout: 120_000 }, () => {
  const FULL = [507, expect.stringContaining('Disque plein. Faites de la place, puis ouvrez encore.')];

  it('is said, leaves nothing half done and all that was there, and the same file is taken once there is room', async () => {
    const roomFile = join(folder, 'room');
    const env = { NODE_OPTIONS: `--import=${FULL_DISK}`, ROOM_FILE: roomFile };
    const [centre, relay] = [await start({ env }), await start({ env, upstream: NOWHERE })];
    const zip = async (query: string) => new Uint8Array(await (await desk(centre, `carry.zip?${query}`)).arrayBuffer());
    const [small, texts] = [await zip('shelf=fr&media=0'), await zip('shelf=fr&shelf=ha&media=0')];
    const large = await zip('shelf=fr&shelf=ha&media=1');
    expect((await formIn(relay, small))[0]).toBe(200);
    const before = filesOf(relay);

    // In the file that comes, in a picture that is made of it, and in the pages.
    for (const [file, room] of [
      [large, large.length / 2],
      [large, large.length + 40_000],
      [texts, texts.length + 5_000],
    ] as const) {
      writeFileSync(roomFile, String(Math.floor(room)));
      expect(await formIn(relay, file), `${room} bytes`).toEqual(FULL);
      rmSync(roomFile);
      const more = filesOf(relay).filter((path) => !before.includes(path));
      // What came whole need not come again.
      expect(more.filter((path) => !path.startsWith('mirror/b') || path.endsWith('.new'))).toEqual([]);
      expect(filesOf(relay)).toEqual(expect.arrayContaining([...before]));
      expect(await seqOf(relay)).toBe(1);
      expect((await fetch(`${relay.url}/fr/`)).status).toBe(200);
      expect((await fetch(`${relay.url}/ha/`)).status).toBe(404);
    }
    writeFileSync(roomFile, '1000');
    const answered = await desk(centre, 'carry', { method: 'POST', body: large });
    expect([answered.status, await answered.json()]).toEqual([507, { error: 'full' }]);
    rmSync(roomFile);
    for (const hub of [centre, relay]) expect(filesOf(hub).filter((path) => path.startsWith('received/'))).toEqual([]);

    // Texts of Hausa were stored by a try that had no room for their pages. To whoever opens the file again they are new all the same.
    const [status, words] = await formIn(relay, large);
    const { shelves } = JSON.parse(readFileSync(join(relay.dataDir, 'history/1.json'), 'utf8')) as Publication;
    const said = `Nouveautés : ${shelves.ha?.length} Images et sons arrivés : \\d+ `;
    expect([status, words]).toEqual([200, expect.stringMatching(said)]);
    expect((await fetch(`${relay.url}/ha/akashganga`)).status).toBe(200);
    expect(await formIn(relay, large)).toEqual([200, expect.stringContaining('Rien de nouveau.')]);
  });
});

const MB = 1 << 20;

/** Sends so many bytes of nothing, and resolves to status and words. */
const sendNothing = async (hub: Hub, path: string, headers: OutgoingHttpHeaders, bytes: number, start = '') => {
  const zeros = function* () {
    yield Buffer.from(start);
    for (let left = bytes; left > 0; left -= MB) yield Buffer.alloc(Math.min(left, MB));
  };
  const all = { ...headers, 'Content-Length': start.length + bytes };
  const sending = request(`${hub.url}${path}`, { method: 'POST', headers: all });
  const reply = new Promise<readonly [number | undefined, string]>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', async (response) => {
      resolve([response.statusCode, Buffer.concat(await response.toArray()).toString()]);
    });
  });
  await pipeline(Readable.from(zeros()), sending);
  return reply;
};
const toCentre = async (hub: Hub, bytes: number) =>
  sendNothing(hub, '/inbox/api/carry', { 'x-relais': 'inbox', cookie: await signIn(hub) }, bytes);
/** As a form that never ends. */
const toRelay = (hub: Hub, bytes: number) => {
  const field = (name: string, value: string): string => `--x\r\nContent-Disposition: form-data; name="${name}${value}`;
  const start = `${field('code', `"\r\n\r\n${hub.code}\r\n`)}${field('file', '"; filename="a.zip"\r\n\r\n')}`;
  const headers = { 'Content-Type': 'multipart/form-data; boundary=x', 'Accept-Language': 'fr' };
  return sendNothing(hub, '/hub/stick/in', headers, bytes, start);
};

/** Looks every few milliseconds while something goes on. */
const whileIn = async <T>(work: Promise<T>, look: () => void): Promise<T> => {
  const timer = setInterval(look, 50);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
};

it('a file that is too large for a centre is refused before any of it is on the disk', {
  timeout: 120_000,
}, async () => {
  const centre = await start({});
  const sending = toCentre(centre, MOST_FILE + 1);
  const seen = new Set<string>();
  const answered = await whileIn(sending, () => {
    for (const path of filesOf(centre)) if (path.startsWith('received')) seen.add(path);
  });
  expect(answered).toEqual([413, '{"error":"too-large","most":512000000}']);
  expect([...seen]).toEqual([]);
});

/** What an operating system counts as a hub's memory, in bytes. */
const memoryOf = (hub: Hub): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(hub.pid())], { encoding: 'utf8' })) * 1024;

/** By how much it grows at most. */
const growthIn = async (hub: Hub, work: () => Promise<unknown>): Promise<number> => {
  const before = memoryOf(hub);
  let most = before;
  await whileIn(work(), () => {
    most = Math.max(most, memoryOf(hub));
  });
  return most - before;
};

/** Items with a recording each, that nobody could bear to hear: pages of Ogg with 64 kB of noise. */
const writeRecordings = (contentDir: string, count: number, pages: number): void => {
  writeBigLibrary(contentDir, count, 100);
  cpSync('content/forms', join(contentDir, 'forms'), { recursive: true });
  const noise = seededBytes('noise');
  const page = (n: number): Buffer => {
    const head = Buffer.alloc(27 + 255, 255);
    head.fill(0, 0, 27).write('OggS');
    head.writeUInt32LE(n, 18);
    head[26] = 255;
    return Buffer.concat([head, noise(255 * 255)]);
  };
  const more = Buffer.concat(Array.from({ length: pages }, (_, n) => page(n)));
  for (let n = 0; n < count; n++) {
    const item = join(contentDir, itemId(n));
    mkdirSync(join(item, 'media'));
    const own = Buffer.from(more);
    own.writeUInt32LE(n, 14);
    writeFileSync(join(item, 'media/fr.opus'), Buffer.concat([mediaFile('akashganga', 'fr.opus'), own]));
    const text = readFileSync(join(item, 'fr.md'), 'utf8');
    writeFileSync(
      join(item, 'fr.md'),
      text.replace('review:', 'recording: { file: fr.opus, by: "Noise", voice: synthetic }\nreview:'),
    );
  }
};

/** Above this, in bytes, some of what goes through would be in memory. */
const MOST_GROWTH = 100 * MB;
const LARGE = 200 * MB;

describe('the memory of a hub', { timeout: 240_000 }, () => {
  it('does not grow with what is downloaded from it', async () => {
    const contentDir = join(folder, 'content');

    writeRecordings(contentDir, 380, 8);

    const centre = await start({ stranger: true, env: { CONTENT_DIR: contentDir } });

    // What it took to publish is no measure.
    await centre.restart();
    const download = async (query: string): Promise<number> => {
      let bytes = 0;
      for await (const part of (await desk(centre, `carry.zip?${query}`)).body ?? []) bytes += part.length;
      return bytes;
    };
    await download('shelf=fr&media=0');
    let bytes = 0;
    const growth = await growthIn(centre, async () => {
      bytes = await download('shelf=fr&media=1');
    });
    expect(bytes).toBeGreaterThan(LARGE);
    expect(growth).toBeLessThan(MOST_GROWTH);
  });

  it('does not grow with what is uploaded to it', async () => {
    const [centre, relay] = [await start({}), await start({ upstream: NOWHERE })];
    for (const [hub, send] of [
      [centre, toCentre],
      [relay, toRelay],
    ] as const) {
      expect((await send(hub, MB))[0]).toBe(422);
      const growth = await growthIn(hub, async () => expect((await send(hub, LARGE))[0]).toBe(422));
      expect(growth).toBeLessThan(MOST_GROWTH);
    }
  });
});
