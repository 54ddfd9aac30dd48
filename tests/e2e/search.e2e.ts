import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type Hub, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

/** Full text search on the device: with the centre gone, in marked passages, and after the library changed. */

let hub: Hub;
test.beforeAll(async () => {
  // Publishes a library of fifty items.
  test.setTimeout(120_000);
  hub = await startHub();
  add('manga', 'Le manguier', 'Le comité du puits se réunit sous le manguier de Ɓaƙarwa chaque matin, l’été aussi.');
  add('wells', 'Les puits', 'On compte les seaux de la margelle.');
  add('one', 'Premier exemple', 'Le mot rare est kaliboro.');
  add('two', 'Second exemple', 'Le mot rare est kaliboro.', 'guide');
  add('markup', 'Le signe', 'Le texte dit &lt;img src=x onerror=alert(1)&gt; et zoromba.');
  for (let i = 1; i <= 22; i++) add(`more-${i}`, `Le forage numéro ${i}`, 'Le mot rare est tamboula.');
  expect((await hub.publish()).code).toBe(0);
});
test.afterAll(async () => {
  await hub.remove();
});

/** An item whose French text has a paragraph that no other has. */
const add = (id: string, title: string, paragraph: string, kind = 'case'): void => {
  const folder = join(hub.contentDir, id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'item.yml'), `kind: ${kind}\npicture: radio\norder: 900\nneeds: [school]\n`);
  const text = (lang: string, words: string): void =>
    writeFileSync(
      join(folder, `${lang}.md`),
      `---\ntitle: "${title}"\nsummary: "Lire ceci."\nplace: "Tillia"\nreview: { state: human-draft }\n---\n${words}\n`,
    );
  text('fr', paragraph);
  if (id === 'manga') text('en', 'The committee of the well meets under the mango tree near Zinderville.');
};

/** The list of all, with the search kept on the device and everything in it. */
const openList = async (page: Page): Promise<void> => {
  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/fr/');
  await page.getByRole('link', { name: 'Tous les sujets' }).click();
  const isKept = () =>
    page.evaluate(async () => {
      const files = await (await caches.open('relais-warm')).keys();
      return files.some(({ url }) => url.includes('/assets/search-'));
    });
  await expect.poll(isKept).toBe(true);
};

const field = (page: Page) => page.getByRole('searchbox', { name: 'Chercher un mot' });
const results = (page: Page) => page.locator('.list a');
const marks = (page: Page) => page.locator('.list mark');

test('finds words of the text without a link, in any spelling, with the passage marked', async ({ page }) => {
  await openList(page);
  await hub.kill();

  await field(page).fill('comité manguier');
  await expect(results(page)).toHaveCount(1);
  await expect(results(page)).toContainText('Le comité du puits se réunit');
  await expect(marks(page)).toHaveText(['manguier', 'comité', 'manguier']);
  await expect(page.getByRole('status').filter({ hasText: 'Un sujet' })).toBeVisible();

  // One letter wrong, letters without their hooks, an accent too few, the beginning of a word, two swapped.
  for (const words of ['manguer comite', 'bakarwa', 'BAKAR', 'ete bakarwa', 'comiét bakarwa']) {
    await field(page).fill('');
    await field(page).fill(words);
    await expect(results(page), words).toHaveCount(1);
    await expect(results(page), words).toContainText('Le manguier');
  }
  await field(page).fill('bakarwa telescope');
  await expect(page.getByText('Rien avec ces mots.')).toBeVisible();
  await expect(results(page)).toHaveCount(0);
  await hub.restart();
});

test('works after a restart with the centre gone, and by keyboard alone', async ({ page }) => {
  await openList(page);
  await field(page).fill('akashganga');
  await expect(marks(page).first()).toBeVisible();
  await hub.kill();
  await page.goto(`${hub.url}/fr/-/all`);
  await page.getByRole('searchbox').focus();
  await page.keyboard.type('ordinateur lait');
  await expect(
    marks(page)
      .filter({ hasText: /^ordinateur/i })
      .first(),
  ).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(results(page).first()).toBeFocused();
  const title = await results(page).first().locator('b').innerText();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  await hub.restart();
});

test('is narrowed by filters, and by what a list is about', async ({ page }) => {
  await openList(page);
  await field(page).fill('kaliboro');
  await expect(results(page)).toHaveCount(2);
  await page.locator('summary').click();
  await page.getByLabel('Sorte').selectOption('Exemple');
  await expect(results(page)).toContainText(['Premier exemple']);
  await field(page).fill('');
  await expect(results(page)).not.toHaveCount(1);
  await expect(page.getByRole('link', { name: 'Second exemple' })).toHaveCount(0);
});

