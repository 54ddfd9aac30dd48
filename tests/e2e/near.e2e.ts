import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, expect, type Page, test } from '@playwright/test';
import { faultsOf } from '../support/axe.ts';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { openSecurely, type SecureDoor } from '../support/secure.ts';
import { LibraryPage } from './pages/library.ts';

/**
 * The installed app, which a phone has from its centre's https address, and a hub over plain http on the Wi-Fi that it stands in. The address is a
 * private one, which only this browser takes for this machine: this machine's own would be let through where a hub's is not.
 */

test.setTimeout(120_000);

const NAME = 'relais.test';
const WIFI = '192.168.77.5';
const ITEM = '/fr/akashganga';

let centre: Hub;
/** The way of phones to the centre. */
let door: SecureDoor;
/** The relay's. */
let link: LinkProxy;
let relay: Hub;
/** Another port of the Wi-Fi, where nobody is yet. */
let spare: number;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let app: string;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
const near = (): string => `http://${WIFI}:${relay.port}`;
const seqAt = async (hub: Hub): Promise<number> =>
  ((await (await fetch(`http://127.0.0.1:${hub.port}/healthz`)).json()) as { readonly seq: number }).seq;
const mirrored = (seq: number): Promise<void> => expect.poll(() => seqAt(relay), { timeout: 40_000 }).toBe(seq);

test.beforeEach(async () => {
  centre = await startHub();
  door = await openSecurely(NAME, centre.port);
  app = `https://${NAME}:${door.port}`;
  link = await startProxy({ target: centre.port });
  const port = await freePort();
  spare = await freePort();
  relay = await startHub({
    port,
    upstream: link.url,
    env: { SHELVES: 'fr', HOST: '127.0.0.1', PUBLIC_URL: `http://${WIFI}:${port}`, APP_ORIGIN: app },
  });
  await mirrored(1);
  const executablePath = findChromium();
  browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    chromiumSandbox: false,
    args: [
      ...chromiumArgs,
      `--ignore-certificate-errors-spki-list=${door.pin}`,
      `--host-resolver-rules=MAP ${NAME} 127.0.0.1, MAP ${WIFI} 127.0.0.1`,
      `--ip-address-space-overrides=127.0.0.1:${door.port}=public,127.0.0.1:${port}=local,127.0.0.1:${spare}=local`,
    ],
  });
  context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 320, height: 480 } });
  page = await context.newPage();
});
test.afterEach(async () => {
  await browser.close();
  await relay.remove();
  await link.close();
  await door.close();
  await centre.remove();
});

/** What the person says when the browser asks whether the app may go to addresses of the Wi-Fi. */
const permit = async (setting: 'granted' | 'denied'): Promise<void> => {
  if (setting === 'granted') return context.grantPermissions(['local-network-access'], { origin: app });
  const session = await browser.newBrowserCDPSession();
  for (const name of ['local-network', 'local-network-access'])
    await session.send('Browser.setPermission', { permission: { name }, setting, origin: app }).catch(() => {});
};
const use = (): Promise<void> => page.getByRole('button', { name: 'Prendre ce relais' }).click();
const kept = () => page.locator('#near');
const lines = () => page.locator('#log li');
const nudge = (): Promise<void> => page.evaluate(() => void dispatchEvent(new Event('online')));
/** The app installed, and its link opened that the relay's own page has. */
const openLink = async (): Promise<LibraryPage> => {
  const library = new LibraryPage(page, app);
  await library.openAndKeep(ITEM);
  const state = await context.newPage();
  await state.goto(`${near()}/hub`);
  const href = (await state.locator('a[href*="#hub="]').getAttribute('href')) ?? '';
  await expect(state.getByRole('img', { name: 'Code pour l’appli' })).toBeVisible();
  await state.close();
  expect(href).toBe(`${app}/-/network#hub=${near()}`);
  await page.goto(href);
  await expect(page.getByLabel('Son adresse, en chiffres')).toHaveValue(`${WIFI}:${relay.port}`);
  await expect(page.getByRole('button', { name: 'Prendre ce relais' })).toBeInViewport();
  return library;
};
/** Another library than the app's, whose hub lets the app in. */
const startStranger = (port: number): Promise<Hub> =>
  startHub({ port, stranger: true, env: { HOST: '127.0.0.1', APP_ORIGIN: app } });
const publishNews = async (sentence: string, seq: number): Promise<void> => {
  const path = join(centre.contentDir, 'akashganga/fr.md');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/\n\n(?=[A-Z])/, `\n\n${sentence} `));
  expect((await centre.publish()).output).toContain(`Published: number ${seq}`);
};

