import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';

/**
 * When to sync. Knows nothing of what a sync does: `run` does it. Tested as a log of events on a fake clock.
 *
 * ```
 *           sendNow / wake / timer            run ends well
 *   waiting ----------------------> running ----------------> waiting (idle interval)
 *      ^                              |  run fails
 *      +------------------------------+---------> waiting (back-off: full jitter, 5 s doubling to 30 min)
 * ```
 * Invariants: one run at a time; a nudge during a run is followed by one more run, at once where the first one went well or the nudge was
 * a tap; while someone is looking and something is owed, the next try after one that found no link is `watching` away, since the link may
 * come back without any event that says so. What a hub in between
 * has is asked after at growing distances. A try that cost bytes,
 * met somebody who replied, or failed for a reason that lasts (a full phone, another library), is repeated with back-off. That begins anew where
 * more of a pack came than before: the link carries, and what came is kept.
 */
export interface LoopOptions {
  readonly platform: Platform;
  /** One sync; `asked`: a person tapped for it. Rejects where it has to be tried again. */
  readonly run: (signal: AbortSignal, asked: boolean) => Promise<RunEnd>;
  /** A run that has not ended after so many milliseconds is given up; else after `timing.longestRun`. */
  readonly longestRun?: number;
  /** Told at each change, for people to see. */
  readonly onPhase: (phase: LoopPhase) => void;
}

/** `awaits`: all went well, and a hub in between has answers whose receipts are not back. */
export type RunEnd = 'done' | 'awaits';

export type LoopPhase = 'waiting' | 'running';

/** What the loop knows of the person. */
export interface Attention {
  /** A page is visible. */
  readonly visible: boolean;
  /** An answer waits for a receipt, or something that was asked for has not come. */
  readonly owed: boolean;
}

export const timing = {
  /** Between two tries that cost nothing, while someone looks on and something is owed. */
  watching: 3_000,
  firstBackOff: 5_000,
  longestBackOff: 30 * 60_000,
  /** After a run that awaits something, and twice as long after each one that still does, up to `idle`. */
  awaiting: 10_000,
  /** Between two successful runs of a visible page. */
  idle: 15 * 60_000,
  /** A run that has not ended by then is given up. */
  longestRun: 10 * 60_000,
} as const;

export class SyncLoop {
  readonly #options: LoopOptions;
  #attention: Attention = { visible: false, owed: false };
  #failures = 0;
  /** The most that had come of a pack that was cut, since the last run that ended well; in bytes. */
  #kept = 0;
  /** Runs in a row that ended with something awaited. */
  #awaited = 0;
  #running: AbortController | undefined;
  #again = false;
  /** A tap that has not had its run. */
  #asked = false;
  /** The last run failed at no cost: there was no link, or another sync was under way. */
  #wasCheap = false;
  /** The other side asked to be left alone for so long, in milliseconds. */
  #hold = 0;
  /** Something began to be owed during the run. */
  #owedMeanwhile = false;
  #cancelTimer: () => void = () => {};

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** A link that came back, a page that opened, or (`asked`) a tap: try now, and forget earlier failures. */
  sendNow(asked = false): void {
    this.#failures = 0;
    this.#awaited = 0;
    this.#asked ||= asked;
    void this.#start();
  }

  /** Ends what is under way, and waits. A tap that came before is forgotten: it must not go over a link that the person has just held back. */
  stop(): void {
    this.#cancelTimer();
    this.#asked = false;
    this.#running?.abort(new RelaisError('paused'));
  }

  /** What the person sees or waits for has changed. */
  attend(attention: Partial<Attention>): void {
    const before = this.#attention;
    this.#attention = { ...before, ...attention };
    if (before.visible === this.#attention.visible && before.owed === this.#attention.owed) return;
    const nowOwed = !before.owed && this.#attention.owed;
    const nowVisible = !before.visible && this.#attention.visible;
    // A run that is under way most likely sees to it; if not, the next one follows `watching` later.
    if (this.#running) {
      if (nowOwed) this.#owedMeanwhile = true;
      return;
    }
    if (nowOwed || nowVisible) this.sendNow();
    else this.#schedule();
  }

  async #start(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#cancelTimer();
    const controller = new AbortController();
    this.#running = controller;
    this.#again = false;
    this.#owedMeanwhile = false;
    this.#hold = 0;
    const asked = this.#asked;
    this.#asked = false;
    this.#options.onPhase('running');
    const { platform, longestRun = timing.longestRun } = this.#options;
    const cancel = platform.after(longestRun, () => controller.abort());
    try {
      const end = await Promise.race([this.#options.run(controller.signal, asked), aborted(controller.signal)]);
      this.#failures = 0;
      this.#kept = 0;
      this.#awaited = end === 'awaits' ? this.#awaited + 1 : 0;
    } catch (error) {
      const kept = keptOf(error);
      this.#failures = kept > this.#kept ? 1 : Math.max(this.#failures + 1, isForPerson(error) ? PERSON_FAILURES : 0);
      this.#kept = Math.max(this.#kept, kept);
      this.#hold = holdOf(error);
      this.#wasCheap = isCheap(error);
    }
    cancel();
    this.#running = undefined;
    this.#options.onPhase('waiting');
    // A tap may have changed what made this run fail. A link that came back is for the run that it came in.
    if (this.#again && (this.#failures === 0 || this.#asked)) void this.#start();
    else this.#schedule();
  }

  #schedule(): void {
    this.#cancelTimer();
    const delay = this.#delay();
    if (delay === undefined) return;
    this.#cancelTimer = this.#options.platform.after(Math.max(delay, this.#hold), () => void this.#start());
  }

  #delay(): number | undefined {
    const { visible, owed } = this.#attention;
    if (visible && owed && (this.#failures > 0 ? this.#wasCheap : this.#owedMeanwhile)) return timing.watching;
    // Not all devices of a centre at once, which came to the link together.
    if (this.#failures === 0) {
      const awaited = this.#awaited > 0 ? timing.awaiting * 2 ** (this.#awaited - 1) : timing.idle;
      const pause = Math.min(timing.idle, awaited);
      return visible ? Math.round(pause * (0.9 + 0.2 * this.#options.platform.chance())) : undefined;
    }
    const ceiling = Math.min(timing.longestBackOff, timing.firstBackOff * 2 ** (this.#failures - 1));
    return Math.max(1_000, this.#options.platform.chance() * ceiling);
  }
}

/** Somebody else's library is at this address: until a person has said what is to be done, each try costs bytes for nothing. */
const isForPerson = (error: unknown): boolean => error instanceof RelaisError && error.code === 'foreign-root';

/** Such a failure is repeated after as long as the fifth in a row: within 80 s. */
const PERSON_FAILURES = 5;

/** Nobody replied and nothing came or went; or another page was at it. */
const isCheap = (error: unknown): boolean =>
  error instanceof RelaisError &&
  (error.code === 'no-link' || error.code === 'busy') &&
  !('status' in error.details) &&
  !error.details.bytes;

/** How much has come, over all tries, of a pack that was cut. */
const keptOf = (error: unknown): number =>
  error instanceof RelaisError && error.details.what === 'cut' ? Number(error.details.bytes) : 0;

/** `Retry-After` of an error, in milliseconds; at most as long as the longest back-off. What is shorter than the next delay changes nothing. */
const holdOf = (error: unknown): number => {
  const seconds = error instanceof RelaisError ? Number(error.details.retryAfter ?? 0) : 0;
  return Math.min(timing.longestBackOff, seconds * 1000);
};

/** Rejects once a run is given up, also one that does not listen to its signal. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
