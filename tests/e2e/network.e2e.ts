import { expect, type Page, test } from '@playwright/test';
import { ServiceWorkerControl } from '../support/device.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { LibraryPage } from './pages/library.ts';

/** The page of the network: what is under way, whether one can leave, what it costs, and what was set about it. */

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

const lines = (page: Page) => page.locator('#log li');
const opened = async (page: Page): Promise<void> => {
  await new LibraryPage(page, link.url).openAndKeep('/fr/akashganga');
  await page.goto(`${link.url}/fr/-/network`);
  await expect(lines(page).first()).toBeVisible();
};
/** Requests below `/c/` since the last call. */
const asked = (): readonly string[] => {
  const paths = link.log().map(({ path }) => path);
  link.reset();
  return paths.filter((path) => path.startsWith('/c/'));
};
/** Bytes in the book, both ways. */
const book = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('relais-library');
      request.onsuccess = () => resolve(request.result);
    });
    const days = await new Promise<{ up: number; down: number }[]>((resolve) => {
      const request = database.transaction('traffic').objectStore('traffic').getAll();
      request.onsuccess = () => resolve(request.result);
    });
    database.close();
    return days.reduce((sum, { up, down }) => sum + up + down, 0);
  });
/** Waits until nothing more comes. Returns what the link has carried since it was reset. */
const quiet = async (page: Page): Promise<number> => {
  const state = async () => JSON.stringify([link.up(), link.down(), await book(page)]);
  let before = '';
  await expect
    .poll(
      async () => {
        const last = before;
        before = await state();
        return before === last;
      },
      { intervals: [2_000], timeout: 60_000 },
    )
    .toBe(true);
  return link.up() + link.down();
};

/** A page that opens asks for news, unless something holds that back. */
const nudge = (page: Page): Promise<void> => page.evaluate(() => void dispatchEvent(new Event('online')));

test('a sync stands in the log with what it cost, within a fifth of what the link carried', async ({ page }) => {
  await opened(page);
  await expect(lines(page).first()).toHaveText(/: (rien de nouveau|\d+ sujets|un sujet) · \d+\sko/);
  // The page that was just opened asks for news by itself.
  await quiet(page);
  const before = await book(page);
  link.reset();
  await page.getByRole('button', { name: 'Chercher des nouvelles' }).click();
  await expect.poll(() => book(page)).toBeGreaterThan(before);
  // The browser looks for a newer service worker when it likes to: that is none of the sync's.
  const exchanges = link.log().filter(({ path }) => path !== '/sw.js');
  expect(exchanges.map(({ path }) => path)).toEqual(['/c/from/1/fr.pack']);
  const carried = exchanges.reduce((sum, { upBytes, downBytes }) => sum + upBytes + downBytes, 0);
  const counted = (await book(page)) - before;
  expect(Math.abs(counted - carried) / carried).toBeLessThan(0.2);
});

test('the book has all that a first visit costs, the app itself too, and a later one nothing twice', async ({
  page,
}) => {
  await new LibraryPage(page, link.url).openAndKeep('/fr/akashganga');
  const first = await quiet(page);
  expect(first).toBeGreaterThan(150_000);
  const counted = await book(page);
  expect(Math.abs(counted - first) / first).toBeLessThan(0.1);
  link.reset();
  for (let visits = 0; visits < 3; visits++) {
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('data-offline', 'ready');
  }
  const later = await quiet(page);
  expect(Math.abs((await book(page)) - counted - later)).toBeLessThan(3_000);
});

test('what the network delivers is measured and said', async ({ page }) => {
  link.set({ bytesPerSecond: 30_000, rttMs: 400 });
  await new LibraryPage(page, link.url).openAndKeep('/fr/');
  // Within the page, whose worker has measured it.
  await page.getByRole('link', { name: 'Plus' }).click();
  await page.getByRole('link', { name: 'Le réseau' }).click();
  const line = page.getByText(/^Ce réseau : \d+\sko par seconde, réponse en 1\ss\.$/);
  await expect(line).toBeVisible();
  const speed = Number(/(\d+)\sko/.exec((await line.textContent()) ?? '')?.[1]);
  expect(speed).toBeGreaterThan(5);
  expect(speed).toBeLessThan(36);
});

test('before somebody leaves: all is ready, or what is missing stands there', async ({ page }) => {
  await opened(page);
  await expect(page.getByText('Tout est prêt. Vous pouvez partir.')).toBeVisible();
  await expect(page.locator('#ready li')).toHaveCount(7);
  // This browser promises nothing: it is said, it keeps nobody here, and one can ask.
  await expect(page.locator('#ready li').last()).toHaveText('Plein, ce téléphone peut effacer la bibliothèque.');
  await expect(page.getByRole('button', { name: 'Garder toujours' })).toBeVisible();
  const library = new LibraryPage(page, link.url);
  link.cut();
  await page.goto(`${link.url}/fr/akashganga`);
  await library.fill('Combien coûte la balance ?');
  await library.send();
  await expect(page.locator('.keep bdi')).toBeVisible();
  await page.goto(`${link.url}/fr/-/network`);
  await expect(page.getByText('Une réponse attend le réseau.')).toBeVisible();
  await expect(page.getByText('Restez encore un peu près du réseau.')).toBeVisible();
  link.restore();
  await page.getByRole('button', { name: 'Chercher des nouvelles' }).click();
  await expect(page.getByText('Toutes les réponses sont parties.')).toBeVisible();
  await expect(lines(page).first()).toContainText('une réponse partie');
});

