import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { faultsOf } from '../support/axe.ts';
import { type Hub, itemIds, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

/**
 * Letters that a phone lacks. The browser of these tests may have fonts for every script, so the lack is made: whatever is drawn on a canvas in Bengali is
 * drawn as a code point that nobody has. What follows is real: the box, the comparison, the file from the hub, the font that is used and kept.
 */

let hub: Hub;
test.beforeAll(async () => {
  hub = await startHub();
  for (const id of itemIds())
    if (id !== 'akashganga' && id !== 'milk-kit') rmSync(join(hub.contentDir, id), { recursive: true });
  const text = [
    '---',
    'title: "দুধের কেন্দ্র"',
    'summary: "এটা পড়ুন।"',
    'place: "গ্রাম"',
    'review: { state: human-draft }',
    '---',
    'দুধ মাপুন।',
  ];
  writeFileSync(join(hub.contentDir, 'milk-kit/bn.md'), `${text.join('\n')}\n`);
  expect((await hub.publish()).code).toBe(0);
});
test.afterAll(async () => {
  await hub.remove();
});

const withoutBengali = (page: Page) =>
  page.addInitScript(() => {
    const { prototype } = CanvasRenderingContext2D;
    const { fillText, measureText } = prototype;
    const boxed = (text: string): string => text.replaceAll(/\p{Script=Beng}/gu, '\u0378');
    prototype.fillText = function (text, x, y) {
      fillText.call(this, boxed(text), x, y);
    };
    prototype.measureText = function (text) {
      return measureText.call(this, boxed(text));
    };
  });

/** In English: the page’s own words are in the very letters that are missing. */
const OFFER = 'This phone does not draw all letters: Bangla.';
/** Ranges of the fonts that this page draws with besides the system's. */
const inUse = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.fonts].flatMap((face) =>
      face.family.includes('Relais') && face.status === 'loaded' ? face.unicodeRange : [],
    ),
  );

test('what the phone cannot draw is offered, comes by a tap, is used at once and after, and can be dropped', async ({
  page,
}) => {
  await withoutBengali(page);
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/fonts/') && asked.push(request.url()));
  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/bn/milk-kit');
  const notice = page.locator('.notice', { hasText: OFFER });
  await expect(notice).toContainText(/About \d+ s\./);
  expect(asked).toEqual([]);
  expect(await faultsOf(page)).toEqual([]);
  await notice.getByRole('button', { name: 'Take' }).click();
  await expect(notice).toHaveCount(0);
  await expect.poll(() => inUse(page)).toEqual([expect.stringContaining('U+980')]);
  expect(asked).toHaveLength(1);
  // They draw at once, and are kept a moment later.
  await expect.poll(() => page.evaluate(() => localStorage.getItem('relais-fonts'))).toBe('Beng');
  const width = await page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
    context.font = '40px Relais';
    return Object.getPrototypeOf(context).measureText.call(context, 'abc').width;
  });
  expect(width).toBeGreaterThan(0);

  // Without the centre, after a new start.
  await hub.kill();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('দুধের কেন্দ্র');
  await expect.poll(() => inUse(page)).toEqual([expect.stringContaining('U+980')]);
  await expect(notice).toHaveCount(0);

  await page.goto(`${hub.url}/bn/-/more`);
  await expect(page.getByRole('heading', { name: 'নেওয়া অক্ষর' })).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'সরান: বাংলা' }).click();
  await expect(page.getByRole('heading', { name: 'নেওয়া অক্ষর' })).toHaveCount(0);
  expect(await inUse(page)).toEqual([]);
  expect(await page.evaluate(async () => (await (await caches.open('relais-fonts')).keys()).length)).toBe(0);
  await hub.restart();
  await page.goto(`${hub.url}/bn/milk-kit`);
  await expect(notice).toBeVisible();
  await notice.getByRole('button', { name: 'Later' }).click();
  await expect(notice).toHaveCount(0);
});

test('letters that were changed on the way are not used; one can ask again', async ({ page }) => {
  await withoutBengali(page);
  await page.route('**/fonts/*.woff2', async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[200] = (body[200] ?? 0) ^ 1;
    await route.fulfill({ response, body });
  });
  await page.goto(`${hub.url}/bn/milk-kit`);
  await page.getByRole('button', { name: 'Take' }).click();
  await expect(page.getByText('The letters did not come.')).toBeVisible();
  expect(await inUse(page)).toEqual([]);
  await page.unroute('**/fonts/*.woff2');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => inUse(page)).toHaveLength(1);
});

test('nothing is offered where nothing is missing, nor for the names of languages', async ({ page }) => {
  await page.goto(`${hub.url}/bn/milk-kit`);
  await page.waitForTimeout(2_000);
  const canDraw = await page.evaluate(() => !document.body.textContent?.includes('does not draw all'));
  await withoutBengali(page);
  await new LibraryPage(page, hub.url).openAndKeep('/fr/');
  await expect(page.locator('.langs [lang=bn]')).toBeVisible();
  await page.waitForTimeout(1_000);
  await expect(page.getByText(OFFER)).toHaveCount(0);
  // The first only says something on a machine with Bengali letters.
  test.info().annotations.push({ type: 'this browser draws Bengali', description: String(canDraw) });
});

test('the hub serves fonts and their licence as what they are', async ({ request }) => {
  const { Beng } = JSON.parse(readFileSync('src/ui/fonts/table.json', 'utf8')) as { Beng: { file: string } };
  const font = await request.get(hub.url + Beng.file);
  expect(font.status()).toBe(200);
  expect(font.headers()).toMatchObject({
    'content-type': 'font/woff2',
    'cache-control': expect.stringContaining('immutable'),
  });
  const licence = await request.get(`${hub.url}/fonts/OFL.txt`);
  expect(licence.headers()['content-type']).toMatch(/^text\/plain/);
  expect(await licence.text()).toContain('Open Font License');
  for (const wrong of ['/fonts/..%2findex.html', '/fonts/beng.woff2', '/fonts/'])
    expect((await request.get(hub.url + wrong)).status()).toBe(404);
});
