import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import jsQR from 'jsqr';
import { faultsOf } from '../support/axe.ts';
import { type Hub, itemIds, startHub } from '../support/hub.ts';
import { pixelsOf } from '../support/pixels.ts';
import { LibraryPage } from './pages/library.ts';

/** What comes out of the printer: notices for the wall, empty registers, a presenter's script; with a script and without. */

let hub: Hub;
test.beforeAll(async () => {
  hub = await startHub();
  for (const id of itemIds())
    if (id !== 'akashganga' && id !== 'milk-kit') rmSync(join(hub.contentDir, id), { recursive: true });
  notice('well', '2999-12-31');
  notice('road', '2026-01-31');
  write('milk-kit', 'ar.md', [
    ...front('سجل الحليب', []),
    'فقرة من النص [الموقع](https://example.org/ar).',
    '',
    '```register',
    'title: سجل الحليب',
    'columns: [التاريخ, العضو, اللتر, الدهن, السعر, المبلغ, التوقيع, ملاحظة]',
    'rows: 30',
    'example: [["1/3", "7", "10", "4", "120", "1200", "x", "-"]]',
    '```',
  ]);
  const { code, output } = await hub.publish();
  expect(output).not.toContain('Nothing was published');
  expect(code).toBe(0);
});
test.afterAll(async () => {
  await hub.remove();
});

const write = (id: string, file: string, lines: readonly string[]): void => {
  mkdirSync(join(hub.contentDir, id), { recursive: true });
  writeFileSync(join(hub.contentDir, id, file), `${lines.join('\n')}\n`);
};
const front = (title: string, more: readonly string[]): readonly string[] => [
  '---',
  `title: "${title}"`,
  'summary: "Ne buvez pas cette eau."',
  'place: "Tillia"',
  'review: { state: human-draft }',
  ...more,
  '---',
];
const notice = (id: string, until: string): void => {
  const source = 'sources: [{ id: mairie, title: "Avis du 20", by: "Mairie de Tillia", certainty: says }]';
  write(id, 'item.yml', [
    'kind: bulletin',
    'picture: radio',
    'order: 5',
    'urgency: 1',
    source,
    'issued: "2026-01-01"',
    `until: "${until}"`,
  ]);
  for (const lang of ['fr', 'en'])
    write(id, `${lang}.md`, [
      ...front(`Puits ${id}`, ['area: "Tillia"']),
      'Texte.',
      '',
      '- Allez au forage.',
      '- Prévenez vos voisins.',
    ]);
};

/** A browser prints nothing without a window: this notes what the page looked like when it was asked to, as `beforeprint` leaves it. */
const watchPrints = (page: Page) =>
  page.addInitScript(() => {
    window.print = () => {
      dispatchEvent(new Event('beforeprint'));
      const { dataset } = document.documentElement;
      dataset.printed = 'yes';
      dataset.prints = String(Number(dataset.prints ?? 0) + 1);
    };
  });

const shown = (page: Page, selector: string): Promise<boolean> =>
  page.evaluate(
    (one) => [...document.querySelectorAll(one)].some((element) => element.getClientRects().length > 0),
    selector,
  );

/** The text of the code on a sheet, read as a phone reads it. */
const readCode = async (page: Page, browser: Browser): Promise<string | undefined> => {
  const png = await page.locator('.paper').screenshot({ scale: 'device' });
  const { pixels, width, height } = await pixelsOf(browser, png);
  return jsQR(Uint8ClampedArray.from(pixels), width, height)?.data;
};

/** Sides of a PDF's pages in millimetres. */
const pagesOf = async (page: Page): Promise<readonly string[]> => {
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  const boxes = [...pdf.matchAll(/\/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]/g)];
  return boxes.map(([, ...sides]) => sides.map((points) => Math.round((Number(points) / 72) * 25.4)).join(' x '));
};
const UPRIGHT = '210 x 297';
const WIDE = '297 x 210';

