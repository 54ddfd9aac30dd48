import { Agent, request } from 'node:http';
import type { Page } from '@playwright/test';
import { brotli } from '../../scripts/compress.mjs';
import type { Row } from './report.ts';
import { type Counted, LONG, SLOW, type Stage, type Visit, withVisit } from './stage.ts';

/** What a first visit costs until it can be read, answers to a tap, and needs no link any more. */

const LAST_CARD = '.cards li:last-child a';
const LAST_SOURCE = '.sources li:last-child';

/** Opens a page; resolves when its document is whole and `selector` is visible. */
const readable = async (page: Page, url: string, selector: string): Promise<void> => {
  const whole = page.waitForEvent('requestfinished', {
    predicate: (request) => request.isNavigationRequest(),
    timeout: LONG,
  });
  await page.goto(url, { waitUntil: 'commit' });
  await Promise.all([whole, page.locator(selector).waitFor({ state: 'visible' })]);
};

/** Fails unless the page can be read without a script, and with nothing but its document. */
const readableAlone = (stage: Stage, path: string, selector: string): Promise<void> =>
  withVisit(stage, { speed: SLOW, javaScriptEnabled: false }, async ({ link, url, page }) => {
    for (let n = 0; n < 20; n++) link.proxy.interceptOnce((other) => (other.path === path ? undefined : 'reset'));
    await readable(page, url + path, selector);
  });

/** Bytes of the document as a client gets it that takes gzip only, as a browser does from a hub without https. */
const gzipDown = (stage: Stage, path: string): Promise<number> =>
  withVisit(stage, { speed: SLOW }, async ({ link, url }) => {
    const agent = new Agent({ keepAlive: true });
    const headers = { 'Accept-Encoding': 'gzip', 'Accept-Language': 'fr-FR' };
    await new Promise<void>((resolve, reject) => {
      request(url + path, { agent, headers }, (response) => response.resume().once('end', resolve))
        .once('error', reject)
        .end();
    });
    agent.destroy();
    return link.read().exchanges[0]?.down ?? 0;
  });

interface Screen {
  readonly documentDown: number;
  readonly gzipOnlyDown: number;
  readonly seen: Counted;
}

const screen = async (stage: Stage, path: string, selector: string): Promise<Screen> => {
  const seen = await withVisit(stage, { speed: SLOW }, async ({ link, url, page }) => {
    await readable(page, url + path, selector);
    return link.read();
  });
  await readableAlone(stage, path, selector);
  const [page] = seen.exchanges;
  if (page?.path !== path) throw new Error(`The first request was not the page: ${JSON.stringify(seen)}`);
  return { documentDown: page.down, gzipOnlyDown: await gzipDown(stage, path), seen };
};

export const firstScreen = async (stage: Stage): Promise<Row> => {
  const detail = await screen(stage, '/', LAST_CARD);
  return {
    key: 'first-screen',
    what: 'down, until / can be read',
    measured: detail.documentDown,
    unit: 'B',
    limit: 10_000,
    requests: 1,
    requestLimit: 1,
    detail,
  };
};

export const directLink = async (stage: Stage): Promise<Row> => {
  const detail = await screen(stage, '/fr/akashganga', LAST_SOURCE);
  return {
    key: 'direct-link',
    what: 'down, until the whole Akashganga case can be read',
    measured: Math.max(detail.documentDown, detail.gzipOnlyDown),
    unit: 'B',
    limit: 14_000,
    requests: 1,
    requestLimit: 1,
    detail,
  };
};

/** The page's own scripts with their brotli-11 size; what workers load, and what the saved app has by then, is not among them. */
const watchScripts = (page: Page): (() => Promise<Readonly<Record<string, number>>>) => {
  const sizes: Promise<[string, number]>[] = [];
  page.on('response', (response) => {
    const request = response.request();
    const { pathname } = new URL(request.url());
    const ofWorker = request.serviceWorker() !== null || /^\/(sw|assets\/(engine|worker)-[^/]*)\.js$/.test(pathname);
    if (request.resourceType() !== 'script' || ofWorker || response.fromServiceWorker()) return;
    sizes.push(response.body().then((body) => [pathname, brotli(body).length]));
  });
  return async () => Object.fromEntries(await Promise.all(sizes));
};

const untilOffline = async ({ link, url, page }: Visit) => {
  const scripts = watchScripts(page);
  const start = performance.now();
  await page.goto(`${url}/`, { waitUntil: 'commit' });
  const ready = page.locator('html[data-offline=ready]').waitFor({ state: 'attached' });
  await ready.catch((cause: unknown) => {
    throw new Error(`Never ready for offline; seen: ${JSON.stringify(link.read())}`, { cause });
  });
  const seen = link.read();
  return { seen, milliseconds: Math.round(performance.now() - start), files: await scripts() };
};

/** Both from one visit: the scripts, and everything until the link may go. */
export const offlineReady = async (stage: Stage): Promise<Row[]> => {
  const { seen, files, milliseconds, later } = await withVisit(stage, { speed: SLOW }, async (visit) => {
    const until = await untilOffline(visit);
    await visit.link.quiet();
    return { ...until, later: visit.link.read().exchanges.slice(until.seen.exchanges.length) };
  });
  const library = seen.exchanges.filter(({ path }) => path.startsWith('/c/')).reduce((sum, { down }) => sum + down, 0);
  return [
    {
      key: 'page-scripts',
      what: 'scripts before the page answers to a tap, brotli 11',
      measured: Object.values(files).reduce((sum, bytes) => sum + bytes, 0),
      unit: 'B',
      limit: 40_000,
      detail: { files },
    },
    {
      key: 'offline-ready',
      what: 'down, until no link is needed, without the library',
      measured: seen.down - library,
      unit: 'B',
      limit: 120_000,
      detail: { library, milliseconds, seen, later },
    },
  ];
};
