import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Hub, startHub } from '../support/hub.ts';

/** Settings of a hub in between that are mistyped: its page names them, since no waiting mends them. */

let started: Hub[] = [];
afterEach(async () => {
  for (const hub of started.splice(0)) await hub.remove();
});

const startOne = async (options: Parameters<typeof startHub>[0] = {}): Promise<Hub> => {
  const hub = await startHub(options);
  started = [hub, ...started];
  return hub;
};
/** Its own page, in English, without marks. */
const pageOf = async (hub: Hub): Promise<string> =>
  (await (await fetch(`${hub.url}/hub`, { headers: { 'Accept-Language': 'en' } })).text()).replace(
    /<style[\s\S]*?<\/style>|<[^>]*>/g,
    '',
  );
const says = (hub: Hub, words: string): Promise<void> =>
  expect.poll(() => pageOf(hub), { timeout: 60_000, interval: 300 }).toContain(words);
const isServed = async (hub: Hub): Promise<boolean> => (await fetch(`${hub.url}/fr/`)).ok;

describe('a language that the library does not have', { timeout: 120_000 }, () => {
  it('is named beside those that it has, and keeps none of these back', async () => {
    const centre = await startOne();
    const relay = await startOne({ upstream: centre.url, env: { SHELVES: 'fr,sn' } });
    await says(relay, 'Not in this library: sn. There are: ');
    await expect.poll(() => isServed(relay), { timeout: 60_000 }).toBe(true);
    const page = await pageOf(relay);
    expect(page).toMatch(/There are: [a-z, ]*fr[a-z, ]*\. Correct SHELVES\./);
    expect(page).not.toContain('still arriving');
    expect(page).not.toContain('chiShona');
    expect(page).not.toContain('UPSTREAM');
  });

  it('is named too where there is no other, and an empty library is not served', async () => {
    const centre = await startOne();
    const relay = await startOne({ upstream: centre.url, env: { SHELVES: 'xx' } });
    await says(relay, 'Not in this library: xx. There are: ');
    expect(await pageOf(relay)).toMatch(/There are: [a-z, ]*fr[a-z, ]*\. Correct SHELVES\./);
    expect((await fetch(`${relay.url}/fr/`)).status).toBe(503);
  });
});

describe('an address from which nothing ever came', { timeout: 120_000 }, () => {
  const expectNamed = async (upstream: string, ...words: readonly string[]): Promise<void> => {
    const relay = await startOne({ upstream, env: { SHELVES: 'fr' } });
    await says(relay, `Nothing has come yet. Check UPSTREAM: ${upstream}`);
    for (const one of words) expect(await pageOf(relay)).toContain(one);
  };

  it('is named with the reason: no machine is known by that name', () =>
    expectNamed('http://relais.invalid', 'This name is not known, or there is no network.'));

  it('is named with the reason: nothing answers at that port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const words = ['The machine is there, but nothing answers at this port.', 'ECONNREFUSED'];
    await expectNamed(`http://127.0.0.1:${port}`, ...words);
  });

  it.each([200, 404])('is named with the reason: a web page answers, with %i', async (status) => {
    const server = createServer((_, response) => {
      response.writeHead(status, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Hello</title>');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await expectNamed(`http://127.0.0.1:${port}`, 'What answers there is no library.');
    server.closeAllConnections();
    server.close();
  });

  it('is not doubted where a library came from it once', async () => {
    const centre = await startOne();
    const relay = await startOne({ upstream: centre.url, env: { SHELVES: 'fr' } });
    await expect.poll(() => isServed(relay), { timeout: 60_000 }).toBe(true);
    await centre.kill();
    await fetch(`${relay.url}/hub`, { method: 'POST', redirect: 'manual' });
    await says(relay, 'No network.');
    expect(await pageOf(relay)).not.toContain('UPSTREAM');
  });
});
