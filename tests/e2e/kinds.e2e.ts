import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type Hub, run, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

/** What only some items have, and what stands in for a text that is not there: from the hub, and from the device. */

let hub: Hub;
test.beforeEach(async () => {
  hub = await startHub();
});
test.afterEach(async () => {
  await hub.remove();
});

const write = (id: string, name: string, lines: readonly string[]): void => {
  mkdirSync(join(hub.contentDir, id), { recursive: true });
  writeFileSync(join(hub.contentDir, id, name), `${lines.join('\n')}\n`);
};

const text = (title: string, more: readonly string[]): readonly string[] => [
  '---',
  `title: "${title}"`,
  'summary: "Lire ceci."',
  'place: "Tillia"',
  'review: { state: human-draft }',
  ...more,
  '---',
  'Un paragraphe de texte.',
];

const notice = (id: string, title: string, until: string): void => {
  const shared = ['kind: bulletin', 'picture: radio', 'order: 5', 'needs: [notices]', 'urgency: 1'];
  write(id, 'item.yml', [...shared, 'issued: "2026-01-01"', `until: "${until}"`]);
  for (const lang of ['fr', 'en']) write(id, `${lang}.md`, text(title, ['area: "Autour de Tillia"']));
};

test('a notice stands on the first page until its last day, and then says that it is withdrawn', async ({ page }) => {
  notice('well', 'Le puits est fermé', '2999-12-31');
  notice('road', 'La route est coupée', '2026-01-31');
  expect((await hub.publish()).code).toBe(0);
  const library = new LibraryPage(page, hub.url);
  const look = async (): Promise<void> => {
    await page.goto(`${hub.url}/fr/`);
    await expect(page.getByRole('link', { name: 'Le puits est fermé' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'La route est coupée' })).toHaveCount(0);
    await page.goto(`${hub.url}/fr/well`);
    await expect(page.getByText('Très urgent')).toBeVisible();
    await expect(page.getByText('Autour de Tillia', { exact: true })).toBeVisible();
    await page.goto(`${hub.url}/fr/road`);
    await expect(page.getByText('Annonce retirée')).toBeVisible();
    await expect(page.getByText('Très urgent')).toHaveCount(0);
  };
  await look();
  await library.openAndKeep('/fr/');
  await hub.kill();
  await look();
});

test('a story says whose it is and by what right it is told; without that it is not published', async ({ page }) => {
  const shared = ['kind: story', 'picture: radio', 'order: 5', 'needs: [notices]'];
  write('tale', 'item.yml', shared);
  for (const lang of ['fr', 'en'])
    write('tale', `${lang}.md`, text('Une histoire', ['community: "Les femmes de Tillia"']));
  const refused = await hub.publish();
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('content/tale/item.yml:1: A story needs either `told` or `consent`.');
  write('tale', 'item.yml', [...shared, 'consent: { record: "Cahier du centre", on: "2026-05-01" }']);
  expect((await hub.publish()).code).toBe(0);
  await page.goto(`${hub.url}/fr/tale`);
  await expect(page.getByText('Les femmes de Tillia')).toBeVisible();
  await expect(page.getByText(/^Avec l’accord de qui raconte, noté le 1 mai 2026/)).toBeVisible();
});

test('a language with no text of its own: the closest stands in, one line says so, with a link and without', async ({
  page,
}) => {
  const path = join(hub.contentDir, 'library.yml');
  const library = readFileSync(path, 'utf8').replace(/^(languages: .*)\]$/m, '$1, dje]');
  writeFileSync(path, library);
  write('akashganga', 'ha.md', text('Madarar Akashganga', ['translates: { lang: fr, text: abcdefgh }']));
  const published = await hub.publish();
  expect(published.code).toBe(0);
  expect(published.output).toMatch(/\d+ × outdated-translation/);
  const device = new LibraryPage(page, hub.url);
  const look = async (): Promise<void> => {
    await page.goto(`${hub.url}/dje/akashganga`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Madarar Akashganga');
    await expect(page.locator('article')).toHaveAttribute('lang', 'ha');
    await expect(page.getByText(/^Pas encore en Zarma/)).toContainText('Hausa');
    await page.goto(`${hub.url}/dje/milk-kit`);
    // The words of the page are French too: Zarma has none of its own.
    await expect(page.locator('article')).not.toHaveAttribute('lang');
    await expect(page.getByText(/^Pas encore en Zarma/)).toContainText('Français');
    await page.goto(`${hub.url}/dje/-/all`);
    await expect(page.locator('.list b[lang=ha]', { hasText: 'Madarar Akashganga' })).toBeVisible();
    await expect(page.locator('.list b:not([lang])').first()).toBeVisible();
  };
  await look();
  await device.openAndKeep('/dje/');
  await hub.kill();
  await look();
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
});

test('old and regional codes of a language lead to it', async ({ request }) => {
  const at = async (path: string): Promise<string> => new URL((await request.get(hub.url + path)).url()).pathname;
  expect(await at('/fr-NE/akashganga')).toBe('/fr/akashganga');
  expect(await at('/en_GB')).toBe('/en/');
  expect((await request.get(`${hub.url}/xx-NE/akashganga`)).status()).toBe(404);
});

test('a project sheet is an IATI activity, which makes a sheet again', async () => {
  const response = await fetch(`${hub.url}/iati/activities.xml`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/xml/);
  const file = join(hub.dataDir, 'activities.xml');
  writeFileSync(file, await response.text());
  const iati = (...args: readonly string[]) => run('dist/server/main-iati.js', process.env, args);
  expect(await iati('check', file)).toMatchObject({ code: 0, output: expect.stringContaining('0 errors') });
  const imported = await iati('import', file, '--into', hub.contentDir);
  expect(imported.code).toBe(0);
  // Two sheets with one identifier are told, with the line; taken out of the first, the second is published.
  const refused = await hub.publish();
  expect(refused.code).toBe(1);
  expect(refused.output).toMatch(/item\.yml:\d+: The activity "XX-RELAIS-project-connectivity" is that of/);
  const path = join(hub.contentDir, 'project-connectivity/item.yml');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^activity:[\s\S]*$/m, ''));
  expect((await hub.publish()).code).toBe(0);
});
