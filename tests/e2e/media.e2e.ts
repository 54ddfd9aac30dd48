import { expect, test } from '@playwright/test';
import { faultsOf } from '../support/axe.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { LibraryPage } from './pages/library.ts';
import { MediaPart } from './pages/media.ts';

/** Pictures and recordings: asked for, kept, cut, falsified, taken away. */

const ITEM = '/fr/akashganga';

let hub: Hub;
let link: LinkProxy;
test.beforeEach(async () => {
  hub = await startHub();
  link = await startProxy({ target: hub.port });
});
test.afterEach(async () => {
  await link.close();
  await hub.remove();
});

const blobRequests = () => link.log().filter(({ path }) => path.startsWith('/b/'));

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a page has its picture with its words, and its recording with its length', async ({ page }) => {
    await page.goto(link.url + ITEM);
    await expect(page.getByRole('link', { name: 'Écouter · 28 s' })).toHaveAttribute('href', /^\/b\/..\/[\w-]{43}$/);
    await expect(page.getByText('Voix de synthèse', { exact: true })).toBeVisible();
    await expect(page.locator('audio')).toHaveAttribute('preload', 'none');
    const picture = page.getByRole('img', { name: /^Une femme apporte son lait/ });
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => blobRequests().length).toBe(1);
    await page.screenshot();
    // The browser chose one file; the recording waits for whoever wants it.
    expect(blobRequests()[0]?.downBytes).toBeLessThan(10_000);
    await expect(picture).toHaveAttribute('width', '320');
    expect((await picture.boundingBox())?.height).toBeGreaterThan(200);
  });
});

test('a picture comes when it is seen; what is kept is there without a link, to see and to hear', async ({ page }) => {
  const library = new LibraryPage(page, link.url);
  const media = new MediaPart(page);
  await library.openAndKeep('/fr/');
  await expect(page.getByRole('link', { name: 'Français' }).locator('svg')).toBeAttached();
  await expect(page.getByRole('link', { name: 'English' }).locator('svg')).not.toBeAttached();
  link.reset();
  await page.goto(link.url + ITEM);
  await expect(media.listen).toHaveText('Écouter · 28 s');
  expect(blobRequests()).toEqual([]);
  await media.see();
  await media.expectPicture();
  await expect(page.getByRole('img', { name: /^Une femme apporte son lait/ })).toBeVisible();
  expect(blobRequests()).toHaveLength(1);
  await media.keep.click();
  await media.expectKept();
  // The list of leaves, and the recording.
  expect(blobRequests()).toHaveLength(3);

  await hub.kill();
  await page.reload();
  await media.expectKept();
  await media.see();
  await media.expectPicture();
  await media.listen.click();
  await media.expectPlaying();
  await media.listen.click();
  await expect(media.listen).toHaveText(/^Continuer · /);
  await media.listen.click();
  await media.expectPlaying();
  expect(await page.locator('audio').getAttribute('src')).toMatch(/^blob:/);
});

test('a recording that is cut says so, keeps what came, and goes on by itself', async ({ page }) => {
  const library = new LibraryPage(page, link.url);
  const media = new MediaPart(page);
  await library.openAndKeep('/fr/');
  await page.goto(link.url + ITEM);
  await expect(media.listen).toBeVisible();
  link.set({ bytesPerSecond: 20_000 });
  await media.listen.click();
  await expect(media.listen).toHaveText(/^Ça arrive\s: (29|58|87)\s%$/, { timeout: 15_000 });
  link.cut();
  await expect(page.getByText(/^Réseau coupé à \d\d\s%\. On reprend au même endroit\.$/)).toBeVisible();
  const kept = await media.leaves();
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(4);
  link.set({ bytesPerSecond: Number.POSITIVE_INFINITY });
  link.reset();
  link.restore();
  await media.expectPlaying();
  const asked = blobRequests().reduce((sum, { downBytes }) => sum + downBytes, 0);
  expect(asked).toBeLessThan(56_045 - kept * 16_384 + 2_000);
  expect(blobRequests().some(({ path }) => path.endsWith('.leaf'))).toBe(false);
});

