import { type Remote, releaseProxy, wrap } from 'comlink';
import { NEAR_PORT } from '../core/api/near.ts';
import type { WorkerApi } from '../core/api/worker-api.ts';
import { RelaisError } from '../core/errors.ts';
import { fileAddress, fileList } from './app-files.ts';
import { scriptUrl } from './trusted.ts';

export const limits = { ready: 20_000, call: 10_000, beat: 20_000, again: 3_000 };

/** A subscription that outlives the worker that it was made with. Returns its end. */
export type Subscribe = (api: Remote<WorkerApi>) => Promise<() => void>;

interface Subscription {
  readonly subscribe: Subscribe;
  end: () => void;
  /** Counts how often it was asked anew: an answer to an earlier time is ended at once. */
  round: number;
}

/**
 * The link to the data worker. Comlink waits for ever for a worker that died, is not ready or was never started; this does not.
 *
 * Invariants: no call is made before the worker said that it is ready; every call ends within `limits.call`; a worker that does not answer
 * is replaced, `limits.again` later, and every live subscription is made again with the new one.
 */
export class WorkerLink {
  #worker: Worker | undefined;
  #api: Promise<Remote<WorkerApi>> | undefined;
  #pause: Promise<void> = Promise.resolve();
  readonly #subscriptions = new Set<Subscription>();
  readonly #onSpawn: (api: Remote<WorkerApi>) => Promise<void>;
  readonly #spawnWorker: () => Worker;

  /** `onSpawn` runs on each new worker before any call. */
  constructor(
    onSpawn: (api: Remote<WorkerApi>) => Promise<void>,
    spawnWorker = () => new Worker(scriptUrl(fileAddress('worker.js')), { name: fileList }),
  ) {
    this.#onSpawn = onSpawn;
    this.#spawnWorker = spawnWorker;
    setInterval(() => {
      if (this.#api && document.visibilityState === 'visible') void this.call((api) => api.ping()).catch(() => {});
    }, limits.beat);
  }

  /** Calls the worker. Throws `worker` where it did not answer in time; whatever the call means must bear being made again. */
  async call<T>(work: (api: Remote<WorkerApi>) => Promise<T>): Promise<T> {
    const link = this.#link();
    let api: Remote<WorkerApi> | undefined;
    try {
      api = await link;
      return await within(limits.call, work(api));
    } catch (error) {
      // A worker that could not be opened, or does not answer.
      const isDead = !api || (error instanceof RelaisError && error.code === 'worker');
      if (isDead && this.#api === link) this.#drop();
      throw error;
    }
  }

  /** Subscribes now and again after each respawn. */
  subscribe(subscribe: Subscribe): () => void {
    const entry: Subscription = { subscribe, end: () => {}, round: 0 };
    this.#subscriptions.add(entry);
    void this.#resubscribe(entry);
    return () => {
      this.#subscriptions.delete(entry);
      entry.round++;
      entry.end();
    };
  }

  /** Asks every live query anew: a page that was frozen may have missed changes. */
  refresh(): void {
    for (const entry of this.#subscriptions) {
      entry.end();
      void this.#resubscribe(entry);
    }
  }

  async #resubscribe(entry: Subscription): Promise<void> {
    const round = ++entry.round;
    entry.end = () => {};
    try {
      const end = await this.call(entry.subscribe);
      if (entry.round === round) entry.end = () => end();
      else end();
    } catch {
      // The respawn that follows subscribes again.
    }
  }

  #link(): Promise<Remote<WorkerApi>> {
    // A worker that cannot start (no link, and not saved yet) is not asked for again and again at once.
    this.#api ??= this.#pause.then(() => this.#spawn());
    return this.#api;
  }

  async #spawn(): Promise<Remote<WorkerApi>> {
    const worker = this.#spawnWorker();
    this.#worker = worker;
    const ready = new Promise<void>((resolve, reject) => {
      const failed = (): void => reject(new RelaisError('worker', { what: 'start' }));
      worker.addEventListener('error', failed, { once: true });
      const hear = (event: MessageEvent): void => {
        if (event.data !== 'relais-ready') return;
        worker.removeEventListener('message', hear);
        resolve();
      };
      worker.addEventListener('message', hear);
    });
    // A device that has chosen a hub on its Wi-Fi reaches it from here only.
    worker.addEventListener('message', ({ data, ports: [port] }: MessageEvent) => {
      if (data !== NEAR_PORT || !port) return;
      // Where that part does not come, the usual way is not to wait for it.
      import('./near-page.ts').then(
        ({ serveNear }) => serveNear(port),
        () => {
          port.onmessage = (asked: MessageEvent) => port.postMessage({ id: asked.data.id, failed: 'no-link' });
        },
      );
    });
    await within(limits.ready, ready);
    const api = wrap<WorkerApi>(worker);
    await within(limits.call, this.#onSpawn(api));
    return api;
  }

  #drop(): void {
    const old = this.#api;
    this.#api = undefined;
    this.#pause = new Promise((resolve) => setTimeout(resolve, limits.again));
    this.#worker?.terminate();
    void old?.then((api) => api[releaseProxy]()).catch(() => {});
    for (const entry of this.#subscriptions) void this.#resubscribe(entry);
  }
}

const within = <T>(ms: number, work: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RelaisError('worker', { ms })), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};
