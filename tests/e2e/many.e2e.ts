import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, type Locator, test } from '@playwright/test';
import { writeBigLibrary } from '../support/big-library.ts';
import { itemIds, startHub } from '../support/hub.ts';
import { pixelsOf } from '../support/pixels.ts';
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

type Colour = readonly [number, number, number];
const INK: Colour = [0x1b, 0x24, 0x50];
const LIGHT_INK: Colour = [0xf4, 0xe9, 0xd2];
const FILL: Colour = [0xf2, 0xb1, 0x34];

/** Whether a colour is seen where the drawing of a row stands: 36 pixels wide, at the beginning of the line. */
const isDrawnIn = async (browser: Browser, row: Locator, colour: Colour, side: 'left' | 'right'): Promise<boolean> => {
  const { pixels, width } = await pixelsOf(browser, await row.screenshot());
  return pixels.some((_, at) => {
    const x = (at / 4) % width;
    const isThere = side === 'left' ? x < 36 : x >= width - 36;
    return at % 4 === 0 && isThere && colour.every((part, i) => Math.abs((pixels[at + i] ?? 0) - part) < 8);
  });
};

test('a list of hundreds: only what is near is made, with the drawings of short lists, and the keyboard keeps its place', async ({
  page,
  browser,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'relais-hundreds-'));
  const contentDir = join(folder, 'content');
  writeBigLibrary(contentDir, 400, 300);
  cpSync('content/forms', join(contentDir, 'forms'), { recursive: true });
  const hub = await startHub({ stranger: true, env: { CONTENT_DIR: contentDir } });
  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/fr/');
  await page.getByRole('link', { name: 'Tous les sujets' }).click();
  const rows = page.locator('.list a');
  const first = rows.filter({ hasText: / 0/ }).first();
  await expect(first).toHaveClass(/drawn/);
  await expect.poll(() => isDrawnIn(browser, first, INK, 'left')).toBe(true);
  expect(await isDrawnIn(browser, first, FILL, 'left')).toBe(true);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => isDrawnIn(browser, first, LIGHT_INK, 'left')).toBe(true);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
  await expect.poll(() => isDrawnIn(browser, first, INK, 'right')).toBe(true);
  await page.evaluate(() => document.documentElement.setAttribute('dir', 'ltr'));

  await first.focus();
  const end = rows.filter({ hasText: / 399/ });
  await expect(async () => {
    await page.keyboard.press('End');
    await expect(end).toBeInViewport({ timeout: 1000 });
  }).toPass();
  expect(await rows.count()).toBeLessThan(200);
  await expect(first).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(rows.nth(1)).toBeFocused();
  // The page glides there; where it stands when it is left is where it comes back to.
  await expect(rows.nth(1)).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/ 1$/);
  await page.goBack();
  await expect(rows.nth(1)).toBeInViewport();
  await hub.remove();
  rmSync(folder, { recursive: true, force: true });
});
