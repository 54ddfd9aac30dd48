import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { contentPolicy, RateLimit, readLimited, sameSite } from '../../../../server/hub/security.ts';

describe('RateLimit', () => {
  it('lets so many through at once, and no more', () => {
    const limit = new RateLimit(3, 60_000);
    expect([1, 2, 3, 4].map(() => limit.take('a', 0))).toEqual([true, true, true, false]);
  });

  it('fills up evenly, and never above its size', () => {
    const limit = new RateLimit(3, 60_000);
    for (let i = 0; i < 3; i++) limit.take('a', 0);
    expect(limit.take('a', 19_999)).toBe(false);
    expect(limit.take('a', 20_000)).toBe(true);
    expect(limit.take('a', 20_000)).toBe(false);
    expect([1, 2, 3, 4].map(() => limit.take('a', 9_000_000))).toEqual([true, true, true, false]);
  });

  it('locks nobody out after the clock went back, as it does on a box without one', () => {
    const limit = new RateLimit(3, 60_000);
    const today = 1_748_736_000_000;
    expect(limit.take('a', today)).toBe(true);
    expect([1, 2, 3].map(() => limit.take('a', 0))).toEqual([true, true, false]);
    expect(limit.take('a', 19_999)).toBe(false);
    expect(limit.take('a', 20_000)).toBe(true);
    expect([1, 2, 3, 4].map(() => limit.take('a', today))).toEqual([true, true, true, false]);
  });

  it('keeps its buckets apart', () => {
    const limit = new RateLimit(1, 60_000);
    expect(limit.take('a', 0)).toBe(true);
    expect(limit.take('b', 0)).toBe(true);
    expect(limit.take('a', 0)).toBe(false);
  });

  it('takes back what was not used up, and never more than its size', () => {
    const limit = new RateLimit(2, 60_000);
    limit.giveBack('a');
    for (let i = 0; i < 5; i++) {
      expect(limit.take('a', 0)).toBe(true);
      limit.giveBack('a');
    }
    limit.giveBack('a');
    expect([1, 2, 3].map(() => limit.take('a', 0))).toEqual([true, true, false]);
  });

  it('forgets buckets that are full again, and no others', () => {
    const limit = new RateLimit(1, 60_000);
    expect(limit.take('busy', 30_001)).toBe(true);
    for (let i = 0; i < 10_001; i++) limit.take(`old ${i}`, 0);
    expect(limit.take('new', 60_002)).toBe(true);
    expect(limit.take('busy', 60_002)).toBe(false);
    expect(limit.take('old 5', 60_002)).toBe(true);
  });
});

describe('sameSite', () => {
  const app = new Hono().use(sameSite).post('/', (context) => context.text('done'));
  const post = async (site?: string) =>
    (await app.request('/', { method: 'POST', ...(site && { headers: { 'Sec-Fetch-Site': site } }) })).status;

  it('refuses what another site makes a visitor do', async () => {
    expect(await Promise.all(['cross-site', 'same-site', 'x'].map(post))).toEqual([403, 403, 403]);
    expect(await Promise.all(['same-origin', 'none', undefined].map(post))).toEqual([200, 200, 200]);
  });
});

describe('readLimited', () => {
  const app = new Hono().post('/', async (context) => {
    const body = await readLimited(context, 10);
    return context.text(body ? Buffer.from(body).toString() : 'too long');
  });
  const post = async (body?: BodyInit, headers: Record<string, string> = {}) =>
    (await app.request('/', { method: 'POST', headers, ...(body !== undefined && { body }) })).text();
  const stream = (...parts: string[]): ReadableStream =>
    new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });
  const postStream = async (...parts: string[]) => {
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: stream(...parts), duplex: 'half' };
    return (await app.request(new Request('http://hub/', init))).text();
  };

  it('reads up to the limit, and nothing of what is longer', async () => {
    expect(await post('0123456789')).toBe('0123456789');
    expect(await post()).toBe('');
    expect(await post('01234567890')).toBe('too long');
    expect(await post('0', { 'Content-Length': '11' })).toBe('too long');
  });

  it('counts what comes, where no length was told', async () => {
    expect(await postStream('01234', '56789')).toBe('0123456789');
    expect(await postStream('01234', '56789', '0')).toBe('too long');
  });
});

it('the policy lets no script in but the hub’s own', () => {
  const policy = contentPolicy('abc=');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("style-src 'self' 'sha256-abc='");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
});