test.describe('an item', () => {
  test('prints clean, with its address and a code of it, from a plain page and from the device', async ({
    page,
    browser,
  }) => {
    await watchPrints(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    const library = new LibraryPage(page, hub.url);
    for (const from of ['hub', 'device']) {
      await page.goto(`${hub.url}/fr/akashganga`);
      await page.getByRole('button', { name: 'Imprimer', exact: true }).click();
      await expect(page.locator('html')).toHaveAttribute('data-printed', 'yes');
      await page.emulateMedia({ media: 'print' });
      for (const gone of ['.bar', '#link', '#news', 'form', '.act', '.related', 'summary', '.sheet'])
        expect([from, gone, await shown(page, gone)]).toEqual([from, gone, false]);
      for (const there of ['h1', '.lead', '.sources li', '.scene', '.top'])
        expect([from, there, await shown(page, there)]).toEqual([from, there, true]);
      const address = `${hub.url}/fr/akashganga`;
      const foot = page.locator('.paper');
      await expect(foot).toContainText(/^Centre d’accès · CC-BY-4.0 · Texte n° \d+ · Brouillon d’une machine\./);
      await expect(foot).toContainText(/Imprimé le \d+ \S+ \d{4} · /);
      await expect(foot).toContainText(address);
      expect(await readCode(page, browser)).toBe(address);
      // Black on white, whatever the screen has.
      const body = page.locator('body');
      await expect(body).toHaveCSS('color', 'rgb(0, 0, 0)');
      await expect(body).toHaveCSS('background-color', 'rgb(255, 255, 255)');
      expect(new Set(await pagesOf(page))).toEqual(new Set([UPRIGHT]));
      await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
      if (from === 'hub') await library.kept();
    }
  });

  test('has its code too when somebody prints by the browser’s own menu', async ({ page, browser }) => {
    await new LibraryPage(page, hub.url).openAndKeep('/fr/');
    await page.goto(`${hub.url}/fr/milk-kit`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect
      .poll(async () => {
        await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
        return page.locator('#qr svg').count();
      })
      .toBe(1);
    await page.emulateMedia({ media: 'print' });
    expect(await readCode(page, browser)).toBe(`${hub.url}/fr/milk-kit`);
  });

  test('prints without scripts: text, sources, facts, forms; no code, and no button that does nothing', async ({
    browser,
  }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${hub.url}/fr/milk-kit`);
    await expect(page.locator('.print:visible')).toHaveCount(0);
    const sides = await pagesOf(page);
    expect(sides[0]).toBe(UPRIGHT);
    expect(sides.slice(-3)).toEqual([WIDE, WIDE, UPRIGHT]);
    await page.emulateMedia({ media: 'print' });
    await expect(page.locator('.paper')).toContainText('CC-BY-4.0');
    await expect(page.locator('.sources li').first()).toBeVisible();
    await expect(page.locator('#qr')).toBeEmpty();
    await context.close();
  });

  test('prints at once where the part that makes the code does not come', async ({ page }) => {
    await watchPrints(page);
    await page.route('**/assets/parts-*.js', (route) => route.abort());
    await page.route('**/sw.js', (route) => route.abort());
    await page.goto(`${hub.url}/fr/akashganga`);
    await page.getByRole('button', { name: 'Imprimer', exact: true }).click();
    await expect(page.locator('html')).toHaveAttribute('data-printed', 'yes');
    await expect(page.locator('#qr')).toBeEmpty();
  });

  test('prints once, however often somebody taps while the printer is looked for', async ({ page }) => {
    await watchPrints(page);
    await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
    await page.getByRole('button', { name: 'Imprimer', exact: true }).evaluate((button: HTMLButtonElement) => {
      for (let i = 0; i < 3; i++) button.click();
    });
    await expect(page.locator('html')).toHaveAttribute('data-prints', '1');
    await page.waitForTimeout(300);
    await expect(page.locator('html')).toHaveAttribute('data-prints', '1');
  });
});

test.describe('a list', () => {
  test('prints its items, and nothing that is only for a screen', async ({ page, browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(`${hub.url}/fr/`);
    await plain.emulateMedia({ media: 'print' });
    await expect(plain.locator('.home .cards b:visible, .home .list b:visible').first()).toBeVisible();
    await context.close();
    await new LibraryPage(page, hub.url).openAndKeep('/fr/');
    await page.goto(`${hub.url}/fr/-/all`);
    await expect(page.locator('.list b').first()).toBeVisible();
    await page.emulateMedia({ media: 'print' });
    for (const gone of ['.bar', '#link', '.act', '[type=search]', 'summary', '.langs'])
      expect([gone, await shown(page, gone)]).toEqual([gone, false]);
    for (const there of ['h1', '.list b', '.top']) expect([there, await shown(page, there)]).toEqual([there, true]);
  });
});

test.describe('a register', () => {
  test('prints alone as a ruled form that fits its page', async ({ page }) => {
    await watchPrints(page);
    await page.goto(`${hub.url}/fr/milk-kit`);
    const figure = page.locator('figure', { hasText: 'Registre du lait' });
    const lines = Number(/^\d+/.exec(await figure.locator('small').innerText())?.[0]);
    expect(lines).toBeGreaterThan(5);
    await figure.getByRole('button', { name: 'Imprimer le registre' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-printed', 'yes');
    // As wide as the paper is between its margins: 297 - 2 x 15 mm at 96 pixels an inch.
    await page.setViewportSize({ width: Math.round((267 / 25.4) * 96), height: 680 });
    await page.emulateMedia({ media: 'print' });
    for (const gone of ['.top', 'h1', '.lead', '.paper', 'figure', '#sheet-1', '#sheet-3'])
      expect([gone, await shown(page, gone)]).toEqual([gone, false]);
    const sheet = page.locator('#sheet-2');
    await expect(sheet.locator('thead')).toContainText('Registre du lait');
    await expect(sheet.locator('thead')).toContainText('Centre : Centre d’accès');
    await expect(sheet.locator('thead')).toContainText('Mois :');
    const rows = sheet.locator('tbody tr');
    await expect(rows).toHaveCount(lines);
    const sizes = await rows.evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height / (96 / 25.4)));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(8);
    expect(await rows.evaluateAll((all) => all.map(({ textContent }) => textContent).join(''))).toBe('');
    const columns = await sheet
      .locator('th')
      .evaluateAll((all) => all.map((cell) => cell.getBoundingClientRect().width / (96 / 25.4)));
    expect(Math.min(...columns)).toBeGreaterThan(14);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(await pagesOf(page)).toEqual([WIDE]);
    // That was a print, and it is over: the next one is whole again.
    expect(await shown(page, 'h1')).toBe(true);
  });

  test('longer than a page goes on under the same heads; from right to left too', async ({ page, browser }) => {
    await watchPrints(page);
    await page.goto(`${hub.url}/ar/milk-kit`);
    await page.locator('.print[data-sheet]').click();
    await expect(page.locator('html')).toHaveAttribute('data-printed', 'yes');
    await page.emulateMedia({ media: 'print' });
    await expect(page.locator('.sheet')).toHaveCSS('direction', 'rtl');
    await expect(page.locator('.sheet thead')).toHaveCSS('display', 'table-header-group');
    const first = await page.locator('.sheet th').first().boundingBox();
    const last = await page.locator('.sheet th').last().boundingBox();
    expect(first?.x).toBeGreaterThan(last?.x ?? Number.NaN);
    expect(await pagesOf(page)).toEqual([WIDE, WIDE]);
    const [text, code] = await Promise.all(['.paper p', '#qr svg'].map((one) => page.locator(one).boundingBox()));
    expect(text?.x).toBeGreaterThan(code?.x ?? Number.NaN);
    expect(await readCode(page, browser)).toBe(`${hub.url}/ar/milk-kit`);
    // An address that a finger cannot tap on paper is written out.
    const written = await page
      .locator('article a[href^=https]')
      .evaluate((link) => getComputedStyle(link, '::after').content);
    expect(written).toMatch(/attr\(href\)|example\.org/);
  });
});

test.describe('a notice', () => {
  test('opens and prints as a presenter reads it: parts, seconds, large letters', async ({ page }) => {
    await watchPrints(page);
    await page.goto(`${hub.url}/fr/well`);
    const script = page.locator('#script');
    await expect(script).toBeHidden();
    await page.getByRole('link', { name: 'Lire à la radio' }).click();
    await expect(script).toBeVisible();
    expect(await faultsOf(page)).toEqual([]);
    await expect(script).toContainText(/Environ \d+ secondes/);
    await expect(script).toContainText('D’où vient l’annonce : Avis du 20, Mairie de Tillia');
    await expect(script).toContainText('Valable jusqu’au 31 décembre 2999. À lire au moins trois fois par jour');
    const parts = (await script.locator('dt').allInnerTexts()).map((text) => text.split(' · '));
    expect(parts.map(([name]) => name)).toEqual([
      'Saluer',
      'Quoi',
      'Pour qui, jusqu’à quand',
      'Quoi faire',
      'Où trouver de l’aide',
      'Répéter',
      'Finir',
    ]);
    const seconds = parts.map(([, time]) => Number.parseInt(time ?? '', 10));
    expect(Math.min(...seconds)).toBeGreaterThan(0);
    const total = seconds.reduce((sum, one) => sum + one, 0);
    await expect(script).toContainText(`Environ ${total} secondes`);
    await page.getByRole('button', { name: 'Imprimer pour la radio' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-printed', 'yes');
    await page.emulateMedia({ media: 'print' });
    expect(await shown(page, 'h1')).toBe(false);
    await expect(script.locator('dd').first()).toHaveCSS('font-size', '24px');
    expect(await pagesOf(page)).toEqual([UPRIGHT]);
  });

  test('that has ended says so on paper, and has nothing to read aloud', async ({ page }) => {
    await page.goto(`${hub.url}/fr/road`);
    await expect(page.getByRole('link', { name: 'Lire à la radio' })).toHaveCount(0);
    await page.emulateMedia({ media: 'print' });
    await expect(page.getByText('Annonce retirée')).toBeVisible();
    await expect(page.locator('.sheet')).toHaveCount(0);
  });
});
