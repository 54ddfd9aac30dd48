import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, expect, test } from '@playwright/test';
import { faultsOf } from '../support/axe.ts';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { LibraryPage } from './pages/library.ts';

/** A hub in the next room, which mirrors the library of a centre whenever there is a link, and passes answers on. */

let centre: Hub;
/** Between the two hubs. */
let link: LinkProxy;
let relay: Hub;

const servesSeq = async (hub: Hub): Promise<number> =>
  ((await (await fetch(`${hub.url}/healthz`)).json()) as { readonly seq: number }).seq;
const mirrored = (hub: Hub, seq = 1): Promise<void> => expect.poll(() => servesSeq(hub), { timeout: 40_000 }).toBe(seq);
/** The state page's lines. */
const stateOf = async (hub: Hub): Promise<string> =>
  (await (await fetch(`${hub.url}/hub`, { headers: { 'Accept-Language': 'fr' } })).text()).replaceAll(/<[^>]*>/g, '\n');

test.beforeEach(async () => {
  centre = await startHub();
  link = await startProxy({ target: centre.port });
});
test.afterEach(async () => {
  await relay.remove();
  await link.close();
  await centre.remove();
});
const startRelay = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
  relay = await startHub({ upstream: link.url, env: { SHELVES: 'fr', ...env } });
};

test('the library is read, kept and brought up to date in the next room, and an answer arrives by two links', async ({
  page,
}) => {
  await startRelay();
  await mirrored(relay);
  const library = new LibraryPage(page, relay.url);
  await library.openAndKeep('/fr/akashganga');

  // The centre is out of reach: what a phone sends waits next door, and is not said to have arrived.
  link.cut();
  await library.fill('Par le relais');
  await library.send();
  await expect(page.getByText('En route')).toBeVisible();
  await expect(page.getByText('Une copie attend au relais. Elle ira sans ce téléphone.')).toBeVisible();
  await expect.poll(() => stateOf(relay)).toContain('Une réponse attend le réseau.');
  await page.waitForTimeout(4_000);
  await expect(page.getByText('En route')).toBeVisible();
  expect(answersAt(centre)).toHaveLength(0);

  // The relay dies, and comes back: it has the answer still. Then the link comes, and the receipt finds its way to the phone.
  await relay.restart();
  link.restore();
  await expect.poll(() => answersAt(centre).length, { timeout: 20_000 }).toBe(1);
  await page.goto(`${relay.url}/fr/-/answers`);
  await expect(page.locator('.counts')).toContainText('arrivée au centre');
  await expect(page.locator('.counts b')).toHaveText(['0', '1'], { timeout: 25_000 });
  expect(await stateOf(relay)).toContain('Une réponse est arrivée au centre.');

  // News of the centre, by the relay.
  const path = join(centre.contentDir, 'akashganga/fr.md');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/\n\n(?=[A-Z])/, '\n\nUne phrase de plus. '));
  expect((await centre.publish()).output).toContain('Published: number 2');
  await relay.restart();
  await mirrored(relay, 2);
  await page.goto(`${relay.url}/fr/akashganga`);
  await expect(page.getByText('Une phrase de plus.')).toBeVisible({ timeout: 20_000 });
});

