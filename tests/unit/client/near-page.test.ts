import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { serveNear } from '../../../src/client/near-page.ts';
import { Meter } from '../../../src/core/sync/traffic.ts';
import { type Carrier, counted } from '../../../src/engine/link.ts';
import { nearCarrier } from '../../../src/engine/near-carrier.ts';
import { codeFrom } from '../../support/fixtures.ts';

/** Both ends of the way from the data worker over its page to a hub on the Wi-Fi, whose address is led to a server of this machine. */

const HUB = 'http://192.168.1.5:8080';

let server: Server;
/** Addresses that were asked for, with what the page said besides. */
let asked: [string, Record<string, unknown>][];
let permission: string;
let channel: MessageChannel;
let carrier: Carrier;

beforeEach(async () => {
  server = createServer((request, reply) => {
    if (request.url === '/gone') return reply.writeHead(204).end();
    if (request.url === '/portal') return reply.writeHead(302, { Location: '/' }).end();
    if (request.url === '/cut') {
      reply.writeHead(200, { 'Content-Length': '10' });
      return reply.write('12345', () => setTimeout(() => request.socket.destroy(), 50));
    }
    if (request.url === '/silent') return reply.writeHead(200).write('1');
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () =>
      reply.writeHead(200, { ETag: '"x"' }).end(`${request.method} ${request.headers.range} ${body}`),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  asked = [];
  permission = 'granted';
  const real = fetch;
  vi.stubGlobal('fetch', (url: string, init: RequestInit & Record<string, unknown>) => {
    asked.push([url, init]);
    return real(url.replace(HUB, `http://127.0.0.1:${port}`), init);
  });
  vi.stubGlobal('navigator', {
    permissions: {
      query: async ({ name }: { readonly name: string }) => {
        if (name === 'local-network') throw new TypeError('not known here');
        return { state: permission };
      },
    },
  });
  channel = new MessageChannel();
  serveNear(channel.port2 as unknown as MessagePort);
  carrier = nearCarrier(channel.port1 as unknown as MessagePort);
});
afterEach(async () => {
  channel.port1.close();
  vi.unstubAllGlobals();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

it('follows nothing that leads elsewhere, whoever asks', async () => {
  expect((await carrier.fetch(`${HUB}/portal`, {})).status).toBe(302);
  expect(asked).toHaveLength(1);
});

it('carries method, headers and bodies, both ways, and says that the address is a local one', async () => {
  const init = { method: 'PATCH', headers: { Range: 'bytes=5-' }, body: new Uint8Array([104, 105]) };
  const reply = await carrier.fetch(`${HUB}/o/batch`, init);
  expect([reply.status, reply.headers.get('etag'), await reply.text()]).toEqual([200, '"x"', 'PATCH bytes=5- hi']);
  expect(asked[0]?.[1].targetAddressSpace).toBe('local');
  expect((await carrier.fetch(`${HUB}/gone`, {})).status).toBe(204);
});

it('tells a portal as one, and a cut as one', async () => {
  const meter = new Meter(Date.now, false);
  expect(await codeFrom(() => counted(meter, `${HUB}/portal`, {}, carrier))).toBe('no-link');
  const cut = await carrier.fetch(`${HUB}/cut`, {});
  const reader = cut.body?.getReader();
  expect((await reader?.read())?.value).toHaveLength(5);
  await expect(reader?.read()).rejects.toThrow();
});

it('ends what nobody waits for any more: the request, and a body that is under way', async () => {
  const early = new AbortController();
  early.abort();
  expect(await codeFrom(() => carrier.fetch(`${HUB}/`, { signal: early.signal }))).toBe('no-link');
  expect(asked).toEqual([]);
  const late = new AbortController();
  const reply = await carrier.fetch(`${HUB}/silent`, { signal: late.signal });
  const reader = reply.body?.getReader();
  await reader?.read();
  late.abort();
  await expect(reader?.read()).rejects.toThrow();
  expect(asked[0]?.[1]).toMatchObject({ signal: { aborted: true } });
});

it.each(['https://mauvais.example/', 'http://mauvais.example/', 'http://127.0.0.1:1/', 'http://8.8.8.8/', '/fr/'])(
  'goes nowhere but to the Wi-Fi: not to %s',
  async (url) => {
    expect(await codeFrom(() => carrier.fetch(url, {}))).toBe('no-link');
    expect(asked).toEqual([]);
  },
);

it('says where the browser may not go there', async () => {
  permission = 'denied';
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  const why = await carrier.fetch(`${HUB}/`, {}).catch((error) => error.details.why);
  permission = 'granted';
  const other = await carrier.fetch(`${HUB}/`, {}).catch((error) => error.details.why);
  expect([why, other]).toEqual(['denied', 'no-link']);
  server = createServer().listen(0);
});
