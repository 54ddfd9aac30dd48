import { type CDPSession, expect, type Page, test } from '@playwright/test';
import { Device } from '../support/device.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { LibraryPage } from './pages/library.ts';

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

  /** No room for this origin. Chromium remembers free space as long as a database is open, so the page leaves and comes back. */
  const fillDisk = async (page: Page): Promise<CDPSession> => {
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: hub.url, quotaSize: 1_000 });
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

  test('a full phone with a link: the answer goes straight to the centre', async () => {
    const page = await device.start();
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/akashganga');
    await fillDisk(page);
    await library.fill('Plein, mais avec le réseau');
    await library.send();
    await expect(page.getByText('Arrivé au centre', { exact: true })).toBeVisible();
    expect(answersAt(hub)).toHaveLength(1);
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
    await expect(page.getByRole('link', { name: 'Le lait d’Akashganga' })).toBeVisible();
  });
});
