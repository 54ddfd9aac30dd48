import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RelaisError } from '../../src/core/errors.ts';
import { MAX_PACK, readPack } from '../../src/core/pack/format.ts';
import { utf8 } from '../../src/core/protocol/bytes.ts';
import { MAX_BATCH_BODY } from '../../src/core/protocol/envelope.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { Meter, OVERHEAD } from '../../src/core/sync/traffic.ts';
import { deadlines } from '../../src/engine/link.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { codeFrom, never } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type CannedReply, type LinkProxy, startProxy } from '../support/proxy.ts';
import { HandPlatform } from './samples.ts';

/** The real `fetch` to the real hub, over a link that misbehaves when told to. */

const FULL = '/c/full/fr.pack';

let hub: Hub;
let link: LinkProxy;
let hand: HandPlatform;
let meter: Meter;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.remove());
beforeEach(async () => {
  link = await startProxy({ target: hub.port });
  hand = new HandPlatform();
  meter = new Meter(() => performance.now(), false);
});
afterEach(() => link.close());

const transport = () => fetchTransport(hand.platform, link.url, meter);
const get = (path = FULL, limit = MAX_PACK, signal = never) => transport().get(path, limit, signal);
const post = (batch: Uint8Array<ArrayBuffer>, signal = never) => transport().postBatch(batch, signal);
const EMPTY_BATCH = utf8('RLB\u0001');

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};
/** Slow enough that a pack is under way for a second. */
const slowly = (): void => link.set({ bytesPerSecond: 8_000 });
const underWay = (): Promise<void> =>
  until(() => link.down() > 1_000 && hand.timers.some(({ ms }) => ms === deadlines.stall));
/** Waits for a timer of `ms`, and lets it go off. */
const fire = async (ms: number): Promise<void> => {
  await until(() => hand.timers.some((timer) => timer.ms === ms));
  hand.fire(ms);
};

afterEach(() => {
  expect(hand.timers, 'timers that were left behind').toEqual([]);
});

