import type { Hono } from 'hono';
import type { Platform } from '../../src/core/platform.ts';
import { computing } from './machine.ts';
import { START, type World } from './world.ts';

/** A process of a hub: it waits now and then, others go on meanwhile, and it may die there. What was asked of it dies with it. */

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

/** Whoever answers requests at the other end of a link. */
export interface Site {
  /** One request. Rejects where nobody is there, or it dies meanwhile. */
  handle(path: string, init: RequestInit): Promise<Reply>;
}

export const refused = (): Promise<never> => Promise.reject(new TypeError('connection refused'));

export const never = new Promise<never>(() => {});

export interface ProcessOptions {
  readonly world: World;
  /** Names its waits among all decisions of the seed. */
  readonly name: string;
  /** Share of its waits at which it dies. */
  readonly rate: number;
  /** What its clock is off by, in milliseconds. */
  readonly skew: () => number;
  readonly die: () => void;
  /** Begins it again. */
  readonly start: () => void;
}

export class Process {
  isAlive = true;
  readonly #options: ProcessOptions;
  readonly #waiting = new Set<(error: Error) => void>();
  readonly platform: Platform;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.platform = this.#makePlatform();
  }

  /** One request to the routes of this process. */
  serve(app: Hono, path: string, init: RequestInit): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const answered = async (): Promise<Reply> => {
        const response = await app.fetch(new Request(`http://hub.test${path}`, init));
        const bytes = new Uint8Array(await response.arrayBuffer());
        return { status: response.status, headers: Object.fromEntries(response.headers), bytes };
      };
      answered()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
  }

  /** What somebody does on that machine: undefined where it dies meanwhile. */
  within<T>(work: () => Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const gone = (): void => resolve(undefined);
      this.#waiting.add(gone);
      void work()
        .then(resolve, gone)
        .finally(() => this.#waiting.delete(gone));
    });
  }

  /** It is no more. */
  end(): void {
    this.isAlive = false;
    for (const refuse of this.#waiting) refuse(new TypeError('connection reset'));
  }

  /** Runs `fn` after `ms`, unless it is dead by then. */
  after(ms: number, fn: () => void): () => void {
    return this.#options.world.clock.after(ms, () => this.isAlive && fn());
  }

  /** Others go on meanwhile; or it dies here. */
  async pause<T>(work: Promise<T>, longest = 4): Promise<T> {
    const { world, name: hub, rate, die, start } = this.#options;
    if (!this.isAlive) return never;
    const name = world.next(`${hub}-step`);
    await world.clock.sleep(world.noise(name).between(0, longest));
    if (this.isAlive && world.decide(name, rate)) {
      die();
      world.clock.after(world.noise(`${name}/down`).between(100, 60_000), start);
    }
    return this.isAlive ? work : never;
  }

  #makePlatform(): Platform {
    const { world, name, skew } = this.#options;
    const random = (length: number) => world.noise(world.next(`${name}-random`)).bytes(length);
    const machine = computing(random);
    return {
      ...machine,
      now: () => START + world.clock.now + skew(),
      chance: () => 0.5,
      randomBytes: random,
      sha256: (data) => this.pause(machine.sha256(data)),
      keyAgreement: {
        ...machine.keyAgreement,
        agree: (secret, other) => this.pause(machine.keyAgreement.agree(secret, other)),
      },
      after: (ms, fn) => this.after(ms, fn),
    };
  }
}
