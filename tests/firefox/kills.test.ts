import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Draw } from '../sim/random.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { killFirefox, openFirefox } from './open.ts';

/**
 * A phone with Firefox that is killed (SIGKILL) at moments drawn from a seed: while an answer is kept, while answers leave, while news come.
 * `KILLS` and `SEED` have it run longer, or elsewhere.
 */

const KILLS = Number(process.env.KILLS ?? 6);
const SEED = Number(process.env.SEED ?? 1);
const KINDS = ['finish', 'send', 'news'] as const;

let hub: Hub;
let link: LinkProxy;
let profile: string;
let browser: Browser;
let page: Page;
/** Numbers that a page has shown: these answers are kept, whatever follows. */
let shown: string[];
let edits: number;

beforeEach(async () => {
  hub = await startHub();
  link = await startProxy({ target: hub.port });
  profile = mkdtempSync(join(tmpdir(), 'relais-firefox-'));
  shown = [];
  edits = 0;
});
afterEach(async () => {
  await browser.close().catch(() => {});
  await link.close();
  await hub.remove();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const start = async (): Promise<void> => {
  browser = await openFirefox(profile);
  page = await browser.newPage();
};
const kill = (): Promise<void> => killFirefox(browser);
const heading = () => page.evaluate(() => document.querySelector('h1')?.textContent);
const opened = async (): Promise<void> => {
  await page.goto(`${link.url}/fr/akashganga`);
  await expect.poll(heading, { timeout: 10_000 }).toBe('Le lait d’Akashganga');
};

const publishNews = async (): Promise<void> => {
  const path = join(hub.contentDir, 'akashganga/fr.md');
  const text = readFileSync(path, 'utf8').replace(/ Phrase \d+\./, '');
  writeFileSync(path, text.replace(/(?<=\n\n[A-Z][^\n]*)\n\n/, ` Phrase ${++edits}.\n\n`));
  expect((await hub.publish()).output).toMatch(/Published: number \d+/);
};

/** Fills a form and sends it; the phone dies a moment later. */
const finish = async (draw: Draw, n: number): Promise<void> => {
  await opened();
  await page.locator('textarea').fill(`Réponse ${n}`);
  await page.locator('input[name=helped]').click();
  await page.locator('form#answer button').click();
  const seen = page
    .waitForSelector('.keep bdi', { timeout: 10_000 })
    .then((number) => number?.evaluate(({ textContent }) => textContent))
    .catch(() => undefined);
  void seen.then((number) => number && shown.push(number.replaceAll(/\D/g, '')));
  await after(draw.between(0, 2_500));
  await kill();
  await seen;
};

it('whatever it was at: no answer that was said to be kept is lost or doubled, and its library opens', {
  timeout: 120_000 + KILLS * 60_000,
}, async () => {
  await start();
  await page.goto(`${link.url}/fr/akashganga`);
  await page.waitForSelector('html[data-offline=ready]', { timeout: 60_000 });
  await kill();
  for (let n = 1; n <= KILLS; n++) {
    const draw = new Draw(SEED, `kill ${n}`);
    const kind = KINDS[n % KINDS.length] as (typeof KINDS)[number];
    if (kind === 'news') await publishNews();
    link.set({ bytesPerSecond: kind === 'finish' ? 1_000_000 : 20_000 });
    if (kind === 'finish') link.cut();
    else link.restore();
    await start();
    if (kind === 'finish') await finish(draw, n);
    else {
      void page.goto(`${link.url}/fr/niger-radio`).catch(() => {});
      await after(draw.between(300, 4_000));
      await kill();
    }
    // Without a link it opens to what it had.
    link.cut();
    await start();
    await opened().catch((cause: unknown) => {
      throw new Error(`seed ${SEED}, kill ${n}: ${kind}`, { cause });
    });
    await kill();
  }
  link.restore();
  link.set({ bytesPerSecond: 1_000_000 });
  await start();
  await opened();
  if (KILLS >= 6) expect(shown.length).toBeGreaterThan(0);
  const arrived = (): readonly string[] => answersAt(hub).map(({ number }) => number);
  await expect.poll(arrived, { timeout: 60_000 }).toEqual(expect.arrayContaining(shown));
  const words = answersAt(hub).map(({ answers }) => answers.words);
  expect(new Set(words).size).toBe(words.length);
  const text = (): Promise<string> => page.evaluate(() => document.body.innerText);
  if (edits > 0) await expect.poll(text, { timeout: 60_000 }).toContain(`Phrase ${edits}.`);
  const waiting = (): Promise<string | undefined> =>
    page.evaluate(() => document.querySelector('.counts b')?.textContent ?? undefined);
  await page.goto(`${link.url}/fr/-/answers`);
  await expect.poll(waiting, { timeout: 60_000 }).toBe('0');
});
