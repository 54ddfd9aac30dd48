import { type Signal, signal } from '@preact/signals';
import { Workbox } from 'workbox-window';
import { type AppCost, watchAppCost } from '../core/api/app-cost.ts';
import { SYNC_TAG, type ToPage, type ToServiceWorker } from '../core/api/messages.ts';
import { scriptUrl } from './trusted.ts';

const HOUR_MS = 3_600_000;
const HALF_DAY_MS = 12 * HOUR_MS;

/** The page's half of the service worker: registers it, says how far it is, offers an update, asks for wake-up calls. */
export class AppShell {
  /** `failed`: the app could not be saved for offline use this time. */
  readonly state: Signal<'none' | 'installing' | 'ready' | 'failed'> = signal('none');
  /** A newer app is installed and waits for the person. */
  readonly updateReady: Signal<boolean> = signal(false);
  /** Interface languages whose words are all saved. */
  readonly words: Signal<ReadonlySet<string>> = signal(new Set());
  /** What pages and the app's files took from the link, and is in no book yet. */
  readonly cost: Signal<AppCost> = signal({ down: 0, requests: 0 });
  readonly #workbox: Workbox | undefined;
  #updating = false;
  /** A page that loads is looked at by the browser itself. */
  #lookedAt = Date.now();

  constructor() {
    watchAppCost(globalThis.PerformanceObserver, location.origin, (cost) => this.#add(cost));
    if (!('serviceWorker' in navigator)) return;
    this.#workbox = new Workbox(scriptUrl('/sw.js'));
    this.#workbox.addEventListener('waiting', () => {
      this.updateReady.value = true;
    });
    this.#workbox.addEventListener('redundant', () => {
      if (this.state.value !== 'ready') this.state.value = 'failed';
    });
    // A tab that only stays open loads nothing, so the browser would not look by itself.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && Date.now() - this.#lookedAt > HOUR_MS) void this.look();
    });
    navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
      if (data?.type === 'cost') this.#add(data);
      if (data?.type !== 'warm') return;
      const names = new Set(data.urls.map((url) => /^\/assets\/(.+)-[\w-]{8}\.js$/.exec(url)?.[1] ?? url));
      this.words.value = new Set([...names].filter((name) => names.has(`later-${name}`)));
    });
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      this.state.value = 'ready';
      if (this.#updating) location.reload();
    });
  }

  #add({ down, requests }: AppCost): void {
    const { value } = this.cost;
    this.cost.value = { down: value.down + down, requests: value.requests + requests };
  }

  /**
   * Registers. Resolves once the app is saved and in control, or cannot be: then the data worker may start, without fetching the engine
   * a second time.
   */
  async start(): Promise<void> {
    const { serviceWorker } = navigator;
    if (!this.#workbox) return;
    if (serviceWorker.controller) {
      this.state.value = 'ready';
      void this.#workbox.register().catch(() => {});
      return;
    }
    this.state.value = 'installing';
    try {
      const registration = await this.#workbox.register({ immediate: true });
      await installed(registration);
      if (serviceWorker.controller) this.state.value = 'ready';
      // Loaded past it: by a forced reload, or on its way while the first one took over. `controllerchange` says when it is done.
      else registration?.active?.postMessage({ type: 'claim' } satisfies ToServiceWorker);
    } catch {
      this.state.value = 'failed';
    }
  }

  /** Takes the offered update: the page loads again once it is in control. */
  async update(): Promise<void> {
    const waiting = (await navigator.serviceWorker.getRegistration())?.waiting;
    // Another tab took it already: this one only has to load again.
    if (!waiting) return location.reload();
    this.#updating = true;
    waiting.postMessage({ type: 'activate' } satisfies ToServiceWorker);
  }

  /** Asks for a newer app: the library says that this one is too old for it. */
  async look(): Promise<void> {
    this.#lookedAt = Date.now();
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.update().catch(() => {});
  }

  /** Fetches the words of `lang`, then the rest of the app, one file at a time, where it may; `words` has `lang` once they are saved. */
  warm(lang: string, mayFetch: boolean): void {
    navigator.serviceWorker?.controller?.postMessage({ type: 'warm', lang, mayFetch } satisfies ToServiceWorker);
  }

  /** Asks the browser to wake the service worker once there is a link; most browsers cannot. */
  async wakeWhenOnline(): Promise<void> {
    if (!('serviceWorker' in navigator)) return;
    const registration = (await navigator.serviceWorker.getRegistration()) as SyncRegistration | undefined;
    await registration?.sync?.register(SYNC_TAG).catch(() => {});
  }

  /** Asks the browser to wake the service worker about twice a day; it does so only where the app is installed, and only some do. */
  async wakeDaily(): Promise<void> {
    const registration = (await navigator.serviceWorker?.getRegistration()) as SyncRegistration | undefined;
    await registration?.periodicSync?.register(SYNC_TAG, { minInterval: HALF_DAY_MS }).catch(() => {});
  }
}

interface SyncRegistration extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
  readonly periodicSync?: { register(tag: string, options: { minInterval: number }): Promise<void> };
}

/** Waits until the first service worker is active; rejects where its install failed. */
const installed = (registration: ServiceWorkerRegistration | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    if (registration?.active) return resolve();
    const worker = registration?.installing ?? registration?.waiting;
    if (!worker) return reject(new Error('no service worker'));
    const look = (): void => {
      if (worker.state === 'activated') resolve();
      if (worker.state === 'redundant') reject(new Error('install failed'));
    };
    worker.addEventListener('statechange', look);
    look();
  });
