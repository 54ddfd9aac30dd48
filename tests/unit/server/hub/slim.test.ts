import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slim } from '../../../../server/hub/slim.ts';
import { sendSlowly } from '../../../support/slow-request.ts';

/** Milliseconds that a request may take to come. */
const REQUEST_MS = 300;

const app = new Hono();
app.post('*', async (context) => context.text(`${(await context.req.arrayBuffer()).byteLength} bytes`));
const server = createAdaptorServer({ fetch: app.fetch });
slim(server, REQUEST_MS);
let port: number;
beforeAll(async () => {
  server.listen(0, 'localhost');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());

/** Sends four bytes of a body, one every `ms` milliseconds. Resolves to what came back until the connection ended. */
const sendFour = (path: string, ms: number): Promise<string> =>
  sendSlowly({ port, head: [`POST ${path} HTTP/1.1`, 'Content-Length: 4'], pieces: 'xxxx', ms });

describe('a request that takes too long to come', () => {
  it.each(['/o/batch', '/', '/hub/stick/out', '/hub/stick/input'])('is ended at %s, in words', async (path) => {
    expect(await sendFour(path, REQUEST_MS / 2)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each(['/hub/stick/in', '/inbox/api/carry', '/inbox/api/carry?x'])('may come to %s, with a file', async (path) => {
    expect(await sendFour(path, REQUEST_MS / 2)).toMatch(/^HTTP\/1\.1 200 .*4 bytes$/s);
  });

  it('is not what takes long to be answered, nor what follows on the same connection', async () => {
    expect(await sendFour('/o/batch', 1)).toMatch(/^HTTP\/1\.1 200 /);
    const post = () => fetch(`http://localhost:${port}/o/batch`, { method: 'POST', body: 'abc' });
    expect(await (await post()).text()).toBe('3 bytes');
    await new Promise((resolve) => setTimeout(resolve, REQUEST_MS + 100));
    expect(await (await post()).text()).toBe('3 bytes');
  });
});