describe('a file of the tree', () => {
  it('arrives whole', async () => {
    const fetched = await get();
    expect(fetched).toMatchObject({ found: true, whole: true });
    const pack = await readPack(hand.platform, fetched.found ? fetched.bytes : new Uint8Array(0));
    expect(pack.whole).toBe(true);
    expect(pack.sections.length).toBeGreaterThan(3);
  });

  it('is counted, with an estimate of what HTTP adds', async () => {
    const fetched = await get();
    const bytes = fetched.found ? fetched.bytes.length : 0;
    expect(meter.take()).toEqual({ up: OVERHEAD.up, down: OVERHEAD.down + bytes, requests: 1 });
    expect(meter.progress).toBeUndefined();
    link.cut();
    await codeFrom(() => get());
    expect(meter.take()).toEqual({ up: 0, down: 0, requests: 0 });
  });

  it('tells while it comes how much of it is here', async () => {
    const seen: (number | undefined)[][] = [];
    meter.onProgress = () => meter.progress && seen.push([meter.progress.done, meter.progress.total]);
    const fetched = await transport().get(FULL, MAX_PACK, never, { from: 1_000 });
    const total = 1_000 + (fetched.found ? fetched.bytes.length : 0);
    expect(seen.at(0)?.[0]).toBeGreaterThan(1_000);
    expect(seen.at(-1)).toEqual([total, total]);
  });

  it.each(['/c/full/tw.pack', '/c/from/999/fr.pack', '/c/root/99.json', '/c/nothing'])(
    'that is not there is not found: %s',
    async (path) => {
      expect(await get(path)).toEqual({ found: false });
    },
  );

  it('is refused where it is longer than it may be', async () => {
    expect(await codeFrom(() => get(FULL, 100))).toBe('too-large');
  });

  it('that is cut comes as far as it came', async () => {
    const whole = await get();
    slowly();
    link.reset();
    const fetching = get();
    await underWay();
    link.cut();
    const fetched = await fetching;
    expect(fetched).toMatchObject({ found: true, whole: false });
    if (!fetched.found || !whole.found) throw new Error('unreachable: both were found');
    expect(fetched.bytes.length).toBeGreaterThan(0);
    expect(fetched.bytes.length).toBeLessThan(whole.bytes.length);
    expect(Buffer.from(fetched.bytes).equals(whole.bytes.subarray(0, fetched.bytes.length))).toBe(true);
  });

  it('goes on where it was, and no byte comes twice', async () => {
    const whole = await get();
    if (!whole.found) throw new Error('unreachable: it is there');
    const seen: [at: number, length: number, last: boolean][] = [];
    const rest = await transport().get(FULL, MAX_PACK, never, {
      from: 1_000,
      onPart: async (at, part, last) => void seen.push([at, part.length, last]),
    });
    expect(rest).toEqual({ found: true, whole: true, at: 1_000, bytes: whole.bytes.subarray(1_000) });
    expect(seen[0]?.[0]).toBe(1_000);
    let next = 1_000;
    for (const [at, length, last] of seen) {
      expect(at).toBe(next);
      next += length;
      expect(last).toBe(next === whole.bytes.length);
    }
    expect(next).toBe(whole.bytes.length);
  });

  it('is whole where nothing is behind what is here', async () => {
    const whole = await get();
    const length = whole.found ? whole.bytes.length : 0;
    expect(await transport().get(FULL, MAX_PACK, never, { from: length })).toEqual({
      found: true,
      whole: true,
      at: length,
      bytes: new Uint8Array(0),
    });
  });

  it('that a server sends from its beginning says so', async () => {
    link.interceptOnce(() => ({ body: 'all of it', headers: { 'Content-Type': 'application/octet-stream' } }));
    expect(await transport().get(FULL, MAX_PACK, never, { from: 4 })).toMatchObject({
      at: 0,
      bytes: utf8('all of it'),
    });
  });

  it.each(['bytes 3-8/9', 'bytes */9', ''])('is no link where the part is another one: %j', async (range) => {
    link.interceptOnce(() => ({ status: 206, body: 'of it', headers: { 'Content-Range': range } }));
    expect(await codeFrom(() => transport().get(FULL, MAX_PACK, never, { from: 4 }))).toBe('no-link');
  });

  it('that is shorter than it says is cut', async () => {
    const headers = { 'Content-Range': 'bytes 4-11/12', 'Content-Type': 'application/octet-stream' };
    link.interceptOnce(() => ({ status: 206, body: 'of it', headers }));
    expect(await transport().get(FULL, MAX_PACK, never, { from: 4 })).toMatchObject({ whole: false });
  });

  it('that stalls comes as far as it came, once the stall is over the deadline', async () => {
    slowly();
    const fetching = get();
    await underWay();
    link.cut('silent');
    await fire(deadlines.stall);
    const fetched = await fetching;
    expect(fetched).toMatchObject({ found: true, whole: false });
    expect(fetched.found && fetched.bytes.length).toBeGreaterThan(0);
  });

  it('has the deadline of a stall again at each piece', async () => {
    let set = 0;
    const { after } = hand.platform;
    const platform = {
      ...hand.platform,
      after: (ms: number, fn: () => void) => {
        if (ms === deadlines.stall) set++;
        return after(ms, fn);
      },
    };
    slowly();
    await fetchTransport(platform, link.url, meter).get(FULL, MAX_PACK, never);
    expect(set).toBeGreaterThan(2);
  });

  it('that does not begin is no link, once the first byte is over its deadline', async () => {
    link.interceptOnce(() => 'hang');
    const fetching = codeFrom(() => get());
    await fire(deadlines.firstByte);
    expect(await fetching).toBe('no-link');
  });

  it.each([
    ['a link that is down', () => link.cut()],
    ['a connection that breaks before the reply', () => link.interceptOnce(() => 'reset')],
  ])('is no link over %s', async (_, breakIt) => {
    breakIt();
    expect(await codeFrom(() => get())).toBe('no-link');
  });

  it.each([
    [500, 'no-link'],
    [502, 'no-link'],
    [403, 'no-link'],
    // Of a proxy: they say nothing of the library.
    [400, 'no-link'],
    [413, 'no-link'],
    [422, 'no-link'],
    [429, 'busy'],
    [503, 'busy'],
    [302, 'no-link'],
    [511, 'no-link'],
  ])('with status %i is %s', async (status, code) => {
    link.interceptOnce(() => ({ status, headers: { Location: '/c/full/en.pack' } }));
    expect(await codeFrom(() => get())).toBe(code);
  });

  const why = (work: () => Promise<unknown>): Promise<unknown> =>
    work().then(
      () => undefined,
      (error: RelaisError) => [error.code, error.details.what],
    );

  it('from a portal is not taken for a pack, and the portal is named', async () => {
    link.portal(true);
    for (const path of [FULL, '/c/root/1.json']) expect(await why(() => get(path))).toEqual(['no-link', 'portal']);
    expect(await why(() => transport().postBatch(new Uint8Array(9), never))).toEqual(['no-link', 'portal']);
    link.portal(false);
    for (const status of [302, 307, 511]) {
      link.interceptOnce(() => ({ status, headers: { Location: '/c/full/en.pack' } }));
      expect(await why(() => get())).toEqual(['no-link', 'portal']);
    }
  });

  it('asks without cookies, referrer or cache', async () => {
    let head = '';
    link.interceptOnce((request) => {
      head = request.head;
      return undefined;
    });
    await get();
    expect(head).toMatch(/^GET \/c\/full\/fr\.pack HTTP/);
    expect(head).not.toMatch(/^(cookie|referer|if-none-match|authorization):/im);
  });
});

