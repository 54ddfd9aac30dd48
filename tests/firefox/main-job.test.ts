import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt, envelopesAt } from '../support/inbox.ts';
import { killFirefox, openFirefox } from './open.ts';

/** No Background Sync here, another engine's IndexedDB, service worker and back/forward cache: the same promises. */

const SECRET = 'Ma voisine Zeinabou doute';

let hub: Hub;
let profile: string;
let browser: Browser;
let page: Page;

const open = async (): Promise<void> => {
  browser = await openFirefox(profile);
  page = await browser.newPage();
  await page.setViewport({ width: 320, height: 480 });
};

beforeEach(async () => {
  hub = await startHub();
  profile = mkdtempSync(join(tmpdir(), 'relais-firefox-'));
  await open();
});
afterEach(async () => {
  await browser.close().catch(() => {});
  await hub.remove();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});

const text = (): Promise<string> => page.evaluate(() => document.body.innerText);
const says = (words: string, timeout = 10_000) => expect.poll(text, { timeout }).toContain(words);
const heading = () => page.evaluate(() => document.querySelector('h1')?.textContent);

const openAndKeep = async (path: string): Promise<void> => {
  await page.goto(hub.url + path);
  await page.waitForSelector('html[data-offline=ready]', { timeout: 30_000 });
};

const fill = async (words: string): Promise<void> => {
  await page.locator('textarea').fill(words);
  await page.locator('input[name=helped]').click();
};

const typed = (): Promise<string> =>
  page.evaluate(() => {
    const fields = [...document.querySelectorAll<HTMLTextAreaElement | HTMLInputElement>('textarea, input:checked')];
    return `${document.body.innerText} ${fields.map(({ value }) => value)} ${JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])}`;
  });

it('the library stays without a link, and an answer arrives when it comes back, without a tap', async () => {
  await openAndKeep('/fr/');
  await hub.kill();
  await page.goto(`${hub.url}/fr/niger-radio`);
  await expect.poll(heading).toBe('Les radios du Niger');
  await says('Pas de réseau');
  await fill('Depuis Firefox');
  await page.locator('form#answer button').click();
  await says('Gardé ici');
  await hub.restart();
  await says('Arrivé au centre', 6_000);
  await expect.poll(() => answersAt(hub).map(({ answers }) => answers.words)).toEqual(['Depuis Firefox']);
});

it('the browser is killed after Finish: it arrives once, within 5 seconds of opening any page', async () => {
  await openAndKeep('/fr/akashganga');
  await hub.kill();
  await fill('Tuée juste après');
  await page.locator('form#answer button').click();
  await says('Gardé ici');
  await killFirefox(browser);
  await hub.restart();
  await open();
  await page.goto(`${hub.url}/fr/village-pay-phone`);
  await expect.poll(() => envelopesAt(hub), { timeout: 5_000 }).toBe(1);
});

it('after Fini nothing typed is left: back, forward, reload', async () => {
  await openAndKeep('/fr/');
  await page.goto(`${hub.url}/fr/akashganga`);
  await page.waitForSelector('textarea');
  await fill(SECRET);
  expect(await typed()).toContain(SECRET);
  await page.locator('#done').click();
  await page.waitForSelector('.cards');
  for (const step of ['back', 'forward', 'back', 'reload'] as const) {
    if (step === 'back') await page.goBack();
    if (step === 'forward') await page.goForward();
    if (step === 'reload') await page.reload();
    await page.waitForSelector('h1');
    expect(await typed()).not.toContain(SECRET);
    expect(await typed()).not.toContain(' yes');
  }
});

it('a draft on a page that is left by its address is not restored by the browser', async () => {
  await openAndKeep('/fr/akashganga');
  await fill(SECRET);
  await page.goto(`${hub.url}/fr/niger-radio`);
  await expect.poll(heading).toBe('Les radios du Niger');
  // From the back/forward cache: no load, so nothing that puppeteer would wait for.
  await page.evaluate(() => history.back());
  await expect.poll(heading).not.toBe('Les radios du Niger');
  await expect.poll(typed).not.toContain(SECRET);
  page = await browser.newPage();
  await page.goto(`${hub.url}/fr/akashganga`);
  await page.waitForSelector('textarea');
  expect(await typed()).not.toContain(SECRET);
});
