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