test('without a script: pages, pictures and an answer, which says where it waits', async ({ browser }) => {
  await startRelay();
  await mirrored(relay);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${relay.url}/fr/akashganga`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
  const images = page.locator('main img');
  await expect.poll(() => stateOf(relay), { timeout: 20_000 }).toMatch(/Images et voix\s: (\d+) sur \1 /);
  await page.reload();
  for (const image of await images.all())
    expect(await image.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBeGreaterThan(0);
  const library = new LibraryPage(page, relay.url);
  link.cut();
  await library.fill('Sans script');
  await library.send();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('C’est gardé');
  await expect(page.getByText('au relais d’ici')).toBeVisible();
  const number = await library.number();
  link.restore();
  await expect.poll(() => answersAt(centre).map((answer) => answer.number), { timeout: 20_000 }).toEqual([number]);
  await context.close();
});

test('a hub that the library knows by name says that it has an answer, by that name', async ({ page }) => {
  await startRelay();
  await mirrored(relay);
  const keys = (hub: Hub, ...args: readonly string[]): string =>
    execFileSync(process.execPath, ['dist/server/main-keys.js', ...args], {
      env: { ...process.env, DATA_DIR: hub.dataDir },
      encoding: 'utf8',
    });
  const key = keys(relay, 'request').split('\n')[1] ?? '';
  keys(centre, 'delegate', key, '--name', 'École de Tillia', '--until', '2099-06-30');
  expect((await centre.publish()).code).toBe(0);
  await page.goto(`${relay.url}/hub`);
  await page.getByRole('button', { name: 'Chercher des nouvelles' }).click();
  await expect
    .poll(() => stateOf(relay), { timeout: 20_000 })
    .toContain('La bibliothèque connaît ce relais : École de Tillia, jusqu’au 30 juin 2099.');
  const library = new LibraryPage(page, relay.url);
  await library.openAndKeep('/fr/akashganga');
  link.cut();
  await library.fill('Par l’école');
  await library.send();
  await expect(page.getByText('En route : École de Tillia')).toBeVisible();
  await page.getByRole('link', { name: 'Ma réponse' }).click();
  await expect(page.getByRole('listitem').getByText('En route : École de Tillia')).toBeVisible();
  link.restore();
  await expect(page.getByRole('listitem').getByText('Arrivé au centre')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('École de Tillia')).toHaveCount(0);
});

test('over plain http, where phones keep nothing: an answer is on its way, and not said to have arrived', async () => {
  await startRelay({ HOST: '127.0.0.1' });
  await mirrored(relay);
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    chromiumSandbox: false,
    args: [...chromiumArgs, '--host-resolver-rules=MAP relais.test 127.0.0.1'],
  });
  const page = await browser.newPage({ locale: 'fr-FR' });
  await page.goto(`http://relais.test:${relay.port}/fr/akashganga`);
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  const library = new LibraryPage(page, relay.url);
  link.cut();
  await library.fill('Sur le Wi-Fi de la maison');
  await library.send();
  await expect(page.getByText('En route')).toBeVisible();
  await expect(page.getByText('Arrivé au centre')).toHaveCount(0);
  const number = await library.number();
  link.restore();
  await expect.poll(() => answersAt(centre).map((answer) => answer.number), { timeout: 20_000 }).toEqual([number]);
  await browser.close();
});

test('before the library has come it says so; its own page says how it is, to everybody who can read', async ({
  browser,
}) => {
  link.cut();
  await startRelay();
  for (const locale of ['fr', 'ar']) {
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    const reply = await page.goto(`${relay.url}/`);
    expect(reply?.status()).toBe(503);
    const coming = locale === 'fr' ? 'La bibliothèque arrive encore.' : 'المكتبة ما زالت في الطريق.';
    await expect(page.getByText(coming)).toBeVisible();
    await page.goto(`${relay.url}/hub`);
    await expect(page.getByText(coming)).toBeVisible();
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await context.close();
  }
  link.restore();
  await mirrored(relay);
  const context = await browser.newContext({ locale: 'fr' });
  const page = await context.newPage();
  await page.goto(`${relay.url}/hub`);
  await expect(page.getByText('Aucune réponse n’attend.')).toBeVisible();
  await expect(page.getByText('http://localhost')).toHaveCount(2);
  await page.getByRole('button', { name: 'Chercher des nouvelles' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le relais d’ici');
  await expect(page.getByRole('img', { name: 'Adresse à photographier' })).toBeVisible();
  await expect(page.locator('#log')).toContainText('44 sujets');
  // There is no inbox here.
  await page.goto(`${relay.url}/inbox`);
  expect(new URL(page.url()).pathname).toBe('/hub');
  expect(await faultsOf(page)).toEqual([]);
  await context.close();
});
