import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type LinkProxy, type LinkSpeed, startProxy } from '../support/proxy.ts';

/** A hub, a browser, and between them the link whose bytes are counted. */

/** 50 kbit/s and 600 ms. */
export const SLOW: Required<LinkSpeed> = { bytesPerSecond: 6250, rttMs: 600 };
/** For what is not measured. */
export const FAST: Required<LinkSpeed> = { bytesPerSecond: Number.POSITIVE_INFINITY, rttMs: 0 };
export const LONG = 180_000;

/** One request and its reply as the link saw them, headers included. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly up: number;
  readonly down: number;
}

export interface Counted {
  readonly up: number;
  readonly down: number;
  readonly exchanges: readonly Exchange[];
}

/** The proxy, with each request's own bytes in both directions. */
export class CountedLink {
  readonly proxy: LinkProxy;
  #heads: string[] = [];

  constructor(proxy: LinkProxy) {
    this.proxy = proxy;
    // It never answers, so it is asked at every request.
    proxy.interceptOnce(({ head }) => {
      this.#heads.push(head);
      return undefined;
    });
  }

  reset(): void {
    this.proxy.reset();
    this.#heads = [];
  }

  /** Request heads since the last reset. */
  heads(): readonly string[] {
    return [...this.#heads];
  }

  read(): Counted {
    const exchanges = this.proxy
      .log()
      .map(({ method, path, upBytes, downBytes }) => ({ method, path, up: upBytes, down: downBytes }));
    return { up: this.proxy.up(), down: this.proxy.down(), exchanges };
  }

  /** Waits until no byte and no request has passed for `ms`. */
  async quiet(ms = 3_000): Promise<void> {
    let last = '';
    let since = performance.now();
    while (performance.now() - since < ms) {
      const now = `${this.proxy.up()} ${this.proxy.down()} ${this.proxy.requests()}`;
      if (now !== last) since = performance.now();
      last = now;
      await sleep(100);
    }
  }

  /** Waits for the first request since the last reset, then for quiet. */
  async quietAgain(): Promise<Counted> {
    const end = performance.now() + 60_000;
    while (this.proxy.requests() === 0) {
      if (performance.now() > end) throw new Error('No request came within a minute.');
      await sleep(50);
    }
    await this.quiet();
    return this.read();
  }
}

export interface Stage {
  readonly hub: Hub;
  readonly browser: Browser;
}

/** Runs `work` with a hub and a browser of its own. `args`: of this browser beside those of all. */
export const withStage = async <T>(work: (stage: Stage) => Promise<T>, args: readonly string[] = []): Promise<T> => {
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    chromiumSandbox: false,
    args: [...chromiumArgs, ...args],
  });
  const hub = await startHub();
  try {
    return await work({ hub, browser });
  } finally {
    await browser.close();
    await hub.remove();
  }
};

export interface Visit {
  readonly link: CountedLink;
  readonly url: string;
  readonly context: BrowserContext;
  readonly page: Page;
}

/** Runs `work` with a page of a cold profile, over a link of its own. */
export const withVisit = async <T>(
  { hub, browser }: Stage,
  options: { readonly speed: LinkSpeed; readonly javaScriptEnabled?: boolean },
  work: (visit: Visit) => Promise<T>,
): Promise<T> => {
  const proxy = await startProxy({ target: hub.port, ...options.speed });
  const context = await browser.newContext({
    viewport: { width: 320, height: 480 },
    locale: 'fr-FR',
    javaScriptEnabled: options.javaScriptEnabled ?? true,
  });
  context.setDefaultTimeout(LONG);
  context.setDefaultNavigationTimeout(LONG);
  try {
    return await work({ link: new CountedLink(proxy), url: proxy.url, context, page: await context.newPage() });
  } finally {
    await context.close();
    await proxy.close();
  }
};