test('a way back from what was found finds the question again; Fini forgets it', async ({ page }) => {
  await openList(page);
  await page.locator('summary').click();
  await page.getByLabel('Sorte').selectOption('Exemple');
  await field(page).fill('kaliboro');
  await expect(results(page)).toContainText(['Premier exemple']);
  await results(page).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Premier exemple' })).toBeVisible();
  await page.goBack();
  await expect(field(page)).toHaveValue('kaliboro');
  await expect(page.getByLabel('Sorte')).toHaveValue('case');
  await expect(results(page)).toHaveCount(1);

  await page.getByRole('link', { name: 'Fini' }).click();
  await page.getByRole('link', { name: 'Tous les sujets' }).click();
  await expect(field(page)).toHaveValue('');
  await expect(results(page)).not.toHaveCount(1);
});

test('a text of another language than the page’s says which, and leads to it', async ({ page }) => {
  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/en/');
  await openList(page);
  await field(page).fill('zinderville');
  await expect(results(page)).toHaveCount(1);
  await expect(results(page)).toContainText('English');
  await expect(results(page)).toHaveAttribute('href', '/en/manga');
  // In both languages: once, in the reader's own.
  await field(page).fill('akashganga');
  await expect(marks(page).first()).toBeVisible();
  await expect(page.locator('.list a[href="/fr/akashganga"]')).toHaveCount(1);
  await expect(page.locator('.list a[href="/en/akashganga"]')).toHaveCount(0);
});

test('a damaged index is made anew', async ({ page }) => {
  await openList(page);
  await field(page).fill('ordinateur');
  await expect(marks(page).first()).toBeVisible();
  const damage = () =>
    page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const open = indexedDB.open('relais-search');
          open.onerror = () => reject(open.error);
          open.onsuccess = () => {
            const database = open.result;
            const store = database.transaction('bytes', 'readwrite').objectStore('bytes');
            const keys = store.getAllKeys();
            keys.onsuccess = () => {
              for (const key of keys.result) store.put(new Uint8Array(100), key);
            };
            store.transaction.oncomplete = () => {
              database.close();
              resolve(keys.result.length);
            };
          };
        }),
    );
  await expect.poll(damage).toBeGreaterThan(0);
  await hub.kill();
  await page.reload();
  await field(page).fill('ordinateur');
  await expect(marks(page).first()).toBeVisible();
  await hub.restart();
});

test('marks what was written, never markup', async ({ page }) => {
  await openList(page);
  await field(page).fill('onerror zoromba');
  await expect(results(page)).toHaveCount(1);
  await expect(results(page)).toContainText('<img src=x onerror=alert(1)>');
  await expect(page.locator('.list img')).toHaveCount(0);
});

test('a long list of results comes in parts', async ({ page }) => {
  await openList(page);
  await field(page).fill('tamboula');
  await expect(page.getByRole('status').filter({ hasText: '22 sujets' })).toBeVisible();
  await expect(results(page)).toHaveCount(20);
  await page.getByRole('button', { name: 'Voir la suite' }).click();
  await expect(results(page)).toHaveCount(22);
});

test('follows the library: finds what came, forgets what went, and what a text no longer says', async ({ page }) => {
  await openList(page);
  await field(page).fill('bakarwa');
  await expect(results(page)).toHaveCount(1);
  await field(page).fill('margelle');
  await expect(results(page)).toHaveCount(1);

  add('manga', 'Le manguier', 'Le comité se réunit sous le baobab.');
  add('radio-new', 'La radio neuve', 'On répare l’antenne avec du fil de cuivre rouge de Zagado.');
  rmSync(join(hub.contentDir, 'wells'), { recursive: true });
  expect((await hub.publish()).code).toBe(0);
  // Nothing is typed meanwhile: the results follow by themselves.
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await expect(page.getByText('Rien avec ces mots.')).toBeVisible();
  await field(page).fill('zagado');
  await expect(results(page)).toContainText(['La radio neuve']);
  await field(page).fill('baobab comité');
  await expect(results(page)).toContainText(['Le manguier']);
  await field(page).fill('bakarwa');
  await expect(page.getByText('Rien avec ces mots.')).toBeVisible();
});
