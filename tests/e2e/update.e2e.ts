import { expect, type Page, test } from '@playwright/test';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { buildWith, ONE_LINE, type SecondBuild } from '../support/second-build.ts';
import { LibraryPage } from './pages/library.ts';

/** A new version is offered, never forced; a tab that stays open goes on with the old one. */
test.describe('a new version', () => {
  test.slow();
  let next: SecondBuild;
  let hub: Hub;
  let end: () => Promise<void> = async () => {};
  test.beforeAll(() => {
    next = buildWith(ONE_LINE.word);
  });
  test.afterAll(() => next.remove());
  test.beforeEach(async () => {
    hub = await startHub();
  });
  test.afterEach(async () => {
    await end();
    end = async () => {};
    await hub.remove();
  });

  /** The centre's machine starts again, with the new version. */
  const upgrade = async (): Promise<void> => {
    await hub.kill();
    end = await next.serve(hub);
  };
  const notice = (page: Page) => page.getByText('Une version nouvelle est prête.');
  /** Opens the first page from the device: with the app in control. */
  const openKept = async (page: Page, path = '/fr/'): Promise<LibraryPage> => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep(path);
    await page.reload();
    await library.kept();
    return library;
  };

  test('an open tab goes on: reads, answers, and finds its old files', async ({ page }) => {
    const library = await openKept(page);
    const old = await page.evaluate(() =>
      performance.getEntriesByType('resource').flatMap(({ name }) => /\/assets\/[\w-]+\.\w+$/.exec(name)?.[0] ?? []),
    );
    expect(old.some((path) => path.includes('/index-'))).toBe(true);
    await upgrade();
    for (const path of old) expect((await fetch(hub.url + path)).status, path).toBe(200);
    await library.choose('Les radios du Niger');
    await page.getByRole('link', { name: 'Accueil' }).click();
    await expect(page.getByRole('link', { name: 'Plus' })).toBeVisible();
    await library.choose('Le lait d’Akashganga');
    await library.fill('De l’ancienne version');
    await library.send();
    await library.expectArrived();
    // The receipt does not wait for the inbox.
    await expect.poll(() => answersAt(hub).length).toBe(1);
  });

  test('a reload still runs the old version and offers the new one; one tap brings it', async ({ page }) => {
    await openKept(page);
    await upgrade();
    await page.reload();
    await expect(page.getByRole('link', { name: 'Plus' })).toBeVisible();
    await expect(notice(page)).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole('link', { name: 'Plus' })).toBeVisible();
    await page.getByRole('button', { name: 'Ouvrir' }).click();
    await expect(page.getByRole('link', { name: 'Encore' })).toBeVisible();
    await expect(notice(page)).toHaveCount(0);
    // The new version is saved as a whole: it opens without a link.
    await new LibraryPage(page, hub.url).kept();
    await end();
    await page.reload();
    await expect(page.getByRole('link', { name: 'Encore' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Élevage' })).toBeVisible();
  });

  test('the link goes before the tap: the new version opens all the same, in the language that is read', async ({
    page,
  }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/en/');
    await upgrade();
    await page.reload();
    await expect(page.getByText('A new version is ready.')).toBeVisible({ timeout: 20_000 });
    await end();
    await page.getByRole('button', { name: 'Open' }).click();
    await expect(page.locator('html[data-offline=ready]')).toBeAttached({ timeout: 10_000 });
    await expect(page.getByRole('link', { name: 'Livestock' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'More' })).toBeVisible();
    await expect(page.getByText('A new version is ready.')).toHaveCount(0);
    // French came with it as well.
    await page.goto(`${hub.url}/fr/`);
    await expect(page.getByRole('link', { name: 'Encore' })).toBeVisible();
  });

  test('words that have not come yet are French ones: no page is ever blank', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/en/');
    await hub.kill();
    await library.forgetWords();
    await page.reload();
    await expect(page.getByRole('link', { name: 'Livestock' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Accueil' })).toBeVisible();
  });

  test('words of which only the first half is here are French ones on what needs the rest, never keys', async ({
    page,
  }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/en/');
    // Those that are still on their way would come after they were taken away.
    const isHere = (): Promise<boolean> =>
      page.evaluate(async () => {
        const keys = await (await caches.open('relais-warm')).keys();
        return keys.some(({ url }) => /\/later-en-/.test(url));
      });
    await expect.poll(isHere, { timeout: 20_000 }).toBe(true);
    // Before they are taken away, or they would come again.
    await hub.kill();
    const takeAway = (): Promise<number> =>
      page.evaluate(async () => {
        const cache = await caches.open('relais-warm');
        const words = (await cache.keys()).filter(({ url }) => /\/later-en-/.test(url));
        for (const request of words) await cache.delete(request);
        return words.length;
      });
    // What asked for them may be storing them at this moment.
    await expect.poll(takeAway, { intervals: [1_000] }).toBe(0);
    const session = await page.context().newCDPSession(page);
    await session.send('Network.clearBrowserCache');
    await page.goto(`${hub.url}/en/akashganga`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Répondre' })).toBeVisible();
    await page.goto(`${hub.url}/en/-/all`);
    await expect(page.getByRole('searchbox', { name: 'Chercher un mot' })).toBeVisible();
  });

  test('a tab that only stays open is offered it too, when somebody comes back to it', async ({ page }) => {
    await openKept(page);
    await upgrade();
    // Two hours later.
    await page.evaluate(() => {
      const later = Date.now() + 2 * 3_600_000;
      Date.now = () => later;
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await expect(notice(page)).toBeVisible({ timeout: 10_000 });
  });

  test('it is not offered to somebody who has typed something, and comes after Fini', async ({ page }) => {
    const library = await openKept(page, '/fr/akashganga');
    await library.fill('À moitié tapé');
    await upgrade();
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
    const isWaiting = async (): Promise<boolean> => Boolean((await navigator.serviceWorker.getRegistration())?.waiting);
    await expect.poll(() => page.evaluate(isWaiting), { timeout: 20_000 }).toBe(true);
    await page.waitForTimeout(500);
    await expect(notice(page)).toHaveCount(0);
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('À moitié tapé');
    await page.getByRole('link', { name: 'Fini' }).click();
    await expect(notice(page)).toBeVisible();
  });

  test('somebody who types while it is offered loses nothing: the offer goes', async ({ page }) => {
    const library = await openKept(page, '/fr/akashganga');
    await upgrade();
    await page.reload();
    await expect(notice(page)).toBeVisible({ timeout: 20_000 });
    await library.fill('Commencé après l’offre');
    await expect(notice(page)).toHaveCount(0);
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('Commencé après l’offre');
  });

  test('offered in two tabs and taken in one: the other one’s button loads the page again', async ({
    page,
    context,
  }) => {
    await openKept(page);
    await upgrade();
    const second = await context.newPage();
    await second.goto(`${hub.url}/fr/`);
    await expect(notice(second)).toBeVisible({ timeout: 20_000 });
    await expect(notice(page)).toBeVisible({ timeout: 20_000 });
    await second.getByRole('button', { name: 'Ouvrir' }).click();
    await expect(second.getByRole('link', { name: 'Encore' })).toBeVisible();
    await page.bringToFront();
    await page.getByRole('button', { name: 'Ouvrir' }).click();
    await expect(page.getByRole('link', { name: 'Encore' })).toBeVisible();
    await expect(notice(page)).toHaveCount(0);
  });

  test('taking it in one tab leaves what was typed in another', async ({ page, context }) => {
    const library = await openKept(page, '/fr/akashganga');
    await library.fill('Dans l’autre page');
    await upgrade();
    const second = await context.newPage();
    await second.goto(`${hub.url}/fr/`);
    await expect(notice(second)).toBeVisible({ timeout: 20_000 });
    await second.getByRole('button', { name: 'Ouvrir' }).click();
    await expect(second.getByRole('link', { name: 'Encore' })).toBeVisible();
    await page.bringToFront();
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('Dans l’autre page');
    await library.send();
    await library.expectArrived();
  });
});

test.describe('a first visit whose install breaks', () => {
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

  const ASSETS = ['sprite', 'engine', 'worker'];
  for (const asset of ASSETS) {
    test(`the ${asset} is missing: it says so, reading goes on, the next load saves`, async ({ page }) => {
      const isAsset = ({ path }: { path: string }): boolean => path.startsWith(`/assets/${asset}-`);
      link.interceptOnce((request) => (isAsset(request) ? { status: 404, body: '' } : undefined));
      const library = new LibraryPage(page, link.url);
      await page.goto(`${link.url}/fr/akashganga`);
      await expect(page.getByText('Sans réseau, cette page ne s’ouvrira pas encore.')).toBeVisible({ timeout: 20_000 });
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
      await page.goto(`${link.url}/fr/niger-radio`);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Les radios du Niger');
      await library.kept();
      await expect(page.getByText('ne s’ouvrira pas encore')).toHaveCount(0);
      link.cut();
      await page.goto(`${link.url}/fr/akashganga`);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
    });
  }

  test('the link is cut in the middle: it says so, an answer still goes, the next load saves', async ({ page }) => {
    const library = new LibraryPage(page, link.url);
    link.interceptOnce(({ path }) => (path.startsWith('/assets/sprite-') ? 'reset' : undefined));
    await page.goto(`${link.url}/fr/akashganga`);
    // The browser asks once more by itself when a connection breaks: whatever happens then, the page is whole.
    await expect(page.locator('#news')).toHaveText(/Dernières nouvelles/, { timeout: 20_000 });
    await library.fill('Avant que tout soit là');
    await library.send();
    await library.expectArrived();
    await page.goto(`${link.url}/fr/`);
    await library.kept();
  });
});
