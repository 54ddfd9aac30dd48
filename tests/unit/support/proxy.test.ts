import { createHash, randomBytes } from 'node:crypto';
import { Agent, createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LinkProxy, type ProxyOptions, startProxy } from '../../support/proxy.ts';

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const big = randomBytes(100_000);

interface Seen {
  method: string;
  url: string;
  bytes: number;
  hash: string;
}

let seen: Seen[] = [];
let server: Server;
let target = 0;
let proxy: LinkProxy;
let agent: Agent;

interface Answer {
  status: number;
  type: string | undefined;
  body: Buffer;
}

const ask = (path: string, body?: Uint8Array | readonly Uint8Array[]): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const method = body ? 'POST' : 'GET';
    const sent = request({ host: '127.0.0.1', port: proxy.port, path, method, agent }, (reply) => {
      const parts: Buffer[] = [];
      reply.on('data', (part: Buffer) => parts.push(part));
      reply.on('error', reject);
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 0, type: reply.headers['content-type'], body: Buffer.concat(parts) }),
      );
    });
    sent.on('error', reject);
    // More than one part goes out chunked.
    if (body instanceof Uint8Array) sent.end(body);
    else {
      for (const part of body ?? []) sent.write(part);
      sent.end();
    }
  });

/** Says exactly `text` and gives all that came back until the other side closed. */
const say = (text: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(proxy.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('end', () => resolve(Buffer.concat(parts)));
  });

const start = async (options: Omit<ProxyOptions, 'target'> = {}): Promise<void> => {
  proxy = await startProxy({ target, ...options });
};

