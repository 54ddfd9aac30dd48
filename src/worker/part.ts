import type { Unwatch } from '../core/api/worker-api.ts';
import { RelaisError } from '../core/errors.ts';

/** With what follows, shorter than a page waits for any call, or it would take the worker for dead. */
export const WAIT_MS = 3_000;

/**
 * A part of the worker that is in a file of its own, and comes once it is first needed.
 *
 * Invariants: it is fetched once at a time; a fetch that failed is made again by the next who asks; whoever follows it hears of it whenever
 * it comes.
 */
export class Part<T> {
  readonly #load: () => Promise<T>;
  #coming: Promise<T> | undefined;
  readonly #followers = new Set<(part: T) => void>();

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** Throws `no-link` where it does not come within `WAIT_MS`; it goes on coming all the same. */
  get(): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new RelaisError('no-link', { what: 'part' })), WAIT_MS);
    });
    return Promise.race([this.#come(), late]).finally(() => clearTimeout(timer));
  }

  /** Calls `use` once it is here, whenever that is; `failed` where it does not come now. Returns what ends what `use` began. */
  follow(use: (part: T) => Unwatch, failed: () => void): Unwatch {
    let end: Unwatch = () => this.#followers.delete(begin);
    const begin = (part: T): void => {
      this.#followers.delete(begin);
      end = use(part);
    };
    this.#followers.add(begin);
    this.#come().catch(failed);
    return () => end();
  }

  /** A link came back: another try, where somebody waits for it. */
  again(): void {
    if (this.#followers.size > 0) this.#come().catch(() => {});
  }

  #come(): Promise<T> {
    this.#coming ??= this.#load().catch((error: unknown) => {
      this.#coming = undefined;
      throw error;
    });
    const coming = this.#coming;
    void coming.then(
      (part) => {
        for (const begin of [...this.#followers]) begin(part);
      },
      () => {},
    );
    return coming;
  }
}

/** Not in the types of a page, whose tests run this too. */
declare const importScripts: (url: string) => void;

/** A file that stalls is given up: the next who asks begins anew. */
const STALL_MS = 60_000;

/**
 * Runs a classic script in this worker. It is fetched first, and taken from the browser's caches then: `importScripts` holds up the whole
 * worker, with all that it owes to the page, for as long as a link stalls. Throws where it does not come.
 */
export const loadScript = async (url: string): Promise<void> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(STALL_MS) });
  // A portal answers with a page of its own.
  if (!response.ok || !/javascript/.test(response.headers.get('content-type') ?? '')) {
    throw new RelaisError('no-link', { what: 'part', status: response.status });
  }
  await response.arrayBuffer();
  importScripts(url);
};
