import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession, Page } from '@playwright/test';
import { chromium } from '@playwright/test';
import { currentTree } from '../../server/publish/tree.ts';
import { itemId, writeBigLibrary } from '../support/big-library.ts';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { startHub } from '../support/hub.ts';
import { isOver, type Row, tableOf, writeResults } from './report.ts';
import { FAST, LONG, SLOW, type Visit, withVisit } from './stage.ts';

/**
 * `npm run bench:many`: what a library of 10,000 items costs where one of them changes, and where somebody scrolls through all of them. README.md says
 * what is counted.
 */
const ITEMS = Number(process.env.ITEMS ?? 10_000);
const CHANGED = itemId(77);

const folder = mkdtempSync(join(tmpdir(), 'relais-many-'));
const contentDir = join(folder, 'content');
const dataDir = join(folder, 'data');

const inSeconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

/** Rewrites the summary of one item, as an author would. */
const change = (words: string): void => {
  const path = join(contentDir, CHANGED, 'fr.md');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^summary: .*$/m, `summary: "${words}"`));
};

/** Files of the newest tree, and those among them that the one before does not share. */
const filesOf = (): { files: number; written: number } => {
  const tree = currentTree(dataDir);
  const files = readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  // A pack has two names of its own.
  const written = files.filter((file) => statSync(file).nlink === 1 || /\/from\//.test(file)).length;
  return { files: files.length, written };
};

const waitReady = (page: Page): Promise<unknown> =>
  page.locator('html[data-offline=ready]').waitFor({ state: 'attached', timeout: LONG });

const taskSeconds = async (session: CDPSession): Promise<number> => {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
};

/** Main-thread seconds of a scroll from the first line to the last, in so many steps of a frame each. */
const scrollThrough = async (page: Page, session: CDPSession, steps: number): Promise<number> => {
  await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
  await page.waitForTimeout(1000);
  const before = await taskSeconds(session);
  await page.evaluate(async (steps) => {
    const frame = (): Promise<unknown> => new Promise(requestAnimationFrame);
    for (let step = 1; step <= steps; step++) {
      // The sheet would let it glide, and start to glide anew with each step.
      scrollTo({ top: ((document.documentElement.scrollHeight - innerHeight) * step) / steps, behavior: 'instant' });
      await frame();
    }
    await frame();
  }, steps);
  return (await taskSeconds(session)) - before;
};

const scrollRow = async ({ page, url }: Visit): Promise<Row> => {
  const opened = performance.now();
  await page.goto(`${url}/fr/-/all`);
  await page.locator('.drawn b', { hasText: / 0$/ }).first().waitFor();
  const openSeconds = (performance.now() - opened) / 1000;
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  // A window at a time: faster than a finger, and every line is seen once.
  const steps = await page.evaluate(() => Math.ceil(document.documentElement.scrollHeight / innerHeight));
  const ours = await scrollThrough(page, session, steps);
  await page.locator('.list b', { hasText: new RegExp(` ${ITEMS - 1}$`) }).waitFor();
  await page.evaluate((lines) => {
    const list = document.createElement('ul');
    for (let line = 0; line < lines; line++)
      list.append(Object.assign(document.createElement('li'), { textContent: `Un sujet ${line}` }));
    document.body.replaceChildren(list);
  }, ITEMS);
  const bare = await scrollThrough(page, session, steps);
  return {
    key: 'scroll',
    what: `main-thread time, scrolling ${ITEMS} items, against a bare list of as many lines`,
    measured: Number((ours / bare).toFixed(2)),
    unit: 'times',
    limit: 2,
    detail: { openSeconds, steps, oursSeconds: ours, bareSeconds: bare },
  };
};

const syncRow = async (visit: Visit, publish: () => Promise<unknown>): Promise<Row> => {
  const { link, page, url } = visit;
  await page.goto(`${url}/fr/`);
  await waitReady(page);
  await link.quiet();
  await publish();
  link.proxy.set(SLOW);
  link.reset();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  const { up, down, exchanges } = await link.quietAgain();
  link.proxy.set(FAST);
  await page.goto(`${url}/fr/${CHANGED}`);
  await page.getByText('Une phrase de plus').first().waitFor();
  return {
    key: 'sync-one-of-many',
    what: `up + down, a sync after one of ${ITEMS} items changed`,
    measured: up + down,
    unit: 'B',
    limit: 1_600,
    requests: exchanges.length,
    requestLimit: 1,
    detail: { up, down, exchanges },
  };
};

console.error(`Writing ${ITEMS} items ...`);
writeBigLibrary(contentDir, ITEMS);
cpSync('content/forms', join(contentDir, 'forms'), { recursive: true });
console.error('Publishing all of them ...');
const start = performance.now();
const hub = await startHub({ stranger: true, env: { DATA_DIR: dataDir, CONTENT_DIR: contentDir } });
const first = (performance.now() - start) / 1000;
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  chromiumSandbox: false,
  args: chromiumArgs,
});
try {
  let seconds = 0;
  const publish = async (words: string): Promise<void> => {
    change(words);
    seconds = await inSeconds(async () => {
      const { code, output } = await hub.publish();
      if (code !== 0) throw new Error(output);
    });
  };
  console.error('Changing one ...');
  await publish('Une phrase changée.');
  const files = filesOf();
  const publishRow: Row = {
    key: 'publish-one-of-many',
    what: `publishing a change of one item among ${ITEMS}`,
    measured: Number(seconds.toFixed(1)),
    unit: 's',
    limit: 10,
    detail: { ...files, firstPublicationSeconds: first },
  };
  console.error('Syncing and scrolling ...');
  const rows = await withVisit({ hub, browser }, { speed: FAST }, async (visit) => [
    publishRow,
    await syncRow(visit, () => publish('Une phrase de plus, et une autre fin.')),
    await scrollRow(visit),
  ]);
  const path = writeResults('many', rows, browser.version());
  console.log(tableOf(rows));
  const over = rows.filter(isOver);
  console.log(over.length === 0 ? '\nAll within their limits.' : `\nOVER: ${over.map(({ key }) => key).join(', ')}`);
  console.log(`Written: ${files.written} of ${files.files} files. Details: ${path}`);
} finally {
  await browser.close();
  await hub.remove();
  rmSync(folder, { recursive: true, force: true });
}
