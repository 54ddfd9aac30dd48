import { beforeEach, describe, expect, it } from 'vitest';
import { RelaisError } from '../../../../src/core/errors.ts';
import type { Platform } from '../../../../src/core/platform.ts';
import { type RunEnd, SyncLoop, timing } from '../../../../src/core/sync/loop.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';

/** Lets everything that waits on promises happen. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that only this test moves. */
class FakeClock {
  now = 0;
  #timers: { at: number; fn: () => void }[] = [];

  after = (ms: number, fn: () => void): (() => void) => {
    const timer = { at: this.now + ms, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };
  /** Delays of what is set, soonest first. */
  get pending(): number[] {
    return this.#timers.map(({ at }) => at - this.now).sort((a, b) => a - b);
  }
  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.now = next.at;
      next.fn();
      await settled();
    }
    this.now = end;
    await settled();
  }
}

let clock: FakeClock;
let log: string[];
let outcome: (signal: AbortSignal) => Promise<RunEnd>;
let chance: number;
let loop: SyncLoop;

const well = async (): Promise<RunEnd> => 'done';
const badly = async (): Promise<RunEnd> => {
  throw new RelaisError('no-link');
};

/** What happened since the last call, as `time event`. */
const events = (): string[] => log.splice(0);

beforeEach(() => {
  clock = new FakeClock();
  log = [];
  outcome = well;
  chance = 0.5;
  const platform: Platform = { ...webPlatform, now: () => clock.now, chance: () => chance, after: clock.after };
  loop = new SyncLoop({
    platform,
    run: async (signal, asked) => {
      log.push(`${clock.now} ${asked ? 'asked' : 'run'}`);
      return outcome(signal);
    },
    onPhase: (phase) => log.push(`${clock.now} ${phase}`),
  });
});

