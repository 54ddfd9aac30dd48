import { expect, test } from '@playwright/test';
import { type Hub, itemIds, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

/** The link goes: everything stays. */
test.describe('without a link', () => {
  let hub: Hub;
  test.beforeEach(async () => {
    hub = await startHub();
  });
  test.afterEach(async () => {
    await hub.remove();
  });

  test('reload, deep links and every item go on, by link and by address', async ({ page }) => {
    // As many pages as there are items.
    test.slow();
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/-/all');
    const paths = await page
      .locator('.list a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(paths).toHaveLength(itemIds().length);
    await hub.kill();
    await page.reload();
    await expect(page.locator('.list a')).toHaveCount(paths.length);
    for (const path of paths) {
      await page.goto(hub.url + path);
      await expect(page.locator('article h1')).toBeVisible();
      expect((await page.locator('article').innerText()).length).toBeGreaterThan(1_000);
      await expect(page.locator('form#answer')).toBeVisible();
    }
    await page.goto(hub.url);
    await library.choose('Les radios du Niger');
    await page.goBack();
    await page.goBack();
    await expect(page.locator('.cards')).toBeVisible();
    await page.goto(`${hub.url}/fr/-/answers`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ma réponse');
    await page.goto(`${hub.url}/fr/nulle-part`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cette page n’existe pas');
  });

  test('a page that was loaded past the service worker comes under its control all the same', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    const session = await page.context().newCDPSession(page);
    const loaded = page.waitForEvent('load');
    // What Shift and the reload button do.
    await session.send('Page.reload', { ignoreCache: true });
    await loaded;
    await library.kept();
    expect(await page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated');
  });

  test('the state of the link and the date of the last news are there, calm', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await expect(page.locator('#news')).toHaveText(/^Dernières nouvelles\s: /);
    const before = await page.locator('main').boundingBox();
    await hub.kill();
    await page.reload();
    await expect(page.locator('#news')).toHaveText(/^Pas de réseau · /);
    await expect(page.locator('#link')).toContainText('Pas de réseau. Vous pouvez continuer.');
    expect((await page.locator('main').boundingBox())?.y).toBe(before?.y);
    await expect(page.getByRole('alert')).toHaveCount(0);
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });

  test('another language that is kept can be chosen; one that is not says when it comes', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await page.getByRole('link', { name: 'English' }).click();
    await expect(page.getByRole('link', { name: 'Livestock' })).toBeVisible();
    await library.kept();
    await hub.kill();
    await page.reload();
    await page.getByRole('link', { name: 'Livestock' }).click();
    await page.getByRole('link', { name: 'The milk of Akashganga' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('The milk of Akashganga');
    await page.goto(`${hub.url}/en/`);
    await page.getByRole('link', { name: 'Français' }).click();
    await expect(page.getByRole('link', { name: 'Élevage' })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  });

  test('a language that does not exist is not remembered: the page says so in the one that was read', async ({
    page,
  }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    for (const path of ['/bib/', '/bib/akashganga']) {
      await page.goto(hub.url + path);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cette page n’existe pas');
      await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
    }
    await library.kept();
    await page.getByRole('main').getByRole('link', { name: 'Accueil' }).click();
    await expect(page.getByRole('link', { name: 'Élevage' })).toBeVisible();
    await page.goto(hub.url);
    await expect(page.getByRole('link', { name: 'Élevage' })).toBeVisible();
  });

  test('a first visit at a mistyped address: said in a language that there is, and the library comes', async ({
    page,
  }) => {
    const library = new LibraryPage(page, hub.url);
    await page.goto(`${hub.url}/zz/`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cette page n’existe pas');
    await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
    await library.kept();
    await page.goto(hub.url);
    await expect(page.getByRole('link', { name: 'Élevage' })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  });

  test('Fini while the words of another language are coming: the next person reads what they read before', async ({
    page,
  }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await page.reload();
    await library.kept();
    let come = (): void => {};
    const coming = new Promise<void>((resolve) => {
      come = resolve;
    });
    // First the stall, then the forgetting: after each sync the app asks again for what it lacks.
    await page.context().route(/\/assets\/en-/, async (route) => {
      await coming;
      await route.continue();
    });
    await library.forgetWords();
    // At once, before the words are given up.
    await page.evaluate(() => {
      document.querySelector<HTMLElement>('a[hreflang=en]')?.click();
      document.querySelector<HTMLElement>('#done')?.click();
    });
    come();
    await page.waitForTimeout(4_000);
    await expect(page).toHaveURL(/\/fr\/$/);
    await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
    await expect(page.getByRole('link', { name: 'Élevage' })).toBeVisible();
  });

  test('words that stall are French ones after three seconds', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await page.reload();
    await library.kept();
    await page.context().route(/\/assets\/en-/, () => {});
    await library.forgetWords();
    await page.getByRole('link', { name: 'English' }).click();
    await expect(page.getByRole('link', { name: 'Livestock' })).toBeVisible({ timeout: 8_000 });
    await expect(page.getByRole('link', { name: 'Accueil' })).toBeVisible();
  });

  test('a language that is not on the device comes with the link, without a tap', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await hub.kill();
    await page.goto(`${hub.url}/en/akashganga`);
    await expect(page.getByRole('main').getByText('Il arrivera avec le réseau.')).toBeVisible();
    await hub.restart();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('The milk of Akashganga', { timeout: 8_000 });
    // And so do its words.
    await expect(page.getByRole('link', { name: 'Home' })).toBeVisible({ timeout: 8_000 });
  });
});
