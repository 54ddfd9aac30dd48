import type { GivenUp } from '../core/api/worker-api.ts';
import { codeOf } from '../core/errors.ts';
import type { Platform } from '../core/platform.ts';
import type { DeviceLibrary } from './device-stores.ts';
import { storageCode } from './storage-errors.ts';

/** What room is needed for: an answer, which exists nowhere else; a text of the library; a picture or a recording. */
export type Need = 'answer' | 'text' | 'media';

/** Something that can be made or fetched again. */
export interface Sacrifice {
  /** `search`: a copy that nobody misses. */
  readonly what: GivenUp | 'search';
  /** Gives up some of it, or all. False: there is none left. */
  readonly free: () => Promise<boolean>;
  /** Its room comes later, when the browser tidies up: to give up more of it at once would help nobody. */
  readonly isSlow?: true;
}

const SPARED: Readonly<Record<Need, readonly Sacrifice['what'][]>> = {
  answer: [],
  text: ['kept'],
  media: ['languages', 'kept'],
};

/** A page may fetch again what was just given up for another one: there is an end to it. */
const MOST_TRIES = 30;

/**
 * Makes room on a full device.
 *
 * Invariants: an answer is never given up; what a person keeps goes last, and for an answer only; what went is noted, so that it is said.
 */
export class Room {
  readonly #platform: Platform;
  readonly #library: Pick<DeviceLibrary, 'giveUp'>;
  readonly #sacrifices: readonly Sacrifice[];
  /** What went, and could not be noted yet: the disk was still full. */
  readonly #untold = new Set<GivenUp>();

  /** `sacrifices`: in the order in which they go. */
  constructor(platform: Platform, library: Pick<DeviceLibrary, 'giveUp'>, sacrifices: readonly Sacrifice[]) {
    this.#platform = platform;
    this.#library = library;
    this.#sacrifices = sacrifices;
  }

  /** Gives up the next thing. Returns what that was; undefined where nothing is left that may go for this. */
  async make(need: Need, spared: readonly Sacrifice['what'][] = []): Promise<Sacrifice | undefined> {
    for (const sacrifice of this.#sacrifices) {
      const { what, free } = sacrifice;
      if (SPARED[need].includes(what) || spared.includes(what) || !(await free().catch(() => false))) continue;
      if (what !== 'search') this.#untold.add(what);
      await this.#tell();
      return sacrifice;
    }
    return undefined;
  }

  /** Does `work`, again after each thing that made room for it. `work` may be run again after it failed. */
  async for<T>(need: Need, work: () => Promise<T>): Promise<T> {
    const slow: Sacrifice['what'][] = [];
    for (let tries = 0; ; tries++) {
      try {
        const result = await work();
        if (this.#untold.size > 0) await this.#tell();
        return result;
      } catch (error) {
        const gone = isFull(error) && tries < MOST_TRIES ? await this.make(need, slow) : undefined;
        if (!gone) throw error;
        if (gone.isSlow) slow.push(gone.what);
      }
    }
  }

  async #tell(): Promise<void> {
    for (const what of this.#untold) {
      const told = this.#library.giveUp(what, this.#platform.now()).then(() => this.#untold.delete(what));
      await told.catch(() => {});
    }
  }

  /** Gives up all that was made or fetched for a library. */
  async clear(): Promise<void> {
    for (const { what, free } of this.#sacrifices)
      for (let more = what !== 'languages'; more; ) more = await free().catch(() => false);
  }
}

const isFull = (error: unknown): boolean => (storageCode(error) ?? codeOf(error, 'storage')) === 'full';