describe('while all goes well', () => {
  it('runs when a page opens, then after each idle interval', async () => {
    loop.attend({ visible: true });
    await settled();
    expect(events()).toEqual(['0 running', '0 run', '0 waiting']);
    await clock.advance(timing.idle - 1);
    expect(events()).toEqual([]);
    await clock.advance(1);
    expect(events()).toEqual([`${timing.idle} running`, `${timing.idle} run`, `${timing.idle} waiting`]);
  });

  it('asks after what a hub in between has, less and less often, until it is back or somebody nudges', async () => {
    outcome = async () => 'awaits';
    loop.attend({ visible: true });
    await settled();
    const seconds: number[] = [];
    for (let n = 0; n < 9; n++) {
      seconds.push((clock.pending[0] ?? 0) / 1000);
      await clock.advance(clock.pending[0] ?? 0);
    }
    expect(seconds).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900]);
    loop.sendNow();
    await settled();
    expect(clock.pending).toEqual([10_000]);
    outcome = well;
    await clock.advance(10_000);
    expect(clock.pending).toEqual([timing.idle]);
    outcome = async () => 'awaits';
    loop.attend({ visible: false });
    await clock.advance(timing.idle);
    expect(clock.pending).toEqual([]);
  });

  it('does not run at the same moment as every other device', async () => {
    for (const [luck, ms] of [
      [0, 810_000],
      [1, 990_000],
    ] as const) {
      chance = luck;
      loop.attend({ visible: true });
      await settled();
      expect(clock.pending).toEqual([ms]);
      loop.attend({ visible: false });
    }
  });

  it('tells a run that a person tapped for it, and the next one not', async () => {
    loop.attend({ visible: true });
    await settled();
    events();
    loop.sendNow(true);
    await settled();
    loop.sendNow();
    await settled();
    expect(events().filter((event) => /run$|asked/.test(event))).toEqual(['0 asked', '0 run']);
  });

  it('tells it of a tap during a run, with the run that follows', async () => {
    let end = (): void => {};
    outcome = () =>
      new Promise((resolve) => {
        end = () => resolve('done');
      });
    loop.sendNow();
    loop.sendNow(true);
    await settled();
    outcome = well;
    end();
    await settled();
    expect(events().filter((event) => /run$|asked/.test(event))).toEqual(['0 run', '0 asked']);
  });

  it('ends at once where the person stops it, and waits', async () => {
    let given: AbortSignal | undefined;
    outcome = (signal) => {
      given = signal;
      return new Promise(() => {});
    };
    loop.attend({ visible: true });
    await settled();
    loop.stop();
    await settled();
    expect(given?.aborted).toBe(true);
    expect(given?.reason).toEqual(new RelaisError('paused'));
    expect(events()).toEqual(['0 running', '0 run', '0 waiting']);
    expect(clock.pending).toHaveLength(1);
  });

  it('forgets a tap that came before the person stopped it: it would go over a link that is not to be used', async () => {
    outcome = () => new Promise(() => {});
    loop.attend({ visible: true });
    loop.sendNow(true);
    loop.stop();
    await settled();
    expect(events()).toEqual(['0 running', '0 run', '0 waiting']);
    await clock.advance(timing.firstBackOff);
    expect(events()).toEqual(['2500 running', '2500 run']);
  });

  it('runs for a tap that came after the person stopped it', async () => {
    outcome = () => new Promise(() => {});
    loop.sendNow();
    loop.stop();
    loop.sendNow(true);
    await settled();
    expect(events()).toEqual(['0 running', '0 run', '0 waiting', '0 running', '0 asked']);
  });

  it('waits for a nudge where it is stopped between two runs', async () => {
    loop.attend({ visible: true });
    await settled();
    events();
    loop.stop();
    expect(clock.pending).toEqual([]);
    await clock.advance(2 * timing.idle);
    expect(events()).toEqual([]);
    loop.sendNow();
    await settled();
    expect(events()).toHaveLength(3);
  });

  it('does not run because nothing is owed any more', async () => {
    loop.attend({ visible: true, owed: true });
    await settled();
    events();
    loop.attend({ owed: false });
    await settled();
    expect(events()).toEqual([]);
    expect(clock.pending).toEqual([timing.idle]);
  });

  it('leaves its timer alone where it is told what it knows', async () => {
    loop.attend({ visible: true });
    await settled();
    events();
    for (let told = 0; told < 10; told++) {
      await clock.advance(timing.idle / 10);
      loop.attend({ visible: true });
      loop.attend({ owed: false });
      await settled();
    }
    expect(events()).toEqual([`${timing.idle} running`, `${timing.idle} run`, `${timing.idle} waiting`]);
    expect(clock.pending).toEqual([timing.idle]);
  });

  it('does nothing for a page that nobody sees', async () => {
    loop.sendNow();
    await settled();
    expect(events()).toHaveLength(3);
    expect(clock.pending).toEqual([]);
    await clock.advance(24 * 3_600_000);
    expect(events()).toEqual([]);
  });

  it('stops its interval when the page is hidden, and runs when it is seen again', async () => {
    loop.attend({ visible: true });
    await settled();
    loop.attend({ visible: false });
    await clock.advance(2 * timing.idle);
    expect(events()).toEqual(['0 running', '0 run', '0 waiting']);
    loop.attend({ visible: true });
    await settled();
    expect(events()).toEqual([`${clock.now} running`, `${clock.now} run`, `${clock.now} waiting`]);
  });

  it('runs at once where an answer is owed, seen or not', async () => {
    loop.attend({ owed: true });
    await settled();
    expect(events()).toEqual(['0 running', '0 run', '0 waiting']);
    loop.attend({ owed: false });
    loop.attend({ owed: true });
    await settled();
    expect(events()).toEqual(['0 running', '0 run', '0 waiting']);
  });
});