test('a relay from its own page: news, an answer and its receipt, pictures, while the centre cannot be reached', async () => {
  await permit('granted');
  const library = await openLink();
  expect(await faultsOf(page)).toEqual([]);
  await use();
  await expect(kept()).toHaveText(`${WIFI}:${relay.port}`);
  await expect(lines().first()).toContainText('par le relais d’ici', { timeout: 20_000 });
  expect(await faultsOf(page)).toEqual([]);
  const spent = await page.locator('#spent').innerText();

  // News by the relay, at no cost.
  door.cut();
  await publishNews('Une phrase de plus.', 2);
  await relay.restart();
  await mirrored(2);
  await nudge();
  await expect(lines().first()).toContainText('un sujet', { timeout: 20_000 });
  await expect(lines().first()).toContainText('par le relais d’ici');
  expect(await page.locator('#spent').innerText()).toBe(spent);
  await page.goto(app + ITEM);
  await expect(page.getByText('Une phrase de plus.')).toBeVisible();
  // Pictures, too.
  const picture = page.getByRole('img', { name: /^Une femme apporte son lait/ });
  await picture.scrollIntoViewIfNeeded();
  await expect
    .poll(() => picture.evaluate((one: HTMLImageElement) => one.naturalWidth), { timeout: 20_000 })
    .not.toBe(0);

  // An answer waits at the relay, and is not said to have arrived before the centre's own receipt is back.
  link.cut();
  await library.fill('Par le Wi-Fi');
  await library.send();
  await expect(page.getByText('En route')).toBeVisible({ timeout: 20_000 });
  expect(answersAt(centre)).toHaveLength(0);
  link.restore();
  await expect.poll(() => answersAt(centre).length, { timeout: 20_000 }).toBe(1);
  await page.goto(`${app}/fr/-/answers`);
  await expect(page.locator('.counts b')).toHaveText(['0', '1'], { timeout: 25_000 });
});

test('typed by hand: what is no such address, nobody there, a stranger’s library; taken away again', async () => {
  await permit('granted');
  await new LibraryPage(page, app).openAndKeep(ITEM);
  await page.goto(`${app}/fr/-/network`);
  const field = page.getByLabel('Son adresse, en chiffres');
  for (const text of ['relais.local:8080', '8.8.8.8', '127.0.0.1:8080']) {
    await field.fill(text);
    await use();
    await expect(page.getByText('Il faut des chiffres, comme 192.168.1.5:8080.')).toBeVisible();
  }
  await field.fill(`${WIFI}:${spare}`);
  await use();
  await expect(page.getByText('Personne ne répond. Même Wi-Fi ? Avez-vous dit oui ?')).toBeVisible();

  const stranger = await startStranger(spare);
  await use();
  await expect(page.getByText('Signé par quelqu’un d’autre. On garde la nôtre.')).toBeVisible();
  await expect(kept()).toHaveCount(0);
  await stranger.remove();
  await page.goto(app + ITEM);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
  await expect(page.getByText('signée par quelqu’un d’autre')).toHaveCount(0);

  await page.goto(`${app}/fr/-/network`);
  await field.fill(near());
  await use();
  await expect(kept()).toHaveText(`${WIFI}:${relay.port}`);
  await page.getByRole('button', { name: 'Ne plus le prendre' }).click();
  await expect(kept()).toHaveCount(0);
  // From here on the centre is asked again.
  await expect(field).toBeVisible();
  await page.getByRole('button', { name: 'Chercher des nouvelles' }).click();
  await expect(lines().first()).not.toContainText('par le relais d’ici');
});

test('where the person said no, it says so, and what else to open; the centre is asked as ever', async () => {
  await permit('denied');
  await openLink();
  await use();
  await expect(page.getByText('Le téléphone ne laisse pas l’appli y aller.')).toBeVisible();
  await expect(page.getByRole('link', { name: `${near()}/` })).toHaveAttribute('href', `${near()}/`);
  expect(await faultsOf(page)).toEqual([]);
  await expect(kept()).toHaveCount(0);
  await publishNews('Une phrase par le centre.', 2);
  await centre.restart();
  await page.getByRole('button', { name: 'Chercher des nouvelles' }).click();
  await expect(lines().first()).toContainText('un sujet', { timeout: 20_000 });
});

test('a browser that knows no way says which address to open instead', async () => {
  await page.addInitScript(() => Reflect.deleteProperty(Request.prototype, 'targetAddressSpace'));
  await openLink();
  await use();
  await expect(page.getByText('Dans ce navigateur, l’appli ne peut pas y aller.')).toBeVisible();
  await page.getByRole('link', { name: `${near()}/` }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(new URL(page.url()).origin).toBe(near());
});

test('a relay that is gone, or has become a stranger’s, keeps nothing from coming the usual way', async () => {
  await permit('granted');
  await openLink();
  await use();
  await expect(kept()).toHaveText(`${WIFI}:${relay.port}`);
  await relay.kill();
  await publishNews('Une phrase par le centre.', 2);
  await centre.restart();
  await page.goto(`${app}/fr/-/network`);
  await expect(lines().first()).toContainText('un sujet', { timeout: 20_000 });
  await expect(lines().first()).not.toContainText('par le relais d’ici');

  const stranger = await startStranger(relay.port);
  await publishNews('Encore une phrase.', 3);
  await page.reload();
  await expect(lines().first()).toContainText('un sujet', { timeout: 20_000 });
  await expect(lines().nth(1)).toContainText('Signé par quelqu’un d’autre. On garde la nôtre.');
  await expect(lines().nth(1)).toContainText('par le relais d’ici');
  // Nobody is asked whether to take another library.
  await page.goto(app + ITEM);
  await expect(page.getByText('Encore une phrase.')).toBeVisible();
  await expect(page.getByText('signée par quelqu’un d’autre')).toHaveCount(0);
  await stranger.remove();
});
