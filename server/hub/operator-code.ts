import { RateLimit } from './security.ts';
import { isCode } from './sessions.ts';

const WAIT_MS = 400;
const WRONG_A_MINUTE = 5;
const ALL = 'all';

/** Why a code opens nothing: it is not the right one, or too many were not. */
export type CodeRefusal = 'code' | 'wait';

/** Whoever types the operator's code is asked to wait: a few wrong ones a minute for all together, each of them slow. */
export class CodeDoor {
  readonly #code: string;
  readonly #tries = new RateLimit(WRONG_A_MINUTE, 60_000);

  constructor(code: string) {
    this.#code = code;
  }

  /** Why a code opens nothing; undefined where it is the right one. */
  async refusalOf(typed: string): Promise<CodeRefusal | undefined> {
    // Taken before anything is looked at: many that come at once are as many tries. Past them the right one is not looked at either.
    if (!this.#tries.take(ALL)) return 'wait';
    // Slow for everyone, right or wrong: nothing is learnt from the time.
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    if (!isCode(typed, this.#code)) return 'code';
    // No more than the one that this very code took: wrong ones count on, whoever signs in meanwhile.
    this.#tries.giveBack(ALL);
    return undefined;
  }
}
