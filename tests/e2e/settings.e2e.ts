import { expect, type Page, test } from '@playwright/test';
import { type Hub, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

/** What a phone is told about itself: colours by choice, tones that can be turned off. */
test.describe('settings', () => {
  let hub: Hub;
  test.beforeEach(async () => {
    hub = await startHub();
  });
  test.afterEach(async () => {
    await hub.remove();
  });

  const ground = (page: Page): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const LIGHT = 'rgb(255, 253, 247)';
  const DARK = 'rgb(20, 24, 46)';

  test('colours follow the phone, or what was chosen, on every page and after a reload', async ({ page }) => {
    await page.emulateMedia({ colorScheme: 'dark' });
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    expect(await ground(page)).toBe(DARK);
    await page.getByRole('link', { name: 'Plus' }).click();
    await page.getByRole('radio', { name: 'Clair' }).check();
    expect(await ground(page)).toBe(LIGHT);
    await page.goto(`${hub.url}/fr/akashganga`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await ground(page)).toBe(LIGHT);
    await page.goto(`${hub.url}/fr/-/more`);
    await expect(page.getByRole('radio', { name: 'Clair' })).toBeChecked();
    await page.getByRole('radio', { name: 'Comme le téléphone' }).check();
    expect(await ground(page)).toBe(DARK);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground(page)).toBe(LIGHT);
    await page.getByRole('radio', { name: 'Sombre' }).check();
    await page.reload();
    await expect(page.getByRole('radio', { name: 'Sombre' })).toBeChecked();
    expect(await ground(page)).toBe(DARK);
  });

  test('a language is added, and taken away again, with a moment to take that back', async ({ page }) => {
    // Three languages come, and twice somebody waits for longer than five seconds.
    test.slow();
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/ha/');
    await library.openAndKeep('/fr/');
    await page.goto(`${hub.url}/fr/-/more`);
    const line = (name: string) => page.locator('.codes li', { hasText: name });
    // What is read here stays, and so does what fills the gaps of another language.
    await expect(line('Français')).toHaveText(/^Français · \d+\sko$/);
    const english = line('English').getByRole('link');
    await expect(english).toHaveText(/^English · Ajouter · \d+\sko$/);
    // What it costs on the wire, not what its texts have once they are unpacked.
    const told = 1000 * Number(/(\d+)\sko/.exec((await english.textContent()) ?? '')?.[1]);
    const { byteLength } = await (await fetch(`${hub.url}/c/full/en.pack`)).arrayBuffer();
    expect(Math.abs(told / byteLength - 1)).toBeLessThan(0.2);
    const hausa = line('Hausa').getByRole('button');
    await expect(hausa).toHaveText(/^Hausa · Enlever · \d+\sko$/);
    await hausa.click();
    await expect(hausa).toHaveText('Hausa · Annuler');
    await hausa.click();
    await expect(hausa).toHaveText(/Enlever/);
    await page.waitForTimeout(6_000);
    await expect(hausa).toHaveText(/Enlever/);
    await hausa.click();
    await expect(line('Hausa').getByRole('link')).toHaveText(/^Hausa · Ajouter/, { timeout: 12_000 });
    // Gone is gone, and not wanted any more; French is as it was.
    await page.reload();
    await expect(line('Hausa').getByRole('link')).toBeVisible();
    const names = await page.evaluate(async () => {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('relais-library');
        request.onsuccess = () => resolve(request.result);
      });
      const keys = await new Promise<IDBValidKey[]>((resolve) => {
        const request = database.transaction('shelves').objectStore('shelves').getAllKeys();
        request.onsuccess = () => resolve(request.result);
      });
      database.close();
      return keys;
    });
    expect(names).toEqual(['fr']);
    await page.goto(`${hub.url}/fr/akashganga`);
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Akashganga');
    // And it comes again, where somebody wants it.
    await page.goto(`${hub.url}/fr/-/more`);
    await line('Hausa').getByRole('link').click();
    await library.kept();
    await page.goto(`${hub.url}/fr/-/more`);
    await expect(line('Hausa').getByRole('button')).toBeVisible();
  });

  test('a phone that cannot sound loses nothing else', async ({ page }) => {
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, 'AudioContext', {
        value: class {
          constructor() {
            throw new DOMException('no device', 'NotSupportedError');
          }
        },
      });
    });
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/akashganga');
    await library.fill('Sans haut-parleur');
    await library.send();
    await library.expectArrived();
  });

  test('kept, arrived and refused have a tone each; one tap turns them off', async ({ page }) => {
    await page.addInitScript(() => {
      const heard: number[] = [];
      Object.assign(globalThis, { heard });
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (this: OscillatorNode, when?: number) {
        heard.push(this.frequency.value);
        return start.call(this, when);
      };
    });
    const heard = () => page.evaluate(() => (globalThis as unknown as { heard: number[] }).heard.splice(0));
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/akashganga');
    await hub.kill();
    await library.send();
    await expect(page.getByText('Donnez au moins une réponse.')).toBeVisible();
    expect(await heard()).toEqual([294, 220]);
    await library.fill('Un son pour chaque état');
    await library.send();
    await library.expectKept();
    expect(await heard()).toEqual([523]);
    await hub.restart();
    await library.expectArrived(8_000);
    expect(await heard()).toEqual([523, 784]);
    await page.goto(`${hub.url}/fr/-/more`);
    await page.getByRole('button', { name: 'Couper les sons' }).click();
    await expect(page.getByRole('button', { name: 'Mettre les sons' })).toBeVisible();
    await page.goto(`${hub.url}/fr/akashganga`);
    await library.send();
    await expect(page.getByText('Donnez au moins une réponse.')).toBeVisible();
    expect(await heard()).toEqual([]);
  });
});
