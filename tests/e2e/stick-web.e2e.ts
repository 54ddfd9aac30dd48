import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { faultsOf } from '../support/axe.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { LibraryPage } from './pages/library.ts';

/** What goes by hand between a centre and a hub that no link reaches, by the pages of both. */

let centre: Hub;
let relay: Hub;
let folder: string;
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relais-stick-'));
  centre = await startHub();
  relay = await startHub({ upstream: 'http://localhost:9' });
});
test.afterEach(async () => {
  await relay.remove();
  await centre.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The operator's page of what goes by hand. */
const openDesk = async (browser: Browser, withPicker = false): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 320, height: 480 }, locale: 'fr-FR' });
  // A dialogue that no test can answer: a file of the browser's own is chosen in its place.
  await context.addInitScript(
    (picks) =>
      Object.assign(window, {
        showSaveFilePicker: picks
          ? async ({ suggestedName }: { readonly suggestedName: string }) =>
              (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
          : undefined,
      }),
    withPicker,
  );
  const page = await context.newPage();
  await page.goto(`${centre.url}/inbox`);
  await page.getByLabel('Code du centre').fill(centre.code);
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByRole('button', { name: 'De la main à la main' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('De la main à la main');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  return page;
};
const saved = async (page: Page, name: string): Promise<string> => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /^Copier sur une clé/ }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^relais-\d{4}-\d\d-\d\d\.zip$/);
  await download.saveAs(join(folder, name));
  return join(folder, name);
};
const take = async (page: Page, file: string): Promise<void> => {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Ouvrir un fichier' }).click();
  await (await chooser).setFiles(file);
};
/** The page of the hub in between, as a phone without scripts has it. */
const openRelay = async (browser: Browser): Promise<Page> => {
  const context = await browser.newContext({
    viewport: { width: 320, height: 480 },
    locale: 'fr-FR',
    javaScriptEnabled: false,
  });
  const page = await context.newPage();
  await page.goto(`${relay.url}/hub`);
  await page.getByRole('link', { name: 'De la main à la main' }).click();
  return page;
};
const takeAtRelay = async (page: Page, file: string, code = relay.code): Promise<void> => {
  await page.goto(`${relay.url}/hub/stick`);
  await page.getByLabel('Code de cette machine').first().fill(code);
  await page.getByLabel('Le fichier').setInputFiles(file);
  // The answer comes once all pages are written and compressed: a busy machine takes longer than for any other tap.
  await page.getByRole('button', { name: 'Ouvrir un fichier' }).click({ timeout: 60_000 });
};
const results = (page: Page) => page.locator('#carry-result li');