describe('while it fails', () => {
  beforeEach(() => {
    outcome = badly;
  });

  it('waits longer each time, to half an hour, with full jitter', async () => {
    loop.sendNow();
    await settled();
    const waits: number[] = [];
    for (let i = 0; i < 14; i++) {
      const [wait] = clock.pending;
      waits.push(wait as number);
      await clock.advance(wait as number);
    }
    const ceilings = waits.map((_, i) => Math.min(timing.longestBackOff, timing.firstBackOff * 2 ** i));
    expect(waits).toEqual(ceilings.map((ceiling) => ceiling / 2));
    expect(waits.at(-1)).toBe(timing.longestBackOff / 2);
  });

  it('does not wait longer where more of a pack has come, and does where no more comes', async () => {
    loop.sendNow();
    await settled();
    for (let i = 0; i < 6; i++) await clock.advance(clock.pending[0] as number);
    const tries = ['cut 700', 'cut 2000', 'cut 2000', 'none', 'cut 2000', 'cut 2001'];
    const waits: number[] = [];
    for (const said of tries) {
      const [what = '', bytes = '0'] = said.split(' ');
      outcome = async () => {
        throw new RelaisError('no-link', what === 'cut' ? { what, bytes: Number(bytes) } : {});
      };
      await clock.advance(clock.pending[0] as number);
      waits.push((clock.pending[0] as number) / timing.firstBackOff);
    }
    expect(waits).toEqual([0.5, 0.5, 1, 2, 4, 0.5]);
    // Once all has come, what comes next begins at its first byte.
    outcome = well;
    await clock.advance(clock.pending[0] as number);
    outcome = badly;
    for (let i = 0; i < 3; i++) {
      loop.sendNow();
      await settled();
    }
    await clock.advance(clock.pending[0] as number);
    outcome = async () => {
      throw new RelaisError('no-link', { what: 'cut', bytes: 700 });
    };
    await clock.advance(clock.pending[0] as number);
    expect(clock.pending).toEqual([timing.firstBackOff / 2]);
  });

  it('never waits less than a second, whatever the dice say', async () => {
    chance = 0;
    loop.sendNow();
    await settled();
    expect(clock.pending).toEqual([1_000]);
  });

  it('tries every three seconds while someone looks and an answer waits', async () => {
    loop.attend({ visible: true, owed: true });
    await settled();
    for (let i = 0; i < 20; i++) {
      expect(clock.pending).toEqual([timing.watching]);
      await clock.advance(timing.watching);
    }
    expect(events().filter((event) => event.endsWith(' run'))).toHaveLength(21);
  });

  it.each([
    ['a full phone', new RelaisError('full')],
    ['a file that was changed', new RelaisError('tampered', { what: 'section' })],
    // Until a person has said whose library it is, each try costs bytes for nothing.
    ['a library of somebody else', new RelaisError('foreign-root'), 80_000],
    ['a download that was cut', new RelaisError('no-link', { what: 'cut', bytes: 30_000 })],
    ['a page of a portal', new RelaisError('no-link', { what: 'not a pack', bytes: 900 })],
    ['a hub that says no', new RelaisError('no-link', { status: 500 })],
    ['a fault of our own', new TypeError('undefined is not a function')],
  ])('backs off after %s, also while someone looks on', async (_, error, first = 5_000) => {
    chance = 1;
    outcome = async () => {
      throw error;
    };
    loop.attend({ visible: true, owed: true });
    await settled();
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      waits.push(clock.pending[0] as number);
      await clock.advance(clock.pending[0] as number);
    }
    expect(waits).toEqual([1, 2, 4, 8].map((times) => times * first));
  });

  it.each([
    ['another sync is under way', new RelaisError('busy', { what: 'another sync' })],
    ['nothing replied in time', new RelaisError('no-link', { why: 'AbortError' })],
  ])('goes on trying every three seconds where %s', async (_, error) => {
    outcome = async () => {
      throw error;
    };
    loop.attend({ visible: true, owed: true });
    await settled();
    for (let i = 0; i < 5; i++) {
      expect(clock.pending).toEqual([timing.watching]);
      await clock.advance(timing.watching);
    }
  });

  it.each([
    ['as long as the other side asked for, though someone looks on', 120, 120_000],
    ['at most half an hour, whatever it asked for', 86_400, timing.longestBackOff],
    ['as if it had asked for nothing, where that makes no sense', -120, timing.firstBackOff / 2],
    ['no shorter than without', 1, timing.firstBackOff / 2],
  ])('waits %s', async (_, retryAfter, wait) => {
    outcome = async () => {
      throw new RelaisError('busy', { status: 503, retryAfter });
    };
    loop.attend({ visible: true, owed: true });
    await settled();
    expect(clock.pending).toEqual([wait]);
    // Asked once, it holds once.
    outcome = badly;
    await clock.advance(wait);
    expect(clock.pending).toEqual([timing.watching]);
  });

  it('backs off once nobody looks, and watches again once someone does', async () => {
    chance = 1;
    loop.attend({ visible: true, owed: true });
    await settled();
    for (let i = 0; i < 3; i++) await clock.advance(timing.watching);
    loop.attend({ visible: false });
    expect(clock.pending).toEqual([timing.firstBackOff * 2 ** 3]);
    events();
    loop.attend({ visible: true });
    await settled();
    expect(events().filter((event) => event.endsWith(' run'))).toHaveLength(1);
    expect(clock.pending).toEqual([timing.watching]);
  });

  it('forgets earlier failures at a tap', async () => {
    chance = 1;
    loop.sendNow();
    await settled();
    for (let i = 0; i < 5; i++) await clock.advance(clock.pending[0] as number);
    expect(clock.pending).toEqual([timing.firstBackOff * 2 ** 5]);
    loop.sendNow();
    await settled();
    expect(clock.pending).toEqual([timing.firstBackOff]);
  });

  it('returns to the idle interval after one good run', async () => {
    loop.attend({ visible: true, owed: true });
    await settled();
    outcome = well;
    await clock.advance(timing.watching);
    expect(clock.pending).toEqual([timing.idle]);
  });
});

