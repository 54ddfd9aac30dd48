import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slim } from '../../../../server/hub/slim.ts';

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
const sendSlowly = (path: string, ms: number): Promise<string> =>
  new Promise((resolve) => {
    let reply = '';
    let sent = 0;
    let timer: NodeJS.Timeout;
    const socket = connect(port, 'localhost', () => {
      socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n\r\n`);
      timer = setInterval(() => {
        if (sent++ < 4) socket.write('x');
      }, ms);
    });
    socket.on('data', (data) => {
      reply += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(reply);
    });
  });

describe('a request that takes too long to come', () => {
  it.each(['/o/batch', '/', '/hub/stick/out', '/hub/stick/input'])('is ended at %s, in words', async (path) => {
    expect(await sendSlowly(path, REQUEST_MS / 2)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each(['/hub/stick/in', '/inbox/api/carry', '/inbox/api/carry?x'])('may come to %s, with a file', async (path) => {
    expect(await sendSlowly(path, REQUEST_MS / 2)).toMatch(/^HTTP\/1\.1 200 .*4 bytes$/s);
  });

  it('is not what takes long to be answered, nor what follows on the same connection', async () => {
    expect(await sendSlowly('/o/batch', 1)).toMatch(/^HTTP\/1\.1 200 /);
    const post = () => fetch(`http://localhost:${port}/o/batch`, { method: 'POST', body: 'abc' });
    expect(await (await post()).text()).toBe('3 bytes');
    await new Promise((resolve) => setTimeout(resolve, REQUEST_MS + 100));
    expect(await (await post()).text()).toBe('3 bytes');
  });
});
