import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig, type Upstream } from '../../server/config.ts';
import { slim } from '../../server/hub/slim.ts';
import { openMirror } from '../../server/mirror/open-mirror.ts';
import { centreHere } from '../support/centre-here.ts';
import { sendSlowly } from '../support/slow-request.ts';

/** Whoever sends a stick's file slowly, to hubs with short limits. */

const STALL = 800;
/** Bytes a second: 3,200 in two such spans. */
const RECEIVE = { stall: STALL, leastRate: 2_000 };
const CODE = 'ABCD-EFGH-JKMN';
const APP = 'dist/app';

interface SlowHub {
  readonly dataDir: string;
  readonly port: number;
  /** Request line and headers of a file, and what stands before it. */
  readonly head: () => readonly string[];
  readonly start: (code?: string) => string;
}

let folder: string;
let centre: SlowHub;
let relay: SlowHub;
const closing: (() => void)[] = [];

const listen = async (app: Hono): Promise<number> => {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  slim(server);
  server.listen(0, 'localhost');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const openCentre = async (dataDir: string): Promise<SlowHub> => {
  const { app, close } = await centreHere(dataDir, CODE, RECEIVE);
  closing.push(close);
  const port = await listen(app);
  const body = JSON.stringify({ code: CODE });
  const { headers } = await fetch(`http://localhost:${port}/inbox/api/session`, { method: 'POST', body });
  const cookie = headers.get('set-cookie')?.split(';')[0];
  const head = () => ['POST /inbox/api/carry HTTP/1.1', `Cookie: ${cookie}`, 'X-Relais: inbox'];
  return { dataDir, port, head, start: () => '' };
};

const openRelay = async (dataDir: string): Promise<SlowHub> => {
  const config = readConfig({ DATA_DIR: dataDir, UPSTREAM: 'http://localhost:9' });
  const { app, code, close } = openMirror(config, config.upstream as Upstream, APP, () => {}, RECEIVE);
  closing.push(close);
  const field = (name: string, value: string): string =>
    `--x\r\nContent-Disposition: form-data; name="${name}"${value}`;
  const start = (typed = code): string =>
    `${field('code', `\r\n\r\n${typed}\r\n`)}${field('file', '; filename="a.zip"\r\n\r\n')}`;
  const type = 'Content-Type: multipart/form-data; boundary=x';
  const head = () => ['POST /hub/stick/in HTTP/1.1', type, 'Accept-Language: fr'];
  return { dataDir, port: await listen(app), head, start };
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relais-slow-'));
  centre = await openCentre(join(folder, 'centre'));
  relay = await openRelay(join(folder, 'relay'));
}, 120_000);
afterAll(() => {
  for (const close of closing.reverse()) close();
  rmSync(folder, { recursive: true, force: true });
});

interface Pace {
  /** Bytes of a part. */
  readonly part: number;
  /** Milliseconds between two of them. */
  readonly ms: number;
  /** Parts that are sent, of those that were announced. */
  readonly sent: number;
  readonly of: number;
}

/** Sends a file at some pace. Resolves to what came back until the connection ended. */
const send = (hub: SlowHub, { part, ms, sent, of }: Pace, code?: string): Promise<string> => {
  const start = hub.start(code);
  const end = start && '\r\n--x--\r\n';
  const length = start.length + part * of + end.length;
  const parts = Array.from({ length: sent }, () => new Uint8Array(part));
  const pieces = sent === of ? [start, ...parts, end] : [start, ...parts];
  return sendSlowly({ port: hub.port, head: [...hub.head(), `Content-Length: ${length}`], pieces, ms });
};
const received = ({ dataDir }: SlowHub): readonly string[] => {
  const path = join(dataDir, 'received');
  return existsSync(path) ? readdirSync(path) : [];
};

const STOPS: Pace = { part: 100, ms: STALL / 8, sent: 2, of: 1_000 };
const DRIPS: Pace = { part: 10, ms: STALL / 8, sent: 10_000, of: 10_000 };
const AT_ONCE: Pace = { part: 100, ms: 1, sent: 10, of: 10 };
/** Longer than a span, at ten times the rate that has to come. */
const STEADY: Pace = { part: 1_000, ms: 50, sent: 50, of: 50 };
/** Nothing but zeros: that is said once all of it has come. */
const READ = /^HTTP\/1\.1 422 /;

describe.each([
  ['centre', () => centre, '"no-link"'],
  ['hub in between', () => relay, 'Le fichier s’est arrêté en route.'],
] as const)('a file that comes slowly to a %s', (_, hubOf, words) => {
  it.each([
    ['stops', STOPS],
    ['comes a few bytes at a time', DRIPS],
  ])('is ended in words where it %s, and the next one is taken', { timeout: 30_000 }, async (__, pace) => {
    const hub = hubOf();
    const slow = send(hub, pace);
    await expect.poll(() => received(hub).length, { timeout: 10_000 }).toBe(1);
    // Meanwhile there is no second one.
    expect(await send(hub, AT_ONCE)).toMatch(/^HTTP\/1\.1 503 /);
    const reply = await slow;
    expect(reply).toMatch(/^HTTP\/1\.1 408 /);
    expect(reply).toContain(words);
    expect(received(hub)).toEqual([]);
    expect(await send(hub, AT_ONCE)).toMatch(READ);
  });

  it('is taken where it comes all the time', { timeout: 30_000 }, async () => {
    expect(await send(hubOf(), STEADY)).toMatch(READ);
  });
});

it('whoever has no code holds no connection by what nobody wants', { timeout: 30_000 }, async () => {
  expect(await send(relay, DRIPS, 'AAAA-BBBB-CCCC')).toMatch(/^HTTP\/1\.1 401 /);
});