describe('a person or a page that ends it', () => {
  it.each(['get', 'postBatch'] as const)('stops %s before the reply', async (method) => {
    const controller = new AbortController();
    link.interceptOnce(() => 'hang');
    const work = codeFrom(() =>
      method === 'get' ? get(FULL, MAX_PACK, controller.signal) : post(EMPTY_BATCH, controller.signal),
    );
    await until(() => link.requests() === 1);
    controller.abort();
    expect(await work).toBe('no-link');
  });

  it('stops a body that is coming', async () => {
    const controller = new AbortController();
    slowly();
    const fetching = get(FULL, MAX_PACK, controller.signal);
    await underWay();
    controller.abort();
    expect(await fetching).toMatchObject({ found: true, whole: false });
  });

  it('makes no request where it ended before', async () => {
    const aborted = AbortSignal.abort();
    expect(await codeFrom(() => get(FULL, MAX_PACK, aborted))).toBe('no-link');
    expect(await codeFrom(() => post(EMPTY_BATCH, aborted))).toBe('no-link');
    expect(link.requests()).toBe(0);
  });
});

describe('a batch', () => {
  it('has the hub’s reply', async () => {
    expect(await post(EMPTY_BATCH)).toEqual({ v: PROTOCOL_VERSION, results: [] });
  });

  it('that is too large is refused by the hub', async () => {
    const large = new Uint8Array(MAX_BATCH_BODY + 1);
    large.set(EMPTY_BATCH);
    expect(await codeFrom(() => post(large))).toBe('too-large');
  });

  it.each([
    ['no batch', utf8('{"answers":[]}')],
    ['a batch that is cut', utf8('RLB\u0001\u0000\u0009{"v":1')],
    ['a batch of another version', utf8('RLB\u0002')],
    ['nothing', new Uint8Array(0)],
  ])('that is none is refused by the hub: %s', async (_, bytes) => {
    expect(await codeFrom(() => post(bytes))).toBe('malformed');
  });

  it('is no link at a captive portal, and at any other 200', async () => {
    link.portal(true);
    expect(await codeFrom(() => post(EMPTY_BATCH))).toBe('no-link');
    link.portal(false);
    for (const body of ['', '{}', '{"ok":true}', 'null', '[]', '{"v":"1"}', '{"v":1']) {
      link.interceptOnce(() => ({ body, headers: { 'Content-Type': 'application/json' } }));
      expect(await codeFrom(() => post(EMPTY_BATCH)), body).toBe('no-link');
    }
  });

  const refused = (status: number): CannedReply => ({ status, body: '{"v":1,"error":"x"}' });

  it.each([
    [400, 'malformed'],
    [409, 'malformed'],
    [413, 'too-large'],
    [415, 'malformed'],
    [422, 'malformed'],
    [423, 'busy'],
    [429, 'busy'],
    [503, 'busy'],
    [500, 'no-link'],
    [502, 'no-link'],
    [403, 'no-link'],
    [404, 'no-link'],
  ])('that a hub answers with %i is %s', async (status, code) => {
    link.interceptOnce(() => refused(status));
    expect(await codeFrom(() => post(EMPTY_BATCH))).toBe(code);
  });

  it.each([400, 403, 413, 429, 503])('that a portal or a proxy answers with %i is no link', async (status) => {
    link.interceptOnce(() => ({ status, body: '<h1>No</h1>' }));
    expect(await codeFrom(() => post(EMPTY_BATCH))).toBe('no-link');
  });

  it('whose reply is lost, or stalls, or does not begin, is no link', async () => {
    const lost = link.loseReply(/^POST \/o\/batch/);
    expect(await codeFrom(() => post(EMPTY_BATCH))).toBe('no-link');
    await lost;
    link.interceptOnce(() => 'hang');
    const waiting = codeFrom(() => post(EMPTY_BATCH));
    await fire(deadlines.firstByte + EMPTY_BATCH.length);
    expect(await waiting).toBe('no-link');
  });

  it('has a second for each kilobyte to go, and tells what it cost where it was given up', async () => {
    const large = new Uint8Array(64 * 1024);
    large.set(EMPTY_BATCH);
    link.interceptOnce(() => 'hang');
    const waiting = post(large).catch((error: unknown) => error);
    await fire(deadlines.firstByte + large.length);
    expect(await waiting).toMatchObject({ code: 'no-link', details: { bytes: large.length } });
    link.cut();
    const refused = (await post(large).catch((error: unknown) => error)) as RelaisError;
    expect(refused.code).toBe('no-link');
    expect(refused.details.bytes).toBeUndefined();
  });

  it('whose reply is endless is refused', async () => {
    link.interceptOnce(() => ({ body: new Uint8Array((1 << 20) + 1) }));
    expect(await codeFrom(() => post(EMPTY_BATCH))).toBe('too-large');
  });
});
