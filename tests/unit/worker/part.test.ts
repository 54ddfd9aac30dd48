import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadScript, Part, WAIT_MS } from '../../../src/worker/part.ts';

/** Files of the worker that come when they are first needed, or do not. */

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a part', () => {
  /** A load that each call of `answer` or `refuse` ends. */
  const slow = () => {
    const loads: { answer: () => void; refuse: () => void }[] = [];
    const part = new Part(
      () =>
        new Promise<string>((resolve, reject) => {
          loads.push({ answer: () => resolve('here'), refuse: () => reject(new Error('cut')) });
        }),
    );
    return { part, loads };
  };

  it('is fetched once for all who ask, and never again', async () => {
    const { part, loads } = slow();
    const all = [part.get(), part.get()];
    loads[0]?.answer();
    expect(await Promise.all(all)).toEqual(['here', 'here']);
    expect(await part.get()).toBe('here');
    expect(loads).toHaveLength(1);
  });

  it('that is slow is said to be missing, and is here for those who ask later', async () => {
    const { part, loads } = slow();
    const asked = expect(part.get()).rejects.toMatchObject({ code: 'no-link' });
    await vi.advanceTimersByTimeAsync(WAIT_MS);
    await asked;
    loads[0]?.answer();
    expect(await part.get()).toBe('here');
    expect(loads).toHaveLength(1);
  });

  it('that did not come is fetched again by the next who asks', async () => {
    const { part, loads } = slow();
    const asked = expect(part.get()).rejects.toThrow('cut');
    loads[0]?.refuse();
    await asked;
    const again = part.get();
    loads[1]?.answer();
    expect(await again).toBe('here');
  });

  it('tells its followers when it comes, however often it failed before, unless they left', async () => {
    const { part, loads } = slow();
    const heard: string[] = [];
    const end = part.follow(
      (value) => {
        heard.push(value);
        return () => heard.push('end');
      },
      () => heard.push('failed'),
    );
    const left = part.follow(
      () => {
        throw new Error('left');
      },
      () => {},
    );
    left();
    loads[0]?.refuse();
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual(['failed']);
    part.again();
    loads[1]?.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual(['failed', 'here']);
    end();
    expect(heard).toEqual(['failed', 'here', 'end']);
    part.again();
    expect(loads).toHaveLength(2);
  });

  it('that nobody waits for is not fetched when a link comes back', () => {
    const { part, loads } = slow();
    part.again();
    expect(loads).toEqual([]);
  });
});

describe('a script', () => {
  const answer = (status: number, type: string): void => {
    vi.stubGlobal('fetch', async () => new Response('x', { status, headers: { 'content-type': type } }));
  };
  const imported = (): string[] => {
    const urls: string[] = [];
    vi.stubGlobal('importScripts', (url: string) => urls.push(url));
    return urls;
  };

  it('is run once it is here', async () => {
    const urls = imported();
    answer(200, 'text/javascript');
    await loadScript('/assets/a.js');
    expect(urls).toEqual(['/assets/a.js']);
  });

  it.each([
    [200, 'text/html'],
    [503, 'text/javascript'],
  ])('is not run where status %i and %s come in its place', async (status, type) => {
    const urls = imported();
    answer(status, type);
    await expect(loadScript('/assets/a.js')).rejects.toMatchObject({ code: 'no-link' });
    expect(urls).toEqual([]);
  });
});
