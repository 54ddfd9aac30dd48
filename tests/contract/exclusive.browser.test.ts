import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exclusively } from '../../src/engine/exclusive.ts';
import { LibraryDb } from '../../src/store/library-db.ts';
import { temporaryLibrary } from './databases.ts';
import { HandPlatform } from './samples.ts';

const LEASE_MS = 60_000;

let page: LibraryDb;
let otherPage: LibraryDb;
let remove: () => Promise<void>;
let hand: HandPlatform;
beforeEach(() => {
  ({ db: page, remove } = temporaryLibrary());
  otherPage = new LibraryDb(page.name);
  hand = new HandPlatform();
});
afterEach(async () => {
  Reflect.deleteProperty(navigator, 'locks');
  otherPage.close();
  await remove();
});

const withoutLocks = (): void => {
  Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true });
};

/** Work that goes on until it is told to end. */
const work = () => {
  let end: () => void = () => {};
  let begun: () => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = () => resolve('done');
  });
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const run = (): Promise<string> => {
    begun();
    return ended;
  };
  return { run, started, end };
};
const run = (db: LibraryDb, fn: () => Promise<string>) => exclusively(hand.platform, db, fn);
const quick = async (): Promise<string> => 'quick';

describe.each([
  ['with Web Locks', () => {}],
  ['without Web Locks', withoutLocks],
])('%s', (_, prepare) => {
  beforeEach(prepare);

  it('gives back what the work gives', async () => {
    expect(await run(page, quick)).toEqual({ result: 'quick' });
  });

  it('lets one of two work, and the other know at once', async () => {
    const long = work();
    const first = run(page, long.run);
    await long.started;
    expect(await run(otherPage, quick)).toBeUndefined();
    expect(await run(page, quick)).toBeUndefined();
    long.end();
    expect(await first).toEqual({ result: 'done' });
    expect(await run(otherPage, quick)).toEqual({ result: 'quick' });
  });

  it('lets one of ten work that begin at once', async () => {
    const long = work();
    const all = Array.from({ length: 10 }, (_, i) => run(i % 2 ? page : otherPage, long.run));
    await long.started;
    // Those that may not work end before the one that does.
    const others = await Promise.all(all.map((one) => Promise.race([one, long.started.then(() => settle('busy'))])));
    long.end();
    expect(others.filter((one) => one === undefined)).toHaveLength(9);
    expect((await Promise.all(all)).filter((one) => one !== undefined)).toEqual([{ result: 'done' }]);
  });

  it('makes room after work that failed', async () => {
    const fails = async (): Promise<string> => {
      throw new Error('no link');
    };
    await expect(run(page, fails)).rejects.toThrow('no link');
    expect(await run(otherPage, quick)).toEqual({ result: 'quick' });
  });
});

/** `value`, but after everything that IndexedDB has still to answer. */
const settle = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 300));

it('does not heed the lease of a page that died where there are Web Locks', async () => {
  expect(await page.takeLease('dead', hand.time, LEASE_MS)).toBe(true);
  expect(await run(otherPage, quick)).toEqual({ result: 'quick' });
});

describe('a lease', () => {
  beforeEach(withoutLocks);

  it('of a page that died is taken over after its time, and not before', async () => {
    expect(await page.takeLease('dead', hand.time, LEASE_MS)).toBe(true);
    hand.time += LEASE_MS - 1;
    expect(await run(otherPage, quick)).toBeUndefined();
    hand.time += 1;
    expect(await run(otherPage, quick)).toEqual({ result: 'quick' });
  });

  it.each([
    ['a second', 1_000],
    ['a day', 86_400_000],
    ['thirty years', 30 * 365 * 86_400_000],
  ])('from the future, since the clock was set back by %s, is nobody’s', async (_, back) => {
    expect(await page.takeLease('dead', hand.time, LEASE_MS)).toBe(true);
    hand.time -= back;
    expect(await run(otherPage, quick)).toEqual({ result: 'quick' });
  });

  it('is renewed by the one that has it', async () => {
    expect(await page.takeLease('one', hand.time, LEASE_MS)).toBe(true);
    hand.time += LEASE_MS - 1;
    expect(await page.takeLease('one', hand.time, LEASE_MS)).toBe(true);
    hand.time += LEASE_MS - 1;
    expect(await otherPage.takeLease('two', hand.time, LEASE_MS)).toBe(false);
  });

  it('that was taken over is not dropped by the one that had it', async () => {
    expect(await page.takeLease('one', hand.time, LEASE_MS)).toBe(true);
    hand.time += LEASE_MS;
    expect(await otherPage.takeLease('two', hand.time, LEASE_MS)).toBe(true);
    await page.dropLease('one');
    expect(await page.takeLease('three', hand.time, LEASE_MS)).toBe(false);
    await page.dropLease('two');
    expect(await page.takeLease('three', hand.time, LEASE_MS)).toBe(true);
  });

  it('that is being renewed while the work ends is nobody’s afterwards, for good', async () => {
    const long = work();
    const first = run(page, long.run);
    await long.started;
    // As after a page was frozen: both at once.
    hand.fire(LEASE_MS / 2);
    long.end();
    expect(await first).toEqual({ result: 'done' });
    expect(hand.timers).toEqual([]);
    expect(await run(otherPage, quick)).toEqual({ result: 'quick' });
  });

  it('goes with everything else when the library is forgotten, which harms nobody', async () => {
    const long = work();
    const first = run(page, long.run);
    await long.started;
    await otherPage.forget();
    long.end();
    expect(await first).toEqual({ result: 'done' });
  });
});
