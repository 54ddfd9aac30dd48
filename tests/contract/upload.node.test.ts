import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RelaisError } from '../../src/core/errors.ts';
import { type Envelope, encodeBatch } from '../../src/core/protocol/envelope.ts';
import { parseReply } from '../../src/core/protocol/receipt.ts';
import { OFFSET, uploadName, uploadTag } from '../../src/core/protocol/upload.ts';
import type { LibraryState, Transport } from '../../src/core/sync/ports.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { never, sealedAnswer, testLetter } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';

/** Batches of answers over a link that is cut while they go up. */

let hub: Hub;
let link: LinkProxy;
let transport: Transport;
let state: LibraryState;
let uploads: string;
/** Of the device: no answer has the number of another. */
let n = 0;

beforeAll(async () => {
  hub = await startHub();
  uploads = join(hub.dataDir, 'uploads');
  const library = new MemoryLibrary();
  await library.want('fr');
  const direct = fetchTransport(webPlatform, hub.url, new Meter(webPlatform.now, false));
  await pull({ platform: webPlatform, store: library, transport: direct }, never);
  state = (await library.library()) as LibraryState;
});
afterAll(() => hub.remove());
beforeEach(async () => {
  link = await startProxy({ target: hub.port, bytesPerSecond: 30_000 });
  transport = fetchTransport(webPlatform, link.url, new Meter(webPlatform.now, false));
});
afterEach(() => link.close());

const sealed = (words = 'a few words'): Promise<Envelope> =>
  sealedAnswer(webPlatform, state.root, ++n, testLetter({ words }));
const several = async (count: number): Promise<Envelope[]> => {
  const list: Envelope[] = [];
  while (list.length < count) list.push(await sealed());
  return list;
};
const send = async (envelopes: readonly Envelope[]): Promise<string[]> =>
  parseReply(await transport.postBatch(encodeBatch(envelopes), never)).results.map(({ status }) => status);

/** One try that is cut once so many bytes have gone up: what became of the answers, or undefined. */
const tryUntil = async (bytes: number, envelopes: readonly Envelope[]): Promise<string[] | undefined> => {
  const start = link.up();
  let done = false;
  const trying = send(envelopes)
    .catch((error: RelaisError) => {
      expect(error.code).toBe('no-link');
      return undefined;
    })
    .finally(() => {
      done = true;
    });
  while (!done && link.up() - start < bytes) await new Promise((resolve) => setTimeout(resolve, 2));
  if (!done) {
    link.cut();
    link.restore();
  }
  return trying;
};

const methods = (): string[] => link.log().map(({ method }) => method);
/** What a request and its answer take besides their bodies. */
const HEADERS = 700;

it('a batch that is cut every 8 kB arrives, and each cut costs less than a kilobyte', async () => {
  const envelopes = await several(20);
  const { length } = encodeBatch(envelopes);
  let cuts = 0;
  for (;;) {
    const statuses = await tryUntil(8_000, envelopes);
    if (statuses) {
      expect(statuses).toEqual(envelopes.map(() => 'stored'));
      break;
    }
    cuts++;
  }
  expect(cuts).toBeGreaterThan(2);
  // To ask what is there takes the headers of a request of its own.
  expect(link.up() - length).toBeLessThan(HEADERS + cuts * (1024 + 2 * HEADERS));
  expect(methods().at(-1)).toBe('PATCH');
});

it('a reply that is lost costs no second upload', async () => {
  const envelopes = await several(10);
  const { length } = encodeBatch(envelopes);
  const lost = link.loseReply(/^POST/);
  expect(await tryUntil(Number.POSITIVE_INFINITY, envelopes)).toBeUndefined();
  await lost;
  expect(await send(envelopes)).toEqual(envelopes.map(() => 'duplicate'));
  expect(methods()).toEqual(['POST', 'HEAD', 'PATCH']);
  expect(link.up() - length).toBeLessThan(3 * HEADERS);
});

it('receipts come back in brotli or gzip for whoever takes it', async () => {
  const body = encodeBatch(await several(10));
  const reply = async (encoding: string): Promise<number> => {
    link.reset();
    const headers = { 'Accept-Encoding': encoding };
    const response = await fetch(`${link.url}/o/batch`, { method: 'POST', body, headers });
    expect(parseReply(await response.json()).results).toHaveLength(10);
    return link.down();
  };
  const plain = await reply('identity');
  const gzip = await reply('gzip');
  expect(gzip).toBeLessThan(0.75 * plain);
  expect(await reply('gzip, br')).toBeLessThan(gzip - 50);
});

it('answers that were added meanwhile go up behind what is there', async () => {
  const envelopes = await several(8);
  expect(await tryUntil(6_000, envelopes)).toBeUndefined();
  const more = [...envelopes, await sealed()];
  link.reset();
  expect(await send(more)).toEqual(more.map(() => 'stored'));
  expect(methods()).toEqual(['HEAD', 'PATCH']);
  expect(link.up()).toBeLessThan(encodeBatch(more).length - 3_000);
});

it('what arrived is told while the connection that brought it hangs', async () => {
  const batch = encodeBatch(await several(4));
  const name = uploadName(batch) as string;
  const socket = connect({ host: 'localhost', port: hub.port });
  const head = `POST /o/batch HTTP/1.1\r\nHost: localhost:${hub.port}\r\nContent-Length: ${batch.length}\r\n\r\n`;
  socket.write(head);
  socket.write(batch.subarray(0, 3_000));
  await expect.poll(() => offsetOf(name)).toBe(3_000);
  socket.destroy();
});

