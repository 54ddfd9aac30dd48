import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { faultsOf } from '../support/axe.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { smallTargets } from '../support/targets.ts';
import { LibraryPage } from './pages/library.ts';

/** For every hand, eye and ear: WCAG 2.2 AA on every page in the light and in the dark, keys alone, targets for thumbs. */
/** One of each kind, and those with the longest registers. */
const ITEMS = ['akashganga', 'project-connectivity', 'milk-kit', 'village-phone-kit'];
const LISTS = ['-/all', '-/partners', '-/need-money', '-/wsis-c7'];

let hub: Hub;
test.beforeEach(async () => {
  hub = await startHub();
});
test.afterEach(async () => {
  await hub.remove();
});

test.describe('axe', () => {
  test.slow();

  test('home, every item in both languages, more, and a page that is not there', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    const faults = await faultsOf(page);
    for (const lang of ['fr', 'en']) {
      for (const item of ITEMS) {
        await page.goto(`${hub.url}/${lang}/${item}`);
        await page.locator('summary').click();
        faults.push(...(await faultsOf(page)));
      }
    }
    for (const list of LISTS) {
      await page.goto(`${hub.url}/fr/${list}`);
      await expect(page.locator('.list li').first()).toBeVisible();
      faults.push(...(await faultsOf(page)));
    }
    await page.goto(`${hub.url}/fr/-/all`);
    await page.locator('#filter').fill('lait');
    await expect(page.locator('.list mark').first()).toBeVisible();
    faults.push(...(await faultsOf(page)));
    await page.locator('#filter').fill('puits xylographe');
    await expect(page.locator('.list li')).toHaveCount(0);
    faults.push(...(await faultsOf(page)));
    for (const path of ['more', 'network']) {
      await page.goto(`${hub.url}/fr/-/${path}`);
      await expect(page.locator(path === 'more' ? '#persist' : '#log li').first()).toBeVisible();
      faults.push(...(await faultsOf(page)));
    }
    await page.goto(`${hub.url}/fr/rien-ici`);
    await expect(page.getByText('Cette page n’existe pas')).toBeVisible();
    faults.push(...(await faultsOf(page)));
    expect(faults).toEqual([]);
  });

  for (const lang of ['ar', 'bn']) {
    test(`in ${lang}: home, an item of its own, one that stands in, the lists, more`, async ({ page }) => {
      await new LibraryPage(page, hub.url).openAndKeep(`/${lang}/`);
      const faults: string[] = [];
      for (const path of [
        '',
        'village-pay-phone',
        'milk-kit',
        'glossary',
        '-/all',
        '-/partners',
        '-/answers',
        '-/more',
        '-/network',
      ]) {
        await page.goto(`${hub.url}/${lang}/${path}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
        faults.push(...(await faultsOf(page)));
      }
      expect(faults).toEqual([]);
    });
  }

  test('an answer on its way: refused, kept, arrived, found by its number', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/-/answers');
    await expect(page.getByText('Rien pour l’instant.')).toBeVisible();
    const faults = await faultsOf(page);
    await page.goto(`${hub.url}/fr/akashganga`);
    await library.send();
    await expect(page.getByText('Donnez au moins une réponse.')).toBeVisible();
    await library.fill('Combien coûte la machine ?');
    faults.push(...(await faultsOf(page)));
    await hub.kill();
    await library.send();
    await library.expectKept();
    faults.push(...(await faultsOf(page)));
    const number = await library.number();
    await hub.restart();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await library.expectArrived();
    faults.push(...(await faultsOf(page)));
    await page.getByRole('link', { name: 'Accueil' }).click();
    await page.getByRole('link', { name: 'Ma réponse' }).click();
    await page.getByLabel('Tapez votre numéro').fill(number);
    await page.getByRole('button', { name: 'Voir' }).click();
    await expect(page.locator('#find-result')).toContainText('Arrivé au centre');
    faults.push(...(await faultsOf(page)));
    expect(faults).toEqual([]);
  });

  test('a notice, and an alert', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await page.goto('about:blank');
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin: hub.url, storageTypes: 'indexeddb' });
    await page.goto(`${hub.url}/fr/`);
    await expect(page.getByText('Ce téléphone a effacé la bibliothèque.')).toBeVisible();
    const faults = await faultsOf(page);
    await library.kept();
    const path = join(hub.contentDir, 'niger-radio/fr.md');
    writeFileSync(path, `${readFileSync(path, 'utf8').trimEnd()}\n\nUne phrase de plus.\n`);
    await hub.publish();
    damagePacks(hub);
    await page.reload();
    await expect(page.getByRole('alert').getByText('Fichier abîmé ou changé.')).toBeVisible();
    faults.push(...(await faultsOf(page)));
    expect(faults).toEqual([]);
  });

  test('the plain pages, before any script, and what the hub says to a plain form', async ({ browser }) => {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    // axe is a script: so scripts may run, and the app's own do not come.
    await page.route('**/assets/*.js', (route) => route.abort());
    const faults: string[] = [];
    for (const path of [
      '',
      'akashganga',
      'project-connectivity',
      '-/all',
      '-/answers',
      '-/more',
      '-/network',
      '-/missing',
      'rien-ici',
    ]) {
      await page.goto(`${hub.url}/fr/${path}`);
      faults.push(...(await faultsOf(page)));
    }
    await page.goto(`${hub.url}/fr/akashganga`);
    await page.getByRole('radio', { name: 'Un peu' }).check();
    await page.getByRole('button', { name: 'Envoyer' }).click();
    await expect(page.getByText('Arrivé au centre', { exact: true })).toBeVisible();
    faults.push(...(await faultsOf(page)));
    await page.goto(`${hub.url}/fr/akashganga`);
    await page.getByRole('button', { name: 'Envoyer' }).click();
    await expect(page.getByText('Revenez en arrière et corrigez.')).toBeVisible();
    faults.push(...(await faultsOf(page)));
    expect(faults).toEqual([]);
    await context.close();
  });

  for (const viewport of [
    { width: 320, height: 480 },
    { width: 1280, height: 800 },
  ]) {
    test(`the inbox, ${viewport.width} wide`, async ({ page }) => {
      await page.setViewportSize(viewport);
      for (const words of ['Combien coûte la machine ?', 'Qui parle zarma ?']) {
        const body = new URLSearchParams({ form: 'short', version: '1', item: 'akashganga', lang: 'fr', words });
        await fetch(`${hub.url}/o/plain`, { method: 'POST', body });
      }
      await page.goto(`${hub.url}/inbox`);
      await page.getByLabel('Code du centre').fill('AAAA-BBBB-CCCC');
      await page.getByRole('button', { name: 'Entrer' }).click();
      await expect(page.getByRole('alert')).toContainText('n’est pas le bon');
      const faults = await faultsOf(page);
      await page.getByLabel('Code du centre').fill(hub.code);
      await page.getByRole('button', { name: 'Entrer' }).click();
      await expect(page.getByText('Qui parle zarma ?')).toBeVisible();
      faults.push(...(await faultsOf(page)));
      await page.getByText('Qui parle zarma ?').click();
      await expect(page.getByRole('button', { name: 'Fermer' })).toBeVisible();
      faults.push(...(await faultsOf(page)));
      expect(faults).toEqual([]);
    });
  }
});

/** One bit of every pack, near its end: the text. */
const damagePacks = ({ dataDir }: Hub): void => {
  const tree = join(dataDir, 'tree/current/c');
  for (const file of readdirSync(tree, { recursive: true }).map(String)) {
    if (!file.endsWith('.pack')) continue;
    const bytes = readFileSync(join(tree, file));
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 4, bytes.length - 20);
    // The file may be a hard link to the one of an older tree.
    rmSync(join(tree, file));
    writeFileSync(join(tree, file), bytes);
  }
};

test.describe('keys alone', () => {
  /** Text of what has the focus; fails where nothing shows that it has. */
  const focused = (page: Page): Promise<string> =>
    page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      // After the last stop, the browser's own controls come.
      if (element === document.body) return '';
      // A radio lies unseen over its card: the card shows the focus.
      const card = element.matches('[type=radio]') ? (element.nextElementSibling as HTMLElement) : element;
      const { outlineStyle, outlineWidth } = getComputedStyle(card);
      const { top, bottom } = card.getBoundingClientRect();
      // The browser draws its own controls of a recording, and what of them has the focus.
      const seen = element.matches('audio') || (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2);
      if (!seen) throw new Error(`nothing shows the focus of ${card.outerHTML.slice(0, 80)}`);
      if (bottom < 0 || top > innerHeight) throw new Error(`out of sight: ${card.outerHTML.slice(0, 80)}`);
      return card.innerText.trim() || element.getAttribute('aria-label') || element.id;
    });
  const tabTo = async (page: Page, text: string): Promise<void> => {
    const stops: string[] = [];
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab');
      stops.push(await focused(page));
      if (stops.at(-1)?.includes(text)) return;
    }
    throw new Error(`no Tab led to ${text}: ${stops.join(' | ')}`);
  };
  const inMain = (page: Page): Promise<boolean> =>
    page.evaluate(() => document.getElementById('main')?.contains(document.activeElement) ?? false);

  test('from the first page to the number, without a pointer', async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Aller au texte');
    await page.keyboard.press('Enter');
    expect(await inMain(page)).toBe(true);
    await tabTo(page, 'Élevage');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Élevage');
    await tabTo(page, 'Le lait d’Akashganga');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
    await expect.poll(() => inMain(page)).toBe(true);
    expect(await page.evaluate(() => scrollY)).toBe(0);

    await tabTo(page, 'Oui');
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('radio', { name: 'Un peu' })).toBeChecked();
    expect(await focused(page)).toBe('Un peu');
    await tabTo(page, 'q-words');
    await page.keyboard.type('Sans souris');
    await tabTo(page, 'Je cultive la terre');
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('radio', { name: 'J’élève des animaux' })).toBeChecked();
    await tabTo(page, 'Envoyer');
    await page.keyboard.press('Enter');
    await expect(page.locator('.keep bdi')).toBeVisible();
    expect(await inMain(page)).toBe(true);
    await tabTo(page, 'Fini');
    await page.keyboard.press('Enter');
    await expect(page.locator('.cards')).toBeVisible();
    expect(await inMain(page)).toBe(true);
  });

  test('the button of an item leads into its form, and a table can be scrolled', async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 240, height: 320 });
    await page.goto(`${hub.url}/fr/akashganga`);
    await tabTo(page, 'Répondre');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Oui');
    await page.keyboard.press('Space');
    await expect(page.getByRole('radio', { name: 'Oui', exact: true })).toBeChecked();
    await page.locator('section.scroll').first().focus();
    expect(await focused(page)).not.toBe('');
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() =>
        page
          .locator('section.scroll')
          .first()
          .evaluate((box) => box.scrollLeft),
      )
      .toBeGreaterThan(0);
  });

  test('a jump inside the plain page leaves the page as it is', async ({ page }) => {
    // The engine never comes: all there is is what the publisher wrote.
    await page.route('**/assets/{engine,worker}-*.js', (route) => route.abort());
    await page.route('**/sw.js', (route) => route.abort());
    await page.goto(`${hub.url}/fr/akashganga`);
    await expect(page.locator('#link .mark')).toBeVisible();
    await page.getByRole('link', { name: 'Répondre' }).click();
    await expect(page).toHaveURL(/#answer$/);
    await page.getByRole('radio', { name: 'Un peu' }).check();
    await page.locator('sup a').first().click();
    await page.goBack();
    await page.waitForTimeout(300);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
    await expect(page.getByRole('radio', { name: 'Un peu' })).toBeChecked();
  });

  test('the page says which language it speaks, from the hub and from the device', async ({ page }) => {
    await new LibraryPage(page, hub.url).openAndKeep('/en/');
    for (const [path, lang] of [
      ['/en/akashganga', 'en'],
      ['/fr/akashganga', 'fr'],
      ['/en/-/more', 'en'],
    ]) {
      await page.goto(`${hub.url}${path}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('lang', lang ?? '');
    }
  });

  test('back and forward keep the place of whoever listens', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await library.choose('Les radios du Niger');
    await expect(page).toHaveTitle(/Les radios du Niger/);
    await page.goBack();
    await expect(page).toHaveTitle(/^Tous les sujets/);
    await page.goBack();
    await expect(page.locator('.cards')).toBeVisible();
    await expect(page).toHaveTitle('Centre d’accès');
    await page.goForward();
    await page.goForward();
    await expect(page).toHaveTitle(/Les radios du Niger/);
  });
});

