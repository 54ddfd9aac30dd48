import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CDPSession, expect, type Page, test } from '@playwright/test';
import { Device } from '../support/device.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { LibraryPage } from './pages/library.ts';
import { MediaPart } from './pages/media.ts';

/** A full or forgetful phone: said at once, and nothing lost. */
test.describe('storage', () => {
  let hub: Hub;
  /** Quotas are only kept to for a profile on the disk. */
  let device: Device;
  test.beforeEach(async () => {
    hub = await startHub();
    device = new Device();
  });
  test.afterEach(async () => {
    await device.remove();
    await hub.remove();
  });

  /**
   * No more room for this origin than so many bytes. Chromium remembers free space as long as a database is open, so the page leaves and comes
   * back.
   */
  const fillDisk = async (page: Page, quotaSize = 1_000): Promise<CDPSession> => {
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: hub.url, quotaSize });
    await page.goto('about:blank');
    await page.waitForTimeout(4_000);
    await page.goto(`${hub.url}/fr/akashganga`);
    await expect(page.locator('form#answer')).toBeVisible();
    return session;
  };

  test('a full phone without a link: the answer stays on the screen and can be shared', async () => {
    const page = await device.start();
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/akashganga');
    await hub.kill();
    const session = await fillDisk(page);
    await page.evaluate(() => {
      (globalThis as { shared?: string }).shared = '';
      Object.defineProperty(navigator, 'share', {
        value: async ({ text }: { text: string }) => {
          (globalThis as { shared?: string }).shared = text;
        },
      });
    });
    await library.fill('Le téléphone est plein');
    await library.send();
    await expect(page.getByText('Téléphone plein. Votre réponse est à l’écran : partagez-la.')).toBeVisible();
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('Le téléphone est plein');
    await page.getByRole('button', { name: 'Partager' }).click();
    expect(await page.evaluate(() => (globalThis as { shared?: string }).shared)).toContain('Le téléphone est plein');
    // Room again: the same tap keeps it.
    await session.send('Storage.overrideQuotaForOrigin', { origin: hub.url });
    await library.send();
    await library.expectKept();
  });

  test('a full phone with pictures and an index of all words: they go before an answer does', async () => {
    const page = await device.start();
    const library = new LibraryPage(page, hub.url);
    const media = new MediaPart(page);
    await library.openAndKeep('/fr/');
    await page.goto(`${hub.url}/fr/akashganga`);
    await media.keep.click();
    await media.expectKept();
    const names = (): Promise<(string | undefined)[]> =>
      page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    await page.goto(`${hub.url}/fr/-/all`);
    await page.getByRole('searchbox').fill('lait');
    await expect.poll(names).toContain('relais-search');
    expect(await media.leaves()).toBeGreaterThan(0);
    await hub.kill();
    const session = await fillDisk(page);
    await library.fill('Ma question d’abord');
    await library.send();
    await expect(page.getByText('Téléphone plein. Votre réponse est à l’écran : partagez-la.')).toBeVisible();
    const left = await names();
    expect(left).toContain('relais-answers');
    expect(left).not.toContain('relais-search');
    expect(await media.leaves()).toBe(0);
    await session.send('Storage.overrideQuotaForOrigin', { origin: hub.url });
    await library.send();
    await library.expectKept();
    // Those that were kept went last, and for the answer alone.
    await expect(
      page.getByText(/^Téléphone plein\. Pour faire de la place, Relais a enlevé : .*gardés\.$/),
    ).toBeVisible();
    await page.getByRole('button', { name: 'Compris' }).click();
    await expect(page.getByText('Pour faire de la place')).toBeHidden();
    // They come back to whoever wants them.
    await hub.restart();
    await page.getByRole('link', { name: 'Accueil' }).click();
    await library.choose('Le lait d’Akashganga');
    await media.keep.click();
    await media.expectKept();
  });

  test('a full phone gives up what was heard before what was seen, keeps what is kept, and says so', async () => {
    const page = await device.start();
    const library = new LibraryPage(page, hub.url);
    const media = new MediaPart(page);
    await library.openAndKeep('/fr/');
    await page.goto(`${hub.url}/fr/niger-radio`);
    await media.keep.click();
    await media.expectKept();
    await page.goto(`${hub.url}/fr/village-pay-phone`);
    await media.see();
    await media.expectPicture();
    await page.goto(`${hub.url}/fr/akashganga`);
    await media.listen.click();
    await media.expectPlaying();
    const room = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
    // As after weeks of listening.
    await page.evaluate(async () => {
      const cache = await caches.open('relais-recordings');
      for (let n = 0; n < 300; n++)
        await cache.put(
          `/b/he/${`${n}`.padStart(43, 'A')}?leaf=0`,
          new Response(crypto.getRandomValues(new Uint8Array(16_384))),
        );
    });
    await hub.kill();
    const session = await fillDisk(page, room + 1_500_000);
    await library.fill('Ma question d’abord');
    await library.send();
    await library.expectKept();
    await expect(
      page.getByText('Téléphone plein. Pour faire de la place, Relais a enlevé : des sons.', { exact: true }),
    ).toBeVisible();
    // What is kept is kept, and what was only seen was not in the way.
    await session.send('Storage.overrideQuotaForOrigin', { origin: hub.url });
    await page.goto(`${hub.url}/fr/niger-radio`);
    await media.expectKept();
    await media.see();
    await media.expectPicture();
    await page.goto(`${hub.url}/fr/village-pay-phone`);
    await media.see();
    await media.expectPicture();
    // The recording went, and is known to have gone.
    await page.goto(`${hub.url}/fr/akashganga`);
    await media.listen.click();
    await expect(page.getByText('Pas de réseau. Vous pouvez continuer.').last()).toBeVisible();
    await expect(page.locator('audio')).toHaveCount(0);
    await page.getByRole('button', { name: 'Compris' }).click();
    await expect(page.getByText('Pour faire de la place')).toBeHidden();
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText('Pour faire de la place')).toBeHidden();
  });

  test('a full phone with a link: the answer goes straight to the centre', async () => {
    const page = await device.start();
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/akashganga');
    await fillDisk(page);
    await library.fill('Plein, mais avec le réseau');
    await library.send();
    await expect(page.getByText('Arrivé au centre', { exact: true })).toBeVisible();
    await expect.poll(() => answersAt(hub).length).toBe(1);
  });

  test('a store that does not open any more: it says so, reads from the centre, and answers all the same', async () => {
    const first = await device.start();
    await new LibraryPage(first, hub.url).openAndKeep('/fr/');
    await device.context.close();
    // A file where the browser expects its database, as a broken disk leaves it.
    const databases = join(device.profile, 'Default', 'IndexedDB');
    for (const name of readdirSync(databases)) {
      rmSync(join(databases, name), { recursive: true });
      writeFileSync(join(databases, name), '');
    }
    const page = await device.start();
    const library = new LibraryPage(page, hub.url);
    await page.goto(`${hub.url}/fr/akashganga`);
    await expect(page.getByText('Ce téléphone ne garde rien.')).toBeVisible();
    await page.getByRole('link', { name: 'Lire avec le réseau' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
    // Each page comes from the centre, and is led on to the centre once its script is there; then it says this again.
    const notice = page.getByText('Ce téléphone ne garde rien.');
    const way = { Accueil: '/fr/', 'Tous les sujets': '/fr/-/all', 'Les radios du Niger': '/fr/niger-radio' };
    for (const [name, path] of Object.entries(way)) {
      await expect(notice).toBeVisible();
      await page.getByRole('link', { name }).click();
      await page.waitForURL(`${hub.url}${path}?online`);
    }
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Les radios du Niger');
    await library.fill('Sans rien garder');
    await library.send();
    await library.expectArrived();
    await expect.poll(() => answersAt(hub).length).toBe(1);
    await page.getByRole('main').getByRole('link', { name: 'Fini' }).click();
    await expect(page.locator('.keep')).toHaveCount(0);
  });

  test('a browser that threw the library away is found out, and it comes back', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await page.goto('about:blank');
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin: hub.url, storageTypes: 'indexeddb' });
    await page.goto(`${hub.url}/fr/`);
    await expect(page.getByText('Ce téléphone a effacé la bibliothèque.')).toBeVisible();
    await library.kept();
    await expect(page.getByRole('link', { name: 'Élevage' })).toBeVisible();
  });
});