test('a first visit that opens it sees the news come, and can pause them', async ({ page }) => {
  link.set({ bytesPerSecond: 6_000, rttMs: 600 });
  await page.goto(`${link.url}/fr/-/network`);
  await expect(page.locator('.now progress')).toBeVisible({ timeout: 30_000 });
  // The header says so as well, though no try has ended yet.
  await expect(page.locator('header .link')).toContainText('Ça arrive.');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('En pause. Rien ne part, rien n’arrive.')).toBeVisible();
  await expect(page.locator('#news')).not.toContainText('Pas de réseau');
  link.set({ bytesPerSecond: 200_000, rttMs: 50 });
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(page.getByText('La bibliothèque est complète.')).toBeVisible({ timeout: 30_000 });
});

test('a language that is coming says so on its home and in its list, and never that there is nothing', async ({
  page,
}) => {
  await new LibraryPage(page, link.url).openAndKeep('/en/');
  link.set({ bytesPerSecond: 3_000, rttMs: 600 });
  await page.goto(`${link.url}/fr/-/all`);
  const coming = page.getByText('Les sujets arrivent avec le réseau.');
  await expect(coming).toBeVisible({ timeout: 30_000 });
  await expect(page.locator('main progress')).toBeVisible();
  await expect(page.getByText('Aucun sujet')).toHaveCount(0);
  await page.getByRole('link', { name: 'Accueil' }).click();
  await expect(coming).toBeVisible();
  // By the name that is known: the French one is still to come.
  await expect(page.locator('header')).toContainText('Access centre');
  link.set({ bytesPerSecond: 200_000, rttMs: 50 });
  await expect(coming).toHaveCount(0, { timeout: 30_000 });
  await page.goto(`${link.url}/fr/-/all`);
  await expect(page.getByText(/^\d+ sujets$/)).toBeVisible();
});

test('a language that is coming says so where languages are chosen, and need not come', async ({ page }) => {
  test.slow();
  const library = new LibraryPage(page, link.url);
  await library.openAndKeep('/fr/');
  link.set({ bytesPerSecond: 1_000, rttMs: 200 });
  await page.goto(`${link.url}/en/-/more`);
  const english = page.locator('.codes li', { hasText: 'English' });
  // What is read here stays wanted. The words of its buttons are on their way as well.
  await expect(english).toContainText(/Il arrivera avec le réseau\.|It will come with the network\./);
  await expect(english.locator('a, button')).toHaveCount(0);
  await page.goto(`${link.url}/fr/-/more`);
  await expect(english).toContainText('Il arrivera avec le réseau.');
  const drop = english.getByRole('button');
  await expect(drop).toHaveText(/^English · Enlever · \d+\sko$/);
  // While it is under way, which takes a minute.
  await expect.poll(() => link.log().some(({ path }) => path.includes('/en.pack'))).toBe(true);
  await drop.click();
  await expect(english).toHaveText('English · Annuler');
  await expect(english.getByRole('link')).toHaveText(/^English · Ajouter · \d+\sko$/, { timeout: 15_000 });
  link.set({ bytesPerSecond: 200_000, rttMs: 50 });
  await page.reload();
  await library.kept();
  await expect(english.getByRole('link')).toHaveText(/Ajouter/);
});

test('a second tap on the button changes nothing, and the button stays where it is', async ({ page }) => {
  await opened(page);
  // Nothing goes out but for a tap.
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.locator('.now')).toHaveText('En pause. Rien ne part, rien n’arrive.');
  link.set({ bytesPerSecond: 6_000, rttMs: 2_000 });
  const ask = page.getByRole('button', { name: 'Chercher des nouvelles' });
  const before = await ask.boundingBox();
  link.reset();
  await ask.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.now')).toContainText('On cherche…');
  expect(await ask.boundingBox()).toEqual(before);
  await page.keyboard.press('Enter');
  await expect(page.locator('.now')).toContainText('rien de nouveau');
  await expect(ask).toBeFocused();
  expect(await ask.boundingBox()).toEqual(before);
  await page.waitForTimeout(3_000);
  expect(asked()).toHaveLength(1);
});

