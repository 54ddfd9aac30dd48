import { join } from 'node:path';
import { type Browser, expect, type Page } from '@playwright/test';
import type { Hub } from '../../support/hub.ts';
import { type LinkProxy, startProxy } from '../../support/proxy.ts';
import { LibraryPage } from './library.ts';

/** A phone with the library on it, and a link of its own. */
export interface HandPhone {
  readonly page: Page;
  readonly link: LinkProxy;
  readonly library: LibraryPage;
  /** Opens the page of what goes by hand. */
  carry(): Promise<void>;
  /** Writes a file, as to the folder of downloads. */
  save(name: string): Promise<string>;
  take(path: string): Promise<void>;
  end(): Promise<void>;
}

export const openHandPhone = async (
  browser: Browser,
  { hub, folder }: { readonly hub: Hub; readonly folder: string },
  init?: () => void,
): Promise<HandPhone> => {
  const link = await startProxy({ target: hub.port });
  const context = await browser.newContext({ viewport: { width: 320, height: 480 }, locale: 'fr-FR' });
  // A dialogue that no test can answer; Android has none either.
  await context.addInitScript(() => Object.assign(window, { showSaveFilePicker: undefined }));
  if (init) await context.addInitScript(init);
  const page = await context.newPage();
  const library = new LibraryPage(page, link.url);
  await library.openAndKeep('/fr/akashganga');
  // Its part of the app is among those that come by themselves.
  const parts = (): Promise<readonly string[]> =>
    page.evaluate(async () => {
      const all = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
      return all.flat().flatMap(({ url }) => /(carried|network-pages)-[\w-]{8}\.js$/.exec(url)?.[1] ?? []);
    });
  await expect.poll(parts, { timeout: 20_000 }).toEqual(expect.arrayContaining(['carried', 'network-pages']));
  const carry = async (): Promise<void> => {
    await page.goto(`${link.url}/fr/-/carry`);
    const isThere = expect(page.locator('#carry-save')).toBeVisible({ timeout: 20_000 });
    await isThere.catch(async (error: Error) => {
      throw new Error(`Nothing to copy on: ${await page.locator('body').innerText()}`, { cause: error });
    });
  };
  return {
    page,
    link,
    library,
    carry,
    async save(name) {
      await carry();
      const download = page.waitForEvent('download');
      await page.locator('#carry-save').click();
      const file = await download;
      expect(file.suggestedFilename()).toMatch(/^relais-\d{4}-\d\d-\d\d\.zip$/);
      const path = join(folder, name);
      await file.saveAs(path);
      await expect(page.locator('#carry-status')).toContainText(/Copié : .?relais-/);
      return path;
    },
    async take(path) {
      await carry();
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Ouvrir un fichier' }).click();
      await (await chooser).setFiles(path);
    },
    async end() {
      await context.close();
      await link.close();
    },
  };
};

/** Leaves an answer under the item that the phone has been opened with. */
export const answer = async ({ page, link, library }: HandPhone, words: string): Promise<void> => {
  await page.goto(`${link.url}/fr/akashganga`);
  await library.fill(words);
  await library.send();
  await expect(page.locator('.keep bdi')).toBeVisible();
};
