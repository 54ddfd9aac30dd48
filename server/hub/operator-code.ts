import { RateLimit } from './security.ts';
import { isCode } from './sessions.ts';

const WAIT_MS = 400;
const TRIES_A_MINUTE = 5;

/** Whoever types the operator's code is asked to wait: a few tries a minute for all together, each of them slow. */
export class CodeDoor {
  readonly #code: string;
  readonly #tries = new RateLimit(TRIES_A_MINUTE, 60_000);

  constructor(code: string) {
    this.#code = code;
  }

  /** Takes one of the tries; false where there is none left. */
  mayTry(): boolean {
    return this.#tries.take('all');
  }

  /** Slow for everyone, right or wrong: nothing is learnt from the time. */
  async isRight(typed: string): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    return isCode(typed, this.#code);
  }
}