test('a phone that takes no more bytes is full, whatever its browser reckons; old news keep people at the link', async ({
  page,
}) => {
  await opened(page);
  await expect(page.getByText('Il y a encore de la place.')).toBeVisible();
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: link.url, quotaSize: 5_000_000 });
  await page.reload();
  await expect(page.locator('#ready').getByText('Téléphone plein. Enlevez quelque chose.')).toBeVisible();
  await expect(page.getByText('Restez encore un peu près du réseau.')).toBeVisible();
  await session.send('Storage.overrideQuotaForOrigin', { origin: link.url });
  link.cut();
  await page.clock.setSystemTime(Date.now() + 40 * 86_400_000);
  await page.reload();
  await expect(page.getByText('Il y a encore de la place.')).toBeVisible();
  await expect(page.locator('#ready li.state:not(.is-centre)').first()).toContainText('Dernières nouvelles : ');
  await expect(page.getByText('Restez encore un peu près du réseau.')).toBeVisible();
});

test('a Wi-Fi that shows its own page first is named, and nothing is lost', async ({ page }) => {
  await opened(page);
  const named = 'Ce Wi-Fi veut d’abord montrer sa page. Ouvrez-la, puis revenez.';
  const ask = page.getByRole('button', { name: 'Chercher des nouvelles' });
  link.portal(true);
  await ask.click();
  // Beside the button, where whoever tapped looks and a screen reader listens.
  await expect(page.locator('.now')).toContainText(named);
  await expect(lines(page).first()).toContainText(named);
  link.portal(false);
  await ask.click();
  await expect(lines(page).first()).toContainText('rien de nouveau');
  // The other way that they have: each request is led to their page.
  link.interceptOnce(({ path }) =>
    path.startsWith('/c/') ? { status: 302, headers: { Location: 'http://login.example/' } } : undefined,
  );
  await ask.click();
  await expect(lines(page).first()).toContainText(named);
});

test('an app that is kept asks to be woken twice a day, and is', async ({ page }) => {
  // The browser itself says no: it wants an app that was installed, which no test can do.
  await page.addInitScript(() => {
    const { prototype } = (window as unknown as { PeriodicSyncManager: { prototype: Record<string, unknown> } })
      .PeriodicSyncManager;
    prototype.register = async (tag: string, { minInterval }: { minInterval: number }) => {
      document.documentElement.dataset.daily = `${tag} ${minInterval / 3_600_000}`;
    };
  });
  await opened(page);
  await expect(page.locator('html')).toHaveAttribute('data-daily', 'relais-sync 12');
  const control = await ServiceWorkerControl.of(page);
  await page.goto('about:blank');
  link.reset();
  // A sync of the page that was just left may hold the right to sync still: then it is woken for nothing.
  await expect(async () => {
    await control.periodicSync(link.url);
    const asked = () => link.log().some(({ path }) => path === '/c/from/1/fr.pack');
    await expect.poll(asked, { timeout: 2_000 }).toBe(true);
  }).toPass({ timeout: 30_000 });
});

test('a pause holds everything back until it ends; a tap goes through', async ({ page }) => {
  await opened(page);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('En pause. Rien ne part, rien n’arrive.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('En pause. Rien ne part, rien n’arrive.')).toBeVisible();
  asked();
  await nudge(page);
  await page.getByRole('button', { name: 'Chercher des nouvelles' }).click();
  await expect.poll(() => link.log().length).toBeGreaterThan(0);
  // The nudge before the tap asked for nothing.
  expect(asked()).toHaveLength(1);
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect.poll(() => link.log().length).toBeGreaterThan(0);
});

test('outside of the cheap hours news wait, and the page says why', async ({ page }) => {
  await opened(page);
  // Two hours that are far from now, whenever this runs.
  const from = (new Date().getHours() + 5) % 24;
  await page.getByLabel('Heures pas chères').selectOption(String(from));
  await expect(page.getByText(/^On attend l’heure pas chère/)).toBeVisible();
  await page.locator('#hours-to').selectOption(String((from + 2) % 24));
  await expect(page.getByText('Vous pouvez chercher quand même.')).toBeVisible();
  asked();
  await page.reload();
  await expect(page.getByText(/^On attend l’heure pas chère/)).toBeVisible();
  await nudge(page);
  await page.getByRole('button', { name: 'Chercher des nouvelles' }).click();
  await expect.poll(() => link.log().filter(({ path }) => path.startsWith('/c/')).length).toBe(1);
  await page.getByLabel('Heures pas chères').selectOption('');
  await expect(page.getByText(/^On attend l’heure pas chère/)).toHaveCount(0);
});

test('the bundle that was bought tells what is left, and is remembered', async ({ page }) => {
  await opened(page);
  await page.getByLabel('Prix').fill('500 F');
  await page.getByLabel('Mégas').fill('400');
  await page.getByLabel('Valable jusqu’au').fill('2090-12-31');
  await page.getByRole('button', { name: 'Noter le forfait' }).click();
  await expect(page.locator('#bundle-left')).toHaveText(/^500 F : reste 400\sMo sur 400\sMo$/);
  // What was used has gone; whoever has no pointer is beside it still.
  await expect(page.locator('#bundle-left')).toBeFocused();
  await page.reload();
  await expect(page.locator('#bundle-left')).toBeVisible();
  await page.getByRole('button', { name: 'Enlever le forfait' }).click();
  await expect(page.getByLabel('Prix')).toBeFocused();
});
