import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { drawnCuts, openWindows } from '../../support/bad-link.ts';
import { type LinkProxy, startProxy } from '../../support/proxy.ts';

let server: Server;
let link: LinkProxy;
beforeEach(async () => {
  server = createServer((_, reply) => reply.end('here'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  link = await startProxy({ target: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  await link.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

it('a seed cuts the same share of connections at the same bytes', () => {
  const options = { share: 0.2, within: 1000, kinds: ['reset', 'silent'] } as const;
  const plan = drawnCuts({ seed: 1, ...options });
  const cuts = Array.from({ length: 5000 }, (_, n) => plan(n));
  expect(cuts).toEqual(Array.from({ length: 5000 }, (_, n) => drawnCuts({ seed: 1, ...options })(n)));
  expect(cuts).not.toEqual(Array.from({ length: 5000 }, (_, n) => drawnCuts({ seed: 2, ...options })(n)));
  const cut = cuts.filter((one) => one !== undefined);
  expect(cut.length / 5000).toBeCloseTo(0.2, 1);
  const places = cut.map(({ at }) => at);
  expect(Math.min(...places)).toBeGreaterThanOrEqual(1);
  expect(Math.min(...places)).toBeLessThan(20);
  expect(Math.max(...places)).toBeLessThanOrEqual(1000);
  expect(Math.max(...places)).toBeGreaterThan(980);
  expect(cut.filter(({ kind }) => kind === 'silent').length / cut.length).toBeCloseTo(0.5, 1);
});

const isUp = (): Promise<boolean> =>
  fetch(link.url, { signal: AbortSignal.timeout(100) }).then(
    () => true,
    () => false,
  );

it.each(['reset', 'silent'] as const)('a link comes and goes, and is %s meanwhile', async (kind) => {
  const began = performance.now();
  const opened: [n: number, at: number][] = [];
  const end = openWindows(link, {
    before: 300,
    up: 600,
    down: 400,
    kind,
    onOpen: (n) => opened.push([n, performance.now() - began]),
  });
  expect(await isUp()).toBe(false);
  await expect.poll(() => opened.length).toBe(1);
  expect(await isUp()).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 650));
  expect(await isUp()).toBe(false);
  await expect.poll(() => opened.length).toBe(2);
  end();
  const [[, first], [, second]] = opened as [[number, number], [number, number]];
  expect(first).toBeGreaterThanOrEqual(295);
  expect(second - first).toBeGreaterThanOrEqual(995);
  // Ended, it stays as it was.
  await new Promise((resolve) => setTimeout(resolve, 650));
  expect(await isUp()).toBe(true);
});
