import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { addSheets } from '../support/collection.ts';
import { linkFolder, publishedData, run, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { type StaticServer, serveFolder } from '../support/static-server.ts';
import { LibraryPage } from './pages/library.ts';
import { MediaPart } from './pages/media.ts';

/** The folder for any web server: read, kept, brought up to date and answered on a host that knows nothing of Relais. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BEFORE = 'L’argent arrivait avec un retard de 5 à 10 jours';
const AFTER = 'Les familles attendaient leur argent pendant plus d’une semaine';

test.describe('a host of files', () => {
  test.slow();
  const box = mkdtempSync(join(tmpdir(), 'relais-static-'));
  const [dataDir, contentDir, out] = ['data', 'content', 'out'].map((name) => join(box, name)) as [
    string,
    string,
    string,
  ];
  let host: StaticServer;

  const build = async (): Promise<string> => {
    const env = { ...process.env, DATA_DIR: dataDir, CONTENT_DIR: contentDir };
    const { code, output } = await run('scripts/build.mjs', env, ['--static', '--out', out]);
    expect(code, output).toBe(0);
    return output;
  };
  const filesBelow = (folder: string): readonly string[] =>
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => statSync(join(folder, name)).isFile());

  test.beforeAll(async () => {
    cpSync(join(ROOT, 'content'), contentDir, { recursive: true });
    addSheets(contentDir, 3);
    // Published by a hub before: the folder goes on from its keys and its numbers.
    linkFolder(await publishedData(), dataDir);
    await build();
    host = await serveFolder(out);
  });
  test.afterAll(async () => {
    await host.stop();
    rmSync(box, { recursive: true, force: true });
  });

  /** Whatever the browser finds wrong: a policy that refuses, a script that fails, a file that is not there. */
  const troubles: string[] = [];
  test.beforeEach(({ page }) => {
    troubles.length = 0;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
    });
    page.on('pageerror', (error) => troubles.push(error.message));
  });

  const path = (page: Page): string => new URL(page.url()).pathname;

  test('a collection is kept from there as from a hub', async ({ page, context }) => {
    await new LibraryPage(page, host.url).openAndKeep('/fr/');
    await page.goto(`${host.url}/fr/-/all/`);
    await page.locator('#collections').getByRole('button', { name: 'Fiches de projets · Ajouter · 3 sujets' }).click();
    await expect(page.getByRole('link', { name: 'Forage xylographe 2' })).toBeVisible();
    await context.setOffline(true);
    await page.goto(`${host.url}/fr/-/collection-sheets/`);
    await page.getByRole('link', { name: 'Forage xylographe 3' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Forage xylographe 3');
  });

  test('every link of every page leads to a file, and none by another address', () => {
    const pages = filesBelow(out).filter((name) => name.endsWith('.html'));
    expect(pages.length).toBeGreaterThan(400);
    const wrong = new Set<string>();
    for (const name of pages) {
      const html = readFileSync(join(out, name), 'utf8');
      for (const [, link = ''] of html.matchAll(/ (?:href|src)="(\/[^"#?]*)/g)) {
        const file = join(out, link.endsWith('/') ? `${link}index.html` : link);
        if (!existsSync(file) || !statSync(file).isFile()) wrong.add(`${name}: ${link}`);
      }
      // Nothing is posted into nothing.
      for (const [form] of html.matchAll(/<form[^>]*>/g)) if (/action/.test(form)) wrong.add(`${name}: ${form}`);
      const policy = html.indexOf('http-equiv="Content-Security-Policy"');
      if (policy < 0 || policy > html.search(/<(style|script|link)/)) wrong.add(`${name}: no policy`);
    }
    expect([...wrong]).toEqual([]);
  });

  test('nothing but what readers fetch is in it, and its first page is French with the languages', async ({ page }) => {
    const top = readdirSync(out).sort();
    expect(top.filter((name) => !/^[a-z]{2,3}$/.test(name))).toEqual(
      [
        ...['.nojekyll', '.relais.json', '404.html', 'assets', 'b', 'c', 'fonts', 'iati', 'icon.svg', 'index.html'],
        ...['manifest.webmanifest', 'shell', 'sw.js'],
        ...['404.html', 'icon.svg', 'index.html', 'manifest.webmanifest', 'sw.js'].flatMap((name) => [
          `${name}.br`,
          `${name}.gz`,
        ]),
      ].sort(),
    );
    expect(filesBelow(out).filter((name) => /inbox|site\.json|pages\.json|keys|\.key/.test(name))).toEqual([]);
    await page.goto(`${host.url}/`);
    await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
    await expect(page.getByRole('link', { name: 'Élevage' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'English' })).toBeVisible();
  });

  test('first visit, a topic, its picture; then all of it without a link', async ({ page }) => {
    const library = new LibraryPage(page, host.url);
    const media = new MediaPart(page);
    await library.openAndKeep('/');
    await page.getByRole('link', { name: 'Élevage' }).click();
    await page.getByRole('link', { name: 'Le lait d’Akashganga' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
    await media.keep.click();
    await media.expectKept();
    await host.stop();
    for (const address of ['/', '/fr/akashganga', '/fr/akashganga/', '/fr/-/all/', '/fr/niger-radio']) {
      await page.goto(host.url + address);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Cette page n’existe pas');
    }
    await page.goto(`${host.url}/fr/akashganga/`);
    await media.see();
    await media.expectPicture();
    await media.listen.click();
    await media.expectPlaying();
    await host.start();
    expect(troubles.filter((text) => !/ERR_CONNECTION_REFUSED|Failed to fetch/.test(text))).toEqual([]);
  });

  test('a change is published as a delta, and the files of what did not change keep their time', async ({ page }) => {
    const library = new LibraryPage(page, host.url);
    await library.openAndKeep('/fr/akashganga/');
    const time = (name: string): number => statSync(join(out, name)).mtimeMs;
    const before = time('fr/niger-radio/index.html');
    const file = join(contentDir, 'akashganga/fr.md');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(BEFORE);
    writeFileSync(file, text.replace(BEFORE, AFTER));
    const seen = host.log().length;
    await build();
    expect(time('fr/niger-radio/index.html')).toBe(before);
    expect(time('fr/akashganga/index.html')).toBeGreaterThan(before);
    await page.reload();
    await expect(page.getByText(AFTER)).toBeVisible({ timeout: 20_000 });
    const fetched = host
      .log()
      .slice(seen)
      .filter((line) => line.includes(' /c/'));
    expect(fetched[0]).toMatch(/^GET \/c\/from\/\d+\/fr\.pack 200$/);
    expect(fetched.filter((line) => line.includes('/c/full/fr'))).toEqual([]);
    expect(troubles).toEqual([]);
  });

  test('an answer is kept, waits for a centre, and nothing is posted', async ({ page }) => {
    const library = new LibraryPage(page, host.url);
    await library.openAndKeep('/fr/akashganga/');
    await library.fill('Combien coûte la balance ?');
    await library.send();
    await expect(page.getByText('Gardé ici')).toBeVisible();
    await expect(page.getByText('Elle partira quand ce téléphone trouvera le centre.')).toBeVisible();
    const number = await library.number();
    expect(number).toMatch(/^\d{8}$/);
    // A sync that brings the library ends well: what waits does not make it fail.
    const seen = host.log().length;
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await expect.poll(() => host.log().slice(seen).join()).toContain('/c/from/');
    await page.goto(`${host.url}/fr/-/more/`);
    await expect(page.getByText('(no-link)')).toHaveCount(0);
    await page.goto(`${host.url}/fr/-/answers/`);
    await page.getByLabel('Tapez votre numéro').fill(number);
    await page.getByRole('button', { name: 'Voir' }).click();
    await expect(page.locator('#find-result')).toContainText('Gardé ici');
    expect(host.log().filter((line) => line.startsWith('POST'))).toEqual([]);
    expect(troubles).toEqual([]);
  });

  test('an answer goes to its centre on a stick, and the receipt comes back on one', async ({ page }) => {
    await page.addInitScript(() => Object.assign(window, { showSaveFilePicker: undefined }));
    const library = new LibraryPage(page, host.url);
    await library.openAndKeep('/fr/akashganga/');
    await library.fill('Par la clé');
    await library.send();
    await library.expectKept();
    await page.goto(`${host.url}/fr/-/carry/`);
    const download = page.waitForEvent('download');
    await page.locator('#carry-save').click({ timeout: 20_000 });
    const stick = join(box, 'out.zip');
    await (await download).saveAs(stick);
    await host.stop();
    // The box that published the folder is the centre; no hub of it runs.
    const env = { ...process.env, DATA_DIR: dataDir, CONTENT_DIR: contentDir };
    const carried = async (...args: readonly string[]): Promise<void> => {
      const { code, output } = await run('dist/server/main-carry.js', env, args);
      expect(code, output).toBe(0);
    };
    await carried('in', stick);
    expect(answersAt({ dataDir }).map(({ answers }) => answers?.words)).toContain('Par la clé');
    const back = join(box, 'back.zip');
    await carried('out', back, '--no-media');
    await page.reload();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Ouvrir un fichier' }).click();
    await (await chooser).setFiles(back);
    await expect(page.locator('#carry-result li', { hasText: 'Réponses arrivées au centre : 1' })).toBeVisible();
    await host.start();
    expect(troubles.filter((text) => !/ERR_CONNECTION_REFUSED|Failed to fetch/.test(text))).toEqual([]);
  });

  test('a hub takes the place of the host: its app is offered, and what waited arrives', async ({ page }) => {
    const library = new LibraryPage(page, host.url);
    await library.openAndKeep('/fr/akashganga/');
    await library.fill('Attend le centre');
    await library.send();
    await library.expectKept();
    await page.getByRole('main').getByRole('link', { name: 'Fini' }).click();
    await host.stop();
    const hub = await startHub({ port: host.port, dataDir });
    try {
      await page.reload();
      await page.getByRole('button', { name: 'Ouvrir' }).click({ timeout: 20_000 });
      await expect
        .poll(() => answersAt(hub).map(({ answers }) => answers?.words), { timeout: 20_000 })
        .toContain('Attend le centre');
    } finally {
      await hub.remove();
      await host.start();
    }
  });

  test('an address that is none has our page, and the plain page is there past the app', async ({ page }) => {
    const library = new LibraryPage(page, host.url);
    await library.openAndKeep('/fr/');
    await page.goto(`${host.url}/fr/nulle-part/`);
    // A phone without the collection cannot know what is in it.
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Pas encore sur ce téléphone');
    await page.locator('#collections').getByRole('button').click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cette page n’existe pas');
    await page.goto(`${host.url}/404.html`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cette page n’existe pas');
    // The plain page, past the app.
    await page.goto(`${host.url}/fr/akashganga?online`);
    expect(path(page)).toBe('/fr/akashganga/');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
    expect(troubles).toEqual([]);
  });

  test.describe('without scripts', () => {
    test.use({ javaScriptEnabled: false });
    test('the form says what to do, and sends nothing', async ({ page }) => {
      await page.goto(`${host.url}/fr/akashganga/`);
      await expect(page.getByText('Si le bouton reste fermé, dites votre réponse au centre.')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Envoyer' })).toBeDisabled();
      const seen = host.log().length;
      await page.getByRole('radio', { name: 'Oui', exact: true }).check();
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: 'Accueil' }).click();
      await expect(page.getByRole('link', { name: 'Élevage' })).toBeVisible();
      expect(path(page)).toBe('/fr/');
      // Chromium asks for the icon when it likes.
      expect(
        host
          .log()
          .slice(seen)
          .filter((line) => !line.includes('/icon.svg')),
      ).toEqual(['GET /fr/ 200']);
    });
  });
});
