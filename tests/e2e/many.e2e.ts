import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { itemIds, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

test('a long library: all of it stays within reach, on the device and page by page without scripts', async ({
  page,
  browser,
}) => {
  // Seventy items more, on pages of every language.
  test.slow();
  const hub = await startHub();
  const added = 70;
  for (let i = 1; i <= added; i++) {
    const folder = join(hub.contentDir, `puits-${i}`);
    cpSync(join(hub.contentDir, 'village-pay-phone'), folder, { recursive: true });
    for (const file of ['fr.md', 'en.md']) {
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8').replace(/^title: .*/m, `title: "Le puits numéro ${i}"`);
      writeFileSync(path, text);
    }
    const shared = join(folder, 'item.yml');
    writeFileSync(shared, readFileSync(shared, 'utf8').replace(/^order: .*/m, `order: ${1000 + i}`));
  }
  expect((await hub.publish()).output).toContain('Published');
  const all = itemIds().length + added;
  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/fr/');
  await page.getByRole('link', { name: 'Tous les sujets' }).click();
  await expect(page.locator('.list a')).toHaveCount(all);
  await expect(page.getByRole('status').filter({ hasText: `${all} sujets` })).toBeVisible();
  await page.locator('#filter').fill('PUITS numero 33');
  await expect(page.locator('.list a')).toHaveCount(1);
  await page.locator('#filter').fill('puits xylographe');
  await expect(page.getByText('Rien avec ces mots.')).toBeVisible();
  await page.locator('#filter').fill('');
  await page.locator('summary').click();
  await page.getByLabel('Sorte').selectOption('Exemple');
  await expect(page.getByRole('link', { name: 'Kit lait' })).toHaveCount(0);
  await page.locator('#filter').fill('puits 3');
  await page.getByRole('link', { name: 'Le puits numéro 3', exact: false }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Le puits numéro 3/);

  const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await plain.goto(`${hub.url}/fr/-/all`);
  const seen: string[] = [];
  const hrefs = () =>
    plain.locator('.list a').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  seen.push(...(await hrefs()));
  while ((await plain.getByRole('link', { name: 'Suite' }).count()) > 0) {
    await plain.getByRole('link', { name: 'Suite' }).click();
    seen.push(...(await hrefs()));
  }
  expect(new Set(seen).size).toBe(all);
  await plain.getByRole('link', { name: 'Retour' }).click();
  await expect(plain.locator('.list a').first()).toBeVisible();
  await plain.context().close();
  await hub.remove();
});
