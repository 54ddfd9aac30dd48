import { expect, type Page, test } from '@playwright/test';
import { faultsOf } from '../support/axe.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { LibraryPage } from './pages/library.ts';
import { MediaPart } from './pages/media.ts';

/** Pictures and recordings that come before anybody looks at them. */

const ITEM = '/fr/akashganga';
let hub: Hub;
let link: LinkProxy;
test.beforeAll(async () => {
  hub = await startHub();
});
test.afterAll(() => hub.remove());
test.beforeEach(async () => {
  link = await startProxy({ target: hub.port });
});
test.afterEach(() => link.close());

const blobs = () => link.log().filter(({ path }) => path.startsWith('/b/'));
const pictures = (page: Page) => page.getByRole('checkbox', { name: /^Toutes les images/ });
const share = (page: Page) => page.locator('p#ahead-pictures');
const opened = async (page: Page): Promise<void> => {
  await new LibraryPage(page, link.url).openAndKeep('/fr/');
  await page.goto(`${link.url}/fr/-/network`);
  await expect(share(page)).toHaveText(/^0 sur \d+ ici$/);
};
const all = async (page: Page): Promise<number> =>
  Number(/sur (\d+)/.exec((await share(page).textContent()) ?? '')?.[1]);
const expectWhole = async (page: Page, count: number): Promise<void> =>
  expect(share(page)).toHaveText(`${count} sur ${count} ici`, { timeout: 30_000 });

test('what was chosen comes by itself, and is seen without a link by whoever opens its topic first', async ({
  page,
}) => {
  await opened(page);
  const count = await all(page);
  expect(count).toBeGreaterThan(2);
  await expect(pictures(page)).not.toBeChecked();
  // How long it takes, for readers.
  await expect(page.getByText(/^Toutes les images · \d+\s(s|min)$/)).toBeVisible();
  expect(blobs()).toEqual([]);
  expect(await faultsOf(page)).toEqual([]);
  await pictures(page).check();
  await expectWhole(page, count);
  // No recording, and each file once.
  const paths = blobs().map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  await expect(page.locator('p#ahead-recordings')).toHaveText(/^0 sur/);
  expect(await faultsOf(page)).toEqual([]);
  link.cut();
  await page.goto(link.url + ITEM);
  const media = new MediaPart(page);
  await media.see();
  await media.expectPicture();
});

test('it waits where each kilobyte counts, and says so', async ({ page }) => {
  await opened(page);
  await page.getByRole('button', { name: 'Économiser le réseau' }).click();
  await pictures(page).check();
  await expect(page.getByText('« Économiser » est allumé : ça attend.')).toBeVisible();
  await page.getByRole('button', { name: 'Chercher des nouvelles' }).click();
  await expect(page.locator('#log li')).not.toHaveCount(0);
  expect(blobs()).toEqual([]);
  await page.getByRole('button', { name: 'Économiser le réseau' }).click();
  await expectWhole(page, await all(page));
});

test('a link that breaks off costs nothing of what came, and it goes on with the next one', async ({ page }) => {
  await opened(page);
  const count = await all(page);
  // Seconds for each, so that a busy machine sees the second one begin before the last has come.
  link.set({ bytesPerSecond: 5_000 });
  await pictures(page).check();
  await expect.poll(() => blobs().length).toBeGreaterThan(1);
  link.cut();
  await expect(share(page)).not.toHaveText(`${count} sur ${count} ici`);
  link.restore();
  link.set({ bytesPerSecond: 1_000_000 });
  await page.evaluate(() => void dispatchEvent(new Event('online')));
  await expectWhole(page, count);
});

test('all of it goes at a tap, unless that is taken back within five seconds', async ({ page }) => {
  await opened(page);
  const media = new MediaPart(page);
  await pictures(page).check();
  await expectWhole(page, await all(page));
  const drop = page.getByRole('button', { name: /^Enlever images et sons · / });
  await drop.click();
  await page.getByRole('button', { name: 'Annuler' }).click();
  await expect(drop).toBeVisible();
  expect(await media.leaves()).toBeGreaterThan(2);
  await drop.click();
  await expect(share(page)).toHaveText(/^0 sur/, { timeout: 15_000 });
  await expect(pictures(page)).not.toBeChecked();
  await expect(drop).not.toBeVisible();
  await expect.poll(() => media.leaves()).toBe(0);
});
