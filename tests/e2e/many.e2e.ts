import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

test('a library of more than six items: all of them stay within reach, and titles can be filtered', async ({
  page,
}) => {
  const hub = await startHub();
  for (let i = 1; i <= 5; i++) {
    const folder = join(hub.contentDir, `puits-${i}`);
    cpSync(join(hub.contentDir, 'village-pay-phone'), folder, { recursive: true });
    for (const file of ['fr.md', 'en.md']) {
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8').replace(/^title: .*/m, `title: "Le puits numéro ${i}"`);
      writeFileSync(path, text.replace(/^order: .*/m, `order: ${50 + i}`));
    }
  }
  expect((await hub.publish()).output).toContain('Published');
  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/fr/');
  await expect(page.locator('.cards a')).toHaveCount(6);
  await page.getByRole('link', { name: 'Tous les sujets' }).click();
  await expect(page.locator('.cards a')).toHaveCount(9);
  await page.getByLabel('Chercher un titre').fill('PUITS numero 3');
  await expect(page.locator('.cards a')).toHaveCount(1);
  await page.getByLabel('Chercher un titre').fill('rien de tel');
  await expect(page.getByText('Rien à ce nom.')).toBeVisible();
  await page.getByLabel('Chercher un titre').fill('puits 3');
  await page.getByRole('link', { name: 'Le puits numéro 3' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le puits numéro 3');
  await hub.remove();
});