const offsetOf = async (name: string): Promise<number> => {
  const { status, headers } = await fetch(`${hub.url}/o/batch/${name}`, { method: 'HEAD' });
  return status === 200 ? Number(headers.get(OFFSET)) : 0;
};

it('a try without any link is followed by one request', async () => {
  const envelopes = await several(6);
  link.cut();
  await expect(send(envelopes)).rejects.toMatchObject({ code: 'no-link' });
  link.restore();
  link.reset();
  expect(await send(envelopes)).toEqual(envelopes.map(() => 'stored'));
  expect(methods()).toEqual(['POST']);
});

it('another realm asks before it sends a large batch, and not before a small one', async () => {
  const large = await several(20);
  expect(await tryUntil(8_000, large)).toBeUndefined();
  const small = await several(10);
  link.reset();
  transport = fetchTransport(webPlatform, link.url, new Meter(webPlatform.now, false));
  await send(small);
  await send(large);
  expect(methods()).toEqual(['POST', 'HEAD', 'PATCH']);
});

it('what is damaged at the hub, or gone, is sent again', async () => {
  const envelopes = await several(6);
  const name = uploadName(encodeBatch(envelopes)) as string;
  expect(await tryUntil(5_000, envelopes)).toBeUndefined();
  writeFileSync(
    join(uploads, name),
    encodeBatch(envelopes).map((byte, at) => (at === 900 ? byte ^ 1 : byte)),
  );
  link.reset();
  expect(await send(envelopes)).toEqual(envelopes.map(() => 'stored'));
  expect(methods()).toEqual(['HEAD', 'POST']);

  const others = await several(6);
  expect(await tryUntil(5_000, others)).toBeUndefined();
  rmSync(uploads, { recursive: true });
  link.reset();
  expect(await send(others)).toEqual(others.map(() => 'stored'));
  expect(methods()).toEqual(['HEAD', 'POST']);
});

it.each([403, 404, 405, 412, 501])(
  'where something in between answers a PATCH with %i, all of it is sent',
  async (status) => {
    const envelopes = await several(6);
    expect(await tryUntil(5_000, envelopes)).toBeUndefined();
    link.reset();
    link.interceptOnce(({ method }) => (method === 'PATCH' ? { status, body: '<html>no' } : undefined));
    expect(await send(envelopes)).toEqual(envelopes.map(() => 'stored'));
    expect(methods()).toEqual(['HEAD', 'PATCH', 'POST']);
  },
);

it('where nobody ever answers a HEAD, all of it is sent after two', async () => {
  const envelopes = await several(6);
  expect(await tryUntil(5_000, envelopes)).toBeUndefined();
  link.reset();
  for (let i = 0; i < 3; i++) link.interceptOnce(({ method }) => (method === 'HEAD' ? 'reset' : undefined));
  for (let i = 0; i < 2; i++) await expect(send(envelopes)).rejects.toMatchObject({ code: 'no-link' });
  expect(await send(envelopes)).toEqual(envelopes.map(() => 'stored'));
  expect(methods().filter((method) => method === 'POST')).toHaveLength(1);
});

it('what is no batch is not kept', async () => {
  const before = existsSync(uploads) ? readdirSync(uploads).length : 0;
  for (const body of [new Uint8Array(5_000), new Uint8Array(5_000).fill(0x52), encodeBatch([]).slice(0, 3)])
    expect((await fetch(`${hub.url}/o/batch`, { method: 'POST', body })).status).toBe(400);
  expect(existsSync(uploads) ? readdirSync(uploads).length : 0).toBe(before);
});

it('goes on only from what it was told', async () => {
  const batch = encodeBatch(await several(4));
  const name = uploadName(batch) as string;
  await fetch(`${hub.url}/o/batch`, { method: 'POST', body: batch });
  const patch = async (offset: string, tag: string): Promise<number> => {
    const headers = { [OFFSET]: offset, 'If-Match': tag };
    const body = batch.slice(Number(offset) || 0);
    return (await fetch(`${hub.url}/o/batch/${name}`, { method: 'PATCH', headers, body })).status;
  };
  const tag = (end: number): Promise<string> => uploadTag(webPlatform, batch.subarray(0, end));
  expect(await patch('2000', await tag(2_000))).toBe(200);
  expect(await patch('2000', await tag(1_999))).toBe(412);
  expect(await patch('-1', await tag(2_000))).toBe(412);
  expect(await patch('x', await tag(2_000))).toBe(412);
  expect(await patch('99999', await tag(batch.length))).toBe(200);
  for (const path of ['..%2Fhub.sqlite', '..', 'a'.repeat(43)])
    expect((await fetch(`${hub.url}/o/batch/${path}`, { method: 'HEAD' })).status, path).toBe(404);
});

it('keeps the last sixty-four, and none of what is small', async () => {
  rmSync(uploads, { recursive: true, force: true });
  for (let i = 0; i < 70; i++) {
    const body = encodeBatch(await several(2));
    expect((await fetch(`${hub.url}/o/batch`, { method: 'POST', body })).status).toBe(200);
  }
  expect(readdirSync(uploads)).toHaveLength(64);
  const small = encodeBatch(await several(1));
  await fetch(`${hub.url}/o/batch`, { method: 'POST', body: small });
  expect(await offsetOf(uploadName(small) as string)).toBe(0);
});
