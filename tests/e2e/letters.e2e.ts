import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { faultsOf } from '../support/axe.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

/** The letters that keyboards have not, above the text fields of pages in their languages. */

let hub: Hub;
test.beforeEach(async () => {
  hub = await startHub();
  const path = join(hub.contentDir, 'library.yml');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^(languages: .*)\]$/m, '$1, ff, ttq]'));
  expect((await hub.publish()).code).toBe(0);
});
test.afterEach(async () => {
  await hub.remove();
});

const bar = (page: Page) => page.getByRole('toolbar', { name: 'Lettres' });

test('a tap types at the caret, keeps focus, and can be undone: on both kinds of page, and in the search', async ({
  page,
}) => {
  const type = async (): Promise<void> => {
    const field = page.locator('textarea');
    await field.fill('aki');
    await field.evaluate((one: HTMLTextAreaElement) => one.setSelectionRange(1, 1));
    await bar(page).getByRole('button', { name: 'ɗ' }).click();
    await expect(field).toHaveValue('aɗki');
    await expect(field).toBeFocused();
    await page.keyboard.press('Control+z');
    await expect(field).toHaveValue('aki');
    await bar(page).getByRole('button', { name: 'Majuscules' }).click();
    await bar(page).getByRole('button', { name: 'Ɗ' }).click();
    await expect(field).toHaveValue(/Ɗ/);
  };
  await new LibraryPage(page, hub.url).openAndKeep('/ff/akashganga');
  await type();
  expect(await faultsOf(page)).toEqual([]);
  await new LibraryPage(page, hub.url).openAndKeep('/ff/');
  await new LibraryPage(page, hub.url).openAndKeep('/ff/akashganga');
  await type();
  await new LibraryPage(page, hub.url).openAndKeep('/ff/-/all');
  await bar(page).getByRole('button', { name: 'ŋ' }).click();
  await expect(page.locator('[type=search]')).toHaveValue('ŋ');
});

test('the bar is one stop for Tab, with arrows between its keys, in two rows at most', async ({ page }) => {
  await new LibraryPage(page, hub.url).openAndKeep('/ttq/akashganga');
  const keys = bar(page).getByRole('button');
  await expect(keys).toHaveCount(13);
  await keys.first().focus();
  await page.keyboard.press('ArrowLeft');
  await expect(keys.last()).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.locator('textarea')).toHaveValue('ɣ');
  await expect(keys.nth(1)).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.locator('textarea')).toBeFocused();
  const boxes = await keys.evaluateAll((all) =>
    all.map((one) => one.getBoundingClientRect()).map(({ top, width, height }) => ({ top, width, height })),
  );
  expect(new Set(boxes.map(({ top }) => Math.round(top))).size).toBeLessThanOrEqual(2);
  expect(boxes.every(({ width, height }) => width >= 48 && height >= 48)).toBe(true);
});

test('a language whose letters keyboards have gets no bar', async ({ page }) => {
  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  await expect(page.locator('textarea')).toBeVisible();
  await expect(page.locator('.letters')).toHaveCount(0);
});