describe('during a run', () => {
  let ends: ((error?: Error) => void)[];
  beforeEach(() => {
    ends = [];
    outcome = () =>
      new Promise((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve('done')));
      });
  });

  it('starts no second one, and makes up for any number of nudges with one more', async () => {
    loop.sendNow();
    loop.sendNow();
    loop.attend({ owed: true });
    await settled();
    expect(events()).toEqual(['0 running', '0 run']);
    ends[0]?.();
    await settled();
    expect(events()).toEqual(['0 waiting', '0 running', '0 run']);
    ends[1]?.();
    await settled();
    expect(events()).toEqual(['0 waiting']);
    expect(ends).toHaveLength(2);
  });

  it('runs once more after a nudge though it failed, but not at once', async () => {
    loop.sendNow();
    loop.sendNow();
    await settled();
    ends[0]?.(new Error('no link'));
    await settled();
    expect(events()).toEqual(['0 running', '0 run', '0 waiting']);
    expect(clock.pending).toEqual([timing.firstBackOff / 2]);
    await clock.advance(timing.firstBackOff / 2);
    expect(events()).toEqual(['2500 running', '2500 run']);
  });

  it('runs at once after a tap during one that failed, once', async () => {
    // The person has just said that the library at this address may take the place of the old one.
    loop.attend({ visible: true });
    loop.sendNow(true);
    await settled();
    ends[0]?.(new RelaisError('foreign-root'));
    await settled();
    expect(events()).toEqual(['0 running', '0 run', '0 waiting', '0 running', '0 asked']);
    ends[1]?.(new RelaisError('foreign-root'));
    await settled();
    expect(events()).toEqual(['0 waiting']);
    expect(clock.pending).not.toEqual([]);
  });

  it('makes up for no try that was set before a tap', async () => {
    loop.sendNow();
    await settled();
    ends[0]?.(new Error('no link'));
    await settled();
    events();
    loop.sendNow(true);
    await clock.advance(2 * timing.firstBackOff);
    ends[1]?.();
    await settled();
    expect(events()).toEqual(['0 running', '0 asked', '10000 waiting']);
  });

  it('is not followed by one more because the page is seen', async () => {
    loop.attend({ owed: true });
    loop.attend({ visible: true });
    await settled();
    ends[0]?.();
    await settled();
    expect(clock.pending).toEqual([timing.idle]);
  });

  it('aborts one that hangs, and tries again', async () => {
    outcome = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    loop.sendNow();
    await clock.advance(timing.longestRun - 1);
    expect(events()).toEqual(['0 running', '0 run']);
    await clock.advance(1);
    expect(events()).toEqual([`${timing.longestRun} waiting`]);
    expect(clock.pending).toEqual([timing.firstBackOff / 2]);
  });

  it('gives up one that hangs and does not listen, and tries again', async () => {
    outcome = () => new Promise(() => {});
    loop.sendNow();
    await clock.advance(timing.longestRun);
    expect(events()).toEqual(['0 running', '0 run', `${timing.longestRun} waiting`]);
    expect(clock.pending).toEqual([timing.firstBackOff / 2]);
    outcome = well;
    await clock.advance(timing.firstBackOff / 2);
    expect(events()).toHaveLength(3);
    expect(clock.pending).toEqual([]);
  });

  it('is followed by one more, three seconds later, for what began to be owed', async () => {
    loop.attend({ visible: true });
    await clock.advance(5);
    loop.attend({ owed: true });
    loop.attend({ owed: true });
    ends[0]?.();
    await settled();
    expect(events()).toEqual(['0 running', '0 run', '5 waiting']);
    expect(clock.pending).toEqual([timing.watching]);
    await clock.advance(timing.watching);
    expect(events()).toEqual([`${timing.watching + 5} running`, `${timing.watching + 5} run`]);
    ends[1]?.();
    await settled();
    expect(clock.pending).toEqual([timing.idle]);
    expect(ends).toHaveLength(2);
  });

  it('leaves no timer of its own behind', async () => {
    loop.sendNow();
    await settled();
    expect(clock.pending).toEqual([timing.longestRun]);
    ends[0]?.();
    await settled();
    expect(clock.pending).toEqual([]);
  });
});