test('a thumb hits everything: 48 pixels each way', async ({ page }) => {
  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/fr/');
  expect(await smallTargets(page)).toEqual([]);
  // The line that says that these words are a draft leads to a choice.
  await page.goto(`${hub.url}/ha/`);
  await expect(page.locator('.home a.sub')).toBeVisible();
  expect(await smallTargets(page)).toEqual([]);
  for (const item of ITEMS) {
    await page.goto(`${hub.url}/fr/${item}`);
    await page.locator('summary').click();
    expect(await smallTargets(page)).toEqual([]);
  }
  for (const list of LISTS) {
    await page.goto(`${hub.url}/fr/${list}`);
    await expect(page.locator('.list li').first()).toBeVisible();
    expect(await smallTargets(page)).toEqual([]);
  }
  for (const path of ['more', 'network']) {
    await page.goto(`${hub.url}/fr/-/${path}`);
    await expect(page.locator(path === 'more' ? '#persist' : '#log li').first()).toBeVisible();
    expect(await smallTargets(page)).toEqual([]);
  }
  await page.goto(`${hub.url}/fr/akashganga`);
  await library.fill('Combien ?');
  await library.send();
  await expect(page.locator('.keep bdi')).toBeVisible();
  expect(await smallTargets(page)).toEqual([]);
  await page.getByRole('link', { name: 'Accueil' }).click();
  await page.getByRole('link', { name: 'Ma réponse' }).click();
  await expect(page.locator('.rows')).toBeVisible();
  expect(await smallTargets(page)).toEqual([]);
});