test('the part of the app that brings them stalls: an answer is kept all the same, and the text reads on', async ({
  page,
}) => {
  const library = new LibraryPage(page, link.url);
  await library.openAndKeep('/fr/');
  await library.forgetWords();
  let isStalled = false;
  link.interceptOnce(({ path }) => {
    if (!path.startsWith('/assets/media-')) return undefined;
    isStalled = true;
    return 'hang';
  });
  await page.goto(link.url + ITEM);
  await expect.poll(() => isStalled).toBe(true);
  await library.fill('Le réseau est lent');
  await library.send();
  await library.expectArrived();
});

test('wrong bytes are never shown: asked twice, then said, and right at the next tap', async ({ page }) => {
  const library = new LibraryPage(page, link.url);
  const media = new MediaPart(page);
  await library.openAndKeep('/fr/');
  await page.goto(link.url + ITEM);
  const wrong = { status: 200, headers: { 'Content-Type': 'image/avif' }, body: new Uint8Array(20_000).fill(7) };
  for (let times = 0; times < 2; times++)
    link.interceptOnce(({ path }) => (path.startsWith('/b/') ? wrong : undefined));
  await media.see();
  await expect(page.getByText('Fichier abîmé ou changé. On ne le montre pas.')).toBeVisible();
  await media.expectSketch();
  expect(await media.leaves()).toBe(0);
  await media.show.click();
  await media.expectPicture();
});

test('what is taken away goes, stays away, and comes back at a tap', async ({ page }) => {
  const library = new LibraryPage(page, link.url);
  const media = new MediaPart(page);
  await library.openAndKeep('/fr/');
  await page.goto(link.url + ITEM);
  await media.keep.click();
  await media.expectKept();
  expect(await media.leaves()).toBe(5);
  await media.drop.click();
  await media.undo.click();
  // So long it can be taken back; what was taken back stays.
  await page.waitForTimeout(6_000);
  await media.expectKept();
  expect(await media.leaves()).toBe(5);
  await media.drop.click();
  await expect(media.undo).toBeVisible();
  await expect(media.keep).toBeVisible({ timeout: 10_000 });
  // The bytes go once nobody is told of them any more.
  await expect.poll(() => media.leaves()).toBe(0);
  await media.see();
  await media.expectSketch();
  await page.reload();
  link.reset();
  await media.see();
  await media.expectSketch();
  expect(blobRequests()).toEqual([]);
  await media.show.click();
  await media.expectPicture();
});

test('where each kilobyte counts, a picture waits for a tap and says how long it takes', async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setDataSaverOverride', { dataSaverEnabled: true });
  const library = new LibraryPage(page, link.url);
  const media = new MediaPart(page);
  await library.openAndKeep('/fr/');
  link.reset();
  await page.goto(link.url + ITEM);
  await media.see();
  await expect(media.show).toHaveText('Voir l’image · 1 s');
  await media.expectSketch();
  expect(blobRequests()).toEqual([]);
  await media.show.click();
  await media.expectPicture();
  // The page of the network says who has it so.
  await page.goto(`${link.url}/fr/-/network`);
  await expect(page.getByText('Ce téléphone économise déjà : ça attend.')).toBeVisible();
  // As the person says so, whatever the browser knows.
  await session.send('Emulation.setDataSaverOverride', { dataSaverEnabled: false });
  await page.goto(`${link.url}/fr/-/network`);
  const saving = page.getByRole('button', { name: 'Économiser le réseau' });
  await expect(saving).toHaveAttribute('aria-pressed', 'false');
  await saving.click();
  await expect(saving).toHaveAttribute('aria-pressed', 'true');
  link.reset();
  await page.goto(`${link.url}/fr/niger-radio`);
  await media.see();
  await media.expectSketch();
  expect(blobRequests()).toEqual([]);
});

test('axe finds nothing wrong, before and after they have come', async ({ page }) => {
  const library = new LibraryPage(page, link.url);
  const media = new MediaPart(page);
  await page.goto(link.url + ITEM);
  expect(await faultsOf(page)).toEqual([]);
  await library.kept();
  await page.evaluate(() => localStorage.setItem('relais-saving', 'on'));
  await page.goto(link.url + ITEM);
  await media.see();
  await media.expectSketch();
  expect(await faultsOf(page)).toEqual([]);
  await media.keep.click();
  await media.expectKept();
  expect(await faultsOf(page)).toEqual([]);
});