test('a library goes to a village, an answer comes back, and its receipt goes there: by pages alone', async ({
  browser,
}) => {
  // A small box compresses a whole library in it.
  test.setTimeout(150_000);
  const desk = await openDesk(browser);
  await expect(desk.getByRole('checkbox', { name: /français/i })).toBeChecked();
  const library = await saved(desk, 'library.zip');
  await expect(desk.getByRole('status')).toContainText('Le fichier va dans les téléchargements.');

  const village = await openRelay(browser);
  await expect(village.getByText('Rien à copier encore.')).toBeVisible();
  await takeAtRelay(village, library, 'AAAA-BBBB-CCCC');
  await expect(village.getByRole('status')).toHaveText('Ce code n’est pas le bon. Relisez-le et réessayez.');
  await takeAtRelay(village, library);
  await expect(results(village)).toHaveText([/^Nouveautés : \d{2,}$/, /^Images et sons arrivés : \d+$/]);
  // The tool that looks for faults is itself a script.
  const scripted = await browser.newPage({ viewport: { width: 320, height: 480 }, locale: 'fr-FR' });
  await scripted.goto(`${relay.url}/hub/stick`);
  expect(await faultsOf(scripted)).toEqual([]);
  await scripted.close();

  await village.goto(`${relay.url}/fr/akashganga`);
  const reader = new LibraryPage(village, relay.url);
  await reader.fill('Du village, par la clé');
  await reader.send();
  await expect(village.getByText('au relais d’ici')).toBeVisible();

  await village.goto(`${relay.url}/hub/stick`);
  await expect(village.getByText('Réponses qui partent avec, fermées : 1')).toBeVisible();
  await village.getByLabel('Code de cette machine').last().fill(relay.code);
  const [download] = await Promise.all([
    village.waitForEvent('download'),
    village.getByRole('button', { name: 'Copier sur une clé' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^relais-\d{4}-\d\d-\d\d\.zip$/);
  const answers = join(folder, 'answers.zip');
  await download.saveAs(answers);

  await take(desk, answers);
  await expect(results(desk)).toHaveText(['Une nouvelle réponse']);
  expect(answersAt(centre).map((one) => one.answers.words)).toEqual(['Du village, par la clé']);
  await take(desk, answers);
  await expect(results(desk)).toHaveText(['Rien de nouveau.', 'Déjà ici : 1']);
  expect(await faultsOf(desk)).toEqual([]);
  await desk.getByRole('button', { name: 'Fermer' }).click();
  await expect(desk.getByRole('button', { name: 'De la main à la main' })).toBeFocused();
  await expect(desk.getByText('Du village, par la clé')).toBeVisible({ timeout: 15_000 });

  // Only what is on its way, this time.
  await desk.getByRole('button', { name: 'De la main à la main' }).click();
  await expect(desk.getByRole('checkbox').first()).toBeChecked();
  for (const box of await desk.getByRole('checkbox').all()) {
    await box.focus();
    await desk.keyboard.press('Space');
  }
  const receipts = await saved(desk, 'receipts.zip');
  expect(statSync(receipts).size).toBeLessThan(4_000);
  await takeAtRelay(village, receipts);
  await expect(results(village)).toHaveText(['Réponses arrivées au centre : 1']);
  await takeAtRelay(village, answers);
  await expect(results(village)).toHaveText(['Rien de nouveau.', 'Déjà ici : 1']);
});

test('what is no file of ours, and a centre that is away, are said in words', async ({ browser }) => {
  const desk = await openDesk(browser);
  const page = join(folder, 'page.zip');
  writeFileSync(page, '<!doctype html><p>Connexion</p>'.repeat(100));
  await take(desk, page);
  const words = '\u2068page.zip\u2069 · Fichier abîmé, ou pas de Relais. Choisissez-en un autre.';
  await expect(desk.locator('.carry-problem')).toHaveText(words);
  const village = await openRelay(browser);
  await takeAtRelay(village, page);
  await expect(village.locator('.carry-problem')).toHaveText(words);

  await centre.kill();
  await take(desk, page);
  await expect(desk.locator('.carry-problem')).toHaveText(
    '\u2068page.zip\u2069 · Le fichier s’est arrêté en route. Ouvrez-le encore.',
  );
  await desk.getByRole('button', { name: /^Copier sur une clé/ }).click();
  await expect(desk.locator('.carry-problem')).toHaveText('Le centre ne répond pas. Réessayez.');
});

test('a browser that asks where to write puts the file there; one that was signed out says so', async ({ browser }) => {
  const desk = await openDesk(browser, true);
  await desk.getByRole('button', { name: /^Copier sur une clé/ }).click();
  await expect(desk.getByRole('status')).toHaveText(/Copié : .?relais-\d{4}-\d\d-\d\d\.zip/);
  const written = await desk.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    for await (const [name] of (root as unknown as { entries(): AsyncIterable<[string]> }).entries()) {
      const file = await (await root.getFileHandle(name)).getFile();
      return [await file.slice(0, 2).text(), file.size] as const;
    }
    return undefined;
  });
  expect(written?.[0]).toBe('PK');
  expect(written?.[1]).toBeGreaterThan(100_000);
  await desk.context().clearCookies();
  await desk.getByRole('button', { name: /^Copier sur une clé/ }).click();
  await expect(desk.getByText('Temps écoulé. Entrez à nouveau.').first()).toBeVisible();
});
