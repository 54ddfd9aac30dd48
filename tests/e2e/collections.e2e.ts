import { expect, test } from '@playwright/test';
import { addSheets } from '../support/collection.ts';
import { type Hub, itemIds, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

/** Sheets that a phone takes or not: a collection of the library, with a shelf of its own in each language. */

const SHEETS = 12;

/** A hub whose library has a collection of project sheets besides its own topics. */
const startWithSheets = async (): Promise<Hub> => {
  const hub = await startHub();
  addSheets(hub.contentDir, SHEETS);
  expect((await hub.publish()).output).toContain('Published');
  return hub;
};

test('a collection is offered at the end of a list, kept by one tap, read and found without a link, and dropped again', async ({
  page,
  context,
}) => {
  test.slow();
  const hub = await startWithSheets();
  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/fr/');
  await page.getByRole('link', { name: 'Tous les sujets' }).click();
  // A phone takes none by itself.
  await expect(page.locator('.list a')).toHaveCount(itemIds().length);
  const offer = page.locator('#collections').getByRole('button');
  await expect(offer).toHaveText(/^Fiches de projets · Ajouter · 12 sujets · \d+\sko$/);

  // A link to one of them, of somebody who has it, offers it likewise.
  await page.goto(`${hub.url}/fr/puits-3`);
  await expect(page.getByRole('heading', { name: 'Il est peut-être ici' })).toBeVisible();
  await offer.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Forage xylographe 3');

  await context.setOffline(true);
  await hub.kill();
  await page.goto(`${hub.url}/fr/-/all`);
  await expect(page.locator('.list a')).toHaveCount(itemIds().length + SHEETS);
  await expect(page.locator('#collections')).toHaveCount(0);
  await page.locator('#filter').fill('xylographe 7');
  await page.getByRole('link', { name: 'Forage xylographe 7' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Forage xylographe 7');
  await page.goto(`${hub.url}/fr/-/collection-sheets`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Fiches de projets');
  await expect(page.locator('.list a')).toHaveCount(SHEETS);

  // Dropped where languages are, with a moment to take that back.
  await page.goto(`${hub.url}/fr/-/more`);
  const line = page.locator('.codes .codes').getByRole('button');
  await expect(line).toHaveText(/^Fiches de projets · Enlever · 12 sujets · \d+\sko$/);
  await line.click();
  await expect(line).toHaveText('Fiches de projets · Annuler');
  await line.click();
  await expect(line).toHaveText(/Enlever/);
  await line.click();
  await expect(line).toHaveText(/^Fiches de projets · Ajouter/, { timeout: 12_000 });
  await page.goto(`${hub.url}/fr/-/all`);
  await expect(page.locator('.list a')).toHaveCount(itemIds().length);
  await expect(offer).toHaveText(/Ajouter/);
  // Chosen without a link, it says that it comes.
  await offer.click();
  await expect(page.locator('#collections')).toContainText('Il arrivera avec le réseau.');
  await hub.remove();
});

test('without scripts lists stay short, and lead to all that is in a collection', async ({ browser }) => {
  const hub = await startWithSheets();
  const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await plain.goto(`${hub.url}/fr/-/all`);
  await expect(plain.locator('.list a')).toHaveCount(itemIds().length);
  await plain.getByRole('link', { name: 'Fiches de projets · 12 sujets' }).click();
  await expect(plain.locator('.list a')).toHaveCount(SHEETS);
  await plain.getByRole('link', { name: 'Forage xylographe 5' }).click();
  await expect(plain.getByRole('heading', { level: 1 })).toHaveText('Forage xylographe 5');
  // In a language that has none of its own, those stand in that have.
  await plain.goto(`${hub.url}/bn/-/collection-sheets`);
  await expect(plain.getByRole('heading', { level: 1 })).toHaveText('প্রকল্পের তথ্য');
  await expect(plain.locator('.list a')).toHaveCount(SHEETS);
  await plain.context().close();
  await hub.remove();
});
