import type { GivenUp } from '../core/api/worker-api.ts';
import type { Platform } from '../core/platform.ts';
import type { DeviceLibrary } from './device-stores.ts';
import { storageCode } from './storage-errors.ts';

/** What room is needed for: an answer, which exists nowhere else; a text of the library; a picture or a recording. */
export type Need = 'answer' | 'text' | 'media';

/** Something that can be made or fetched again. */
export interface Sacrifice {
  /** `search`: a copy that nobody misses. */
  readonly what: GivenUp | 'search';
  /** Gives up some of it. False: there is none left, or it cannot go now. */
  readonly free: () => Promise<boolean>;
  /** Its room may come only when the browser tidies up: more of all that is slow goes an hour later at the earliest. */
  readonly isSlow?: true;
}

const SPARED: Readonly<Record<Need, readonly Sacrifice['what'][]>> = {
  answer: [],
  text: ['kept'],
  media: ['collections', 'languages', 'kept'],
};

/** A page may fetch again what was just given up for another one: there is an end to it. */
const MOST_TRIES = 30;
/** Shorter than a page waits for an answer to be kept: its next tap goes on from there. */
const MOST_MS = 6_000;

const HOUR_MS = 3_600_000;

/**
 * Makes room on a full device.
 *
 * Invariants: an answer is never given up; what a person keeps goes last, and for an answer only; what went is noted, so that it is said.
 */
export class Room {
  readonly #platform: Platform;
  readonly #library: Pick<DeviceLibrary, 'giveUp' | 'gaveUpAt'>;
  readonly #sacrifices: readonly Sacrifice[];
  /** What went, and could not be noted yet: the disk was still full. */
  readonly #untold = new Map<GivenUp, number>();

  /** `sacrifices`: in the order in which they go. */
  constructor(
    platform: Platform,
    library: Pick<DeviceLibrary, 'giveUp' | 'gaveUpAt'>,
    sacrifices: readonly Sacrifice[],
  ) {
    this.#platform = platform;
    this.#library = library;
    this.#sacrifices = sacrifices;
  }

  /** Gives up the next thing. False: nothing is left that may go for this now. */
  async make(need: Need): Promise<boolean> {
    for (const { what, free, isSlow } of this.#sacrifices) {
      if (SPARED[need].includes(what) || (isSlow && (await this.#isSlowRecent()))) continue;
      if (!(await free().catch(() => false))) continue;
      if (what !== 'search') this.#untold.set(what, this.#platform.now());
      await this.#tell();
      return true;
    }
    return false;
  }

  /** Does `work`, again after each thing that made room for it. `work` may be run again after it failed. */
  async for<T>(need: Need, work: () => Promise<T>): Promise<T> {
    let freeing = 0;
    for (let tries = 0; ; tries++) {
      try {
        const result = await work();
        if (this.#untold.size > 0) await this.#tell();
        return result;
      } catch (error) {
        if (storageCode(error) !== 'full' || tries === MOST_TRIES || freeing > MOST_MS) throw error;
        const began = this.#platform.now();
        if (!(await this.make(need))) throw error;
        freeing += Math.abs(this.#platform.now() - began);
      }
    }
  }

  /** Whether some of what is slow has gone within the hour: its room may still come. */
  async #isSlowRecent(): Promise<boolean> {
    for (const { what, isSlow } of this.#sacrifices) if (isSlow && (await this.#isRecent(what))) return true;
    return false;
  }

  async #isRecent(what: Sacrifice['what']): Promise<boolean> {
    if (what === 'search') return false;
    const at = this.#untold.get(what) ?? (await this.#library.gaveUpAt(what).catch(() => undefined));
    return at !== undefined && Math.abs(this.#platform.now() - at) < HOUR_MS;
  }

  async #tell(): Promise<void> {
    for (const [what, at] of this.#untold) {
      const told = this.#library.giveUp(what, at).then(() => this.#untold.delete(what));
      await told.catch(() => {});
    }
  }
}