beforeEach(async () => {
  seen = [];
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  server = createServer(async (asked, reply) => {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const part of asked) {
      bytes += part.length;
      hash.update(part);
    }
    seen.push({ method: asked.method ?? '', url: asked.url ?? '', bytes, hash: hash.digest('hex') });
    if (asked.url === '/big') reply.setHeader('Content-Length', big.length).end(big);
    else reply.end(`hello ${asked.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  agent.destroy();
  await proxy.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('counting', () => {
  it('counts every byte of a connection, both ways', async () => {
    await start();
    const text = 'GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const answer = await say(text);
    expect(answer.toString()).toMatch(/hello \/one/);
    expect(proxy.up()).toBe(text.length);
    expect(proxy.down()).toBe(answer.length);
    expect(proxy.log()).toEqual([{ method: 'GET', path: '/one', upBytes: text.length, downBytes: answer.length }]);
    proxy.reset();
    expect([proxy.up(), proxy.down(), proxy.requests(), proxy.log()]).toEqual([0, 0, 0, []]);
  });

  it('counts requests of a kept connection, also behind bodies with a length and in chunks', async () => {
    await start();
    const trap = Buffer.from('GET /not-a-request HTTP/1.1\r\n\r\n');
    await ask('/a');
    await ask('/b', trap);
    await ask('/c', [trap, trap, Buffer.from('x')]);
    await ask('/big');
    expect(seen.map(({ url, bytes }) => [url, bytes])).toEqual([
      ['/a', 0],
      ['/b', trap.length],
      ['/c', 2 * trap.length + 1],
      ['/big', 0],
    ]);
    expect(proxy.requests()).toBe(4);
    const log = proxy.log();
    expect(log.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /a', 'POST /b', 'POST /c', 'GET /big']);
    expect(log[3]?.downBytes).toBeGreaterThan(big.length);
    expect(log.reduce((sum, { upBytes }) => sum + upBytes, 0)).toBe(proxy.up());
    expect(log.reduce((sum, { downBytes }) => sum + downBytes, 0)).toBe(proxy.down());
  });

  it('counts a request whose head comes in pieces', async () => {
    await start();
    const text = 'GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const answer = await new Promise<string>((resolve, reject) => {
      let got = '';
      const socket = connect(proxy.port, '127.0.0.1', async () => {
        socket.setNoDelay(true);
        for (const letter of text) {
          socket.write(letter);
          await pause(0);
        }
      });
      socket.on('data', (part) => {
        got += part;
      });
      socket.on('error', reject);
      socket.on('end', () => resolve(got));
    });
    expect(answer).toMatch(/hello \/slow/);
    expect(proxy.log().map(({ path }) => path)).toEqual(['/slow']);
    expect(proxy.up()).toBe(text.length);
  });

  it('passes on what follows an upgrade', async () => {
    await start();
    server.on('upgrade', (_asked, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
      socket.on('error', () => {});
      socket.on('data', (part: Buffer) => socket.end(part));
    });
    const got = await new Promise<string>((resolve, reject) => {
      let all = '';
      const socket = connect(proxy.port, '127.0.0.1', () =>
        socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n'),
      );
      socket.once('data', () => socket.write('GET is no request here'));
      socket.on('data', (part) => {
        all += part;
      });
      socket.on('error', reject);
      socket.on('end', () => resolve(all));
    });
    expect(got).toMatch(/^HTTP\/1\.1 101 .*GET is no request here$/s);
    expect(proxy.requests()).toBe(1);
  });
});

describe('throttling', () => {
  it('keeps order and content, down and up', async () => {
    await start({ bytesPerSecond: 200_000, rttMs: 100 });
    const began = performance.now();
    const answer = await ask('/big');
    expect(sha256(answer.body)).toBe(sha256(big));
    expect(performance.now() - began).toBeGreaterThan(0.6 * 600);
    const between = performance.now();
    await ask('/up', big);
    expect(seen[1]).toMatchObject({ bytes: big.length, hash: sha256(big) });
    expect(performance.now() - between).toBeGreaterThan(0.6 * 600);
  });

  it('shares one link among connections', async () => {
    await start({ bytesPerSecond: 400_000 });
    agent.maxSockets = 3;
    const began = performance.now();
    const answers = await Promise.all([ask('/big'), ask('/big'), ask('/big')]);
    expect(answers.map(({ body }) => sha256(body))).toEqual(Array(3).fill(sha256(big)));
    expect(performance.now() - began).toBeGreaterThan(0.6 * 750);
  });

  it('delivers queued bytes before it passes on the end of a connection', async () => {
    await start({ bytesPerSecond: 200_000 });
    const answer = await say('GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(sha256(answer.subarray(-big.length))).toBe(sha256(big));
    expect(proxy.down()).toBe(answer.length);
  });

  it('changes its speed while bytes are under way', async () => {
    await start({ bytesPerSecond: 2000 });
    const answer = ask('/big');
    await pause(50);
    expect(proxy.down()).toBeLessThan(big.length);
    proxy.set({ bytesPerSecond: Number.POSITIVE_INFINITY });
    expect(sha256((await answer).body)).toBe(sha256(big));
    expect(() => proxy.set({ bytesPerSecond: 0 })).toThrow(RangeError);
  });

  it('moves more than its queue holds', async () => {
    await start();
    const huge = randomBytes(3_000_000);
    await ask('/up', huge);
    expect(seen[0]).toMatchObject({ bytes: huge.length, hash: sha256(huge) });
  });
});

describe('outages', () => {
  it('cut reset breaks open and new connections until restore', async () => {
    await start({ bytesPerSecond: 20_000 });
    const broken = ask('/big').catch((error: NodeJS.ErrnoException) => error.code);
    await expect.poll(() => seen.length).toBe(1);
    proxy.cut();
    expect(await broken).toBe('ECONNRESET');
    await expect(ask('/new')).rejects.toThrow();
    await expect(ask('/newer')).rejects.toThrow();
    proxy.restore();
    expect((await ask('/back')).status).toBe(200);
    expect(seen.map(({ url }) => url)).toEqual(['/big', '/back']);
  });

  it('cut silent holds everything and restore lets it flow on', async () => {
    await start();
    await ask('/before');
    proxy.cut('silent');
    agent.maxSockets = 2;
    let settled = 0;
    const count = (answer: Answer): Answer => {
      settled += 1;
      return answer;
    };
    const held = [ask('/kept').then(count), ask('/new').then(count)];
    const bytes = proxy.up();
    await pause(100);
    expect([settled, seen.length, proxy.up()]).toEqual([0, 1, bytes]);
    proxy.restore();
    const answers = await Promise.all(held);
    expect(answers.map(({ body }) => `${body}`)).toEqual(['hello /kept', 'hello /new']);
  });

  it('a request that is given up in silence holds nobody up afterwards', async () => {
    await start({ bytesPerSecond: 1_000_000 });
    proxy.cut('silent');
    const gaveUp = fetch(`${proxy.url}/gone`, { signal: AbortSignal.timeout(50) });
    await expect(gaveUp).rejects.toThrow(/timeout/);
    expect(proxy.requests()).toBe(0);
    proxy.restore();
    expect((await ask('/after')).status).toBe(200);
  });

  it('looks like a broken connection while the server is down', async () => {
    await start();
    await new Promise((resolve) => server.close(resolve));
    await expect(ask('/dead')).rejects.toThrow();
    await new Promise<void>((resolve) => server.listen(target, '127.0.0.1', resolve));
    expect((await ask('/alive')).status).toBe(200);
  });
});

describe('connections', () => {
  it('are as late as the round trips of their set-up', async () => {
    await start({ rttMs: 100, setUps: 15 });
    let began = performance.now();
    await ask('/first');
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_590);
    began = performance.now();
    await ask('/second');
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(seen.map(({ url }) => url)).toEqual(['/first', '/second']);
  });

  it('set up over a link that holds all bytes wait for its end', async () => {
    await start({ setUps: 1 });
    proxy.cut('silent');
    const held = ask('/held');
    await pause(100);
    expect(proxy.requests()).toBe(0);
    proxy.restore();
    expect((await held).status).toBe(200);
  });

  it('are cut at a byte, of both directions together, and the next one is not', async () => {
    await start();
    const head = 'GET /big HTTP/1.1\r\nHost: x\r\n\r\n';
    proxy.cutSome((n) => (n === 0 ? { at: head.length + 1000, kind: 'reset' } : undefined));
    const parts: Buffer[] = [];
    const socket = connect(proxy.port, '127.0.0.1', () => socket.write(head));
    socket.on('data', (part) => parts.push(part));
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
    expect(error.code).toBe('ECONNRESET');
    expect([Buffer.concat(parts).length, proxy.up(), proxy.down()]).toEqual([1000, head.length, 1000]);
    expect((await ask('/big')).body.equals(big)).toBe(true);
    expect(proxy.cuts()).toBe(1);
  });

  it('are cut within their request', async () => {
    await start();
    proxy.cutSome(() => ({ at: 10, kind: 'reset' }));
    await expect(ask('/never')).rejects.toThrow('ECONNRESET');
    expect([proxy.up(), proxy.requests(), seen]).toEqual([10, 0, []]);
    proxy.cutSome();
    expect((await ask('/again')).status).toBe(200);
  });

  it('fall silent at a byte, and hold nobody up', async () => {
    await start();
    proxy.cutSome((n) => (n === 0 ? { at: 5000, kind: 'silent' } : undefined));
    const response = await fetch(`${proxy.url}/big`, { signal: AbortSignal.timeout(1_000) });
    await expect(response.arrayBuffer()).rejects.toThrow(/timeout/);
    expect([proxy.up() + proxy.down(), proxy.cuts()]).toEqual([5000, 1]);
    expect((await ask('/after')).status).toBe(200);
  });

  it('that are cut lose what was on its way, and it is counted', async () => {
    await start({ bytesPerSecond: 20_000, rttMs: 400 });
    const broken = ask('/big').catch(() => {});
    // The link is full by then: 200 ms of bytes are on their way.
    await expect.poll(() => proxy.down(), { timeout: 5_000 }).toBeGreaterThan(8_000);
    expect(proxy.lost()).toBe(0);
    proxy.cut();
    await broken;
    expect(proxy.lost()).toBeGreaterThan(2_000);
    expect(proxy.lost()).toBeLessThan(20_000);
    proxy.reset();
    expect(proxy.lost()).toBe(0);
  });
});

describe('single requests', () => {
  it('loseReply delivers a request and drops its reply', async () => {
    await start();
    await ask('/warm');
    const down = proxy.down();
    const lost = proxy.loseReply(/^POST \/push/);
    await ask('/other');
    const other = proxy.down() - down;
    await expect(ask('/push', Buffer.from('one'))).rejects.toThrow();
    await lost;
    expect(seen.map(({ url, bytes }) => [url, bytes])).toEqual([
      ['/warm', 0],
      ['/other', 0],
      ['/push', 3],
    ]);
    expect(proxy.down()).toBe(down + other);
    expect(`${(await ask('/push', Buffer.from('again'))).body}`).toBe('hello /push');
  });

  it('loseReply can lose several', async () => {
    await start();
    const lost = proxy.loseReply(/ \/push /, 2);
    await expect(ask('/push', Buffer.from('one'))).rejects.toThrow();
    await expect(ask('/push', Buffer.from('two'))).rejects.toThrow();
    await lost;
    expect((await ask('/push', Buffer.from('three'))).status).toBe(200);
    expect(seen.map(({ bytes }) => bytes)).toEqual([3, 3, 5]);
  });

  it('portal answers everything itself while it is on', async () => {
    await start();
    await ask('/before');
    proxy.portal(true);
    const page = await ask('/api/x', big);
    expect([page.status, page.type]).toEqual([200, 'text/html']);
    expect(`${page.body}`).toMatch(/<form/);
    expect((await ask('/again')).type).toBe('text/html');
    proxy.portal(false);
    expect(`${(await ask('/after')).body}`).toBe('hello /after');
    expect(seen.map(({ url }) => url)).toEqual(['/before', '/after']);
    expect(proxy.requests()).toBe(4);
  });

  it('interceptOnce replaces one reply', async () => {
    await start();
    proxy.interceptOnce(({ method, path }) =>
      method === 'POST' && path === '/x' ? { status: 503, headers: { 'Retry-After': '1' }, body: 'busy' } : undefined,
    );
    expect((await ask('/x')).status).toBe(200);
    const busy = await ask('/x', Buffer.from('a'));
    expect([busy.status, `${busy.body}`]).toEqual([503, 'busy']);
    expect((await ask('/x', Buffer.from('b'))).status).toBe(200);
    proxy.interceptOnce(() => 'reset');
    await expect(ask('/x')).rejects.toThrow();
    proxy.interceptOnce(() => 'hang');
    await expect(fetch(`${proxy.url}/x`, { signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/);
    expect(seen.length).toBe(2);
  });
});
