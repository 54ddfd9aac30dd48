import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Hub, startHub } from '../support/hub.ts';

/** What a hub on a Wi-Fi lets the app of its centre do, and nobody else. By plain requests: a browser does not let a test say where it is from. */

const APP = 'https://relais.example.org';
const OTHER = 'https://mauvais.example';

let centre: Hub;
let hub: Hub;
beforeAll(async () => {
  centre = await startHub();
  hub = await startHub({ upstream: centre.url, env: { SHELVES: 'fr', APP_ORIGIN: `${APP}/` } });
  const seq = async (): Promise<number> => ((await (await fetch(`${hub.url}/healthz`)).json()) as { seq: number }).seq;
  await vi.waitFor(async () => expect(await seq()).toBe(1), { timeout: 60_000, interval: 200 });
}, 90_000);
afterAll(async () => {
  await hub?.remove();
  await centre?.remove();
});

type Headers = Readonly<Record<string, string>>;
interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}
const ask = (path: string, method: string, headers: Headers, at = hub): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request(`${at.url}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    sent.once('error', reject);
    sent.end(method === 'POST' || method === 'PATCH' ? '{}' : undefined);
  });
const preflight = (path: string, origin: string, method: string, headers = ''): Promise<Reply> =>
  ask(path, 'OPTIONS', {
    Origin: origin,
    'Access-Control-Request-Method': method,
    ...(headers && { 'Access-Control-Request-Headers': headers }),
  });
const allowed = ({ headers }: Reply): unknown => headers['access-control-allow-origin'];

const WAYS = [
  ['/c/from/1/fr.pack', 'GET', 'range'],
  ['/c/head', 'GET', ''],
  ['/c/root/1.json', 'GET', ''],
  [`/b/ab/${'ab'.repeat(32)}`, 'GET', 'range'],
  ['/o/batch', 'POST', ''],
  ['/o/batch/01234567-abcd', 'HEAD', ''],
  ['/o/batch/01234567-abcd', 'PATCH', 'if-match,upload-offset'],
] as const;

describe('the app', () => {
  it.each(WAYS)('may ask %s by %s', async (path, method, headers) => {
    const reply = await preflight(path, APP, method, headers);
    expect([reply.status, allowed(reply)]).toEqual([204, APP]);
    expect(reply.headers['access-control-allow-methods']).toContain(method);
    const named = String(reply.headers['access-control-allow-headers']).toLowerCase();
    for (const name of headers.split(',')) expect(named).toContain(name);
    expect(reply.headers.vary).toBe('Origin');
    expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('reads what it needs of the answers', async () => {
    const part = await ask('/c/full/fr.pack', 'GET', { Origin: APP, Range: 'bytes=10-' });
    expect([part.status, allowed(part)]).toEqual([206, APP]);
    const told = String(part.headers['access-control-expose-headers']).toLowerCase();
    for (const name of ['content-range', 'content-encoding', 'etag', 'retry-after', 'upload-offset'])
      expect(told).toContain(name);
    expect(part.headers.vary).toContain('Origin');
    // Also where there is nothing, and where what was sent is refused: only then can it tell one from the other.
    const missing = await ask('/c/nothing', 'GET', { Origin: APP });
    expect([missing.status, allowed(missing)]).toEqual([404, APP]);
    const refused = await ask('/o/batch', 'POST', { Origin: APP, 'Sec-Fetch-Site': 'cross-site' });
    expect([refused.status, allowed(refused)]).toEqual([400, APP]);
  });

  it('is told that the library is still to come', async () => {
    const empty = await startHub({ upstream: 'http://localhost:9', env: { APP_ORIGIN: APP } });
    const reply = await ask('/c/head', 'GET', { Origin: APP }, empty);
    expect([reply.status, allowed(reply)]).toEqual([503, APP]);
    await empty.remove();
  });

  it.each(['/hub', '/inbox', '/o/plain', '/', '/fr/', '/shell', '/healthz', '/sw.js'])(
    'reads nothing of %s',
    async (path) => {
      expect(allowed(await preflight(path, APP, 'POST'))).toBeUndefined();
      expect(allowed(await ask(path, 'GET', { Origin: APP }))).toBeUndefined();
    },
  );

  it('cannot post what is not the protocol’s', async () => {
    for (const path of ['/hub', '/o/plain']) {
      const reply = await ask(path, 'POST', { Origin: APP, 'Sec-Fetch-Site': 'cross-site' });
      expect(reply.status, path).toBe(403);
    }
  });
});

describe('any other site', () => {
  it.each(WAYS)('may not ask %s by %s', async (path, method, headers) => {
    for (const origin of [OTHER, 'null', 'http://relais.example.org', `${APP}.mauvais.example`]) {
      expect(allowed(await preflight(path, origin, method, headers)), origin).toBeUndefined();
      expect(allowed(await ask(path, 'GET', { Origin: origin })), origin).toBeUndefined();
    }
  });

  it('is refused where its browser says so', async () => {
    const reply = await ask('/o/batch', 'POST', { Origin: OTHER, 'Sec-Fetch-Site': 'cross-site' });
    expect(reply.status).toBe(403);
  });
});

it('a hub that is told of no app lets none in', async () => {
  const reply = await ask('/c/head', 'GET', { Origin: APP }, centre);
  expect([reply.status, allowed(reply), reply.headers.vary]).toEqual([200, undefined, undefined]);
});
