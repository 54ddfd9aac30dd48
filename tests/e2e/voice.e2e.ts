import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { faultsOf } from '../support/axe.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { smallTargets } from '../support/targets.ts';
import { LibraryPage } from './pages/library.ts';
import { fakeVoices, Listening } from './pages/voice.ts';

/** Items read aloud by the device's voice, on the publisher's page and on the device's own. The voice is a fake: see `pages/voice.ts`. */

let hub: Hub;
test.beforeEach(async () => {
  hub = await startHub();
});
test.afterEach(async () => {
  await hub.remove();
});

test('an item is read from title to end, sentence by sentence, with and without the device’s own page', async ({
  page,
}) => {
  await fakeVoices(page, ['en_US', 'fr_FR']);
  const voice = new Listening(page);
  const hear = async (): Promise<readonly string[]> => {
    await expect(voice.listen).toHaveText(/^Écouter · \d+ min$/);
    expect((await voice.state()).said).toEqual([]);
    await voice.listen.click();
    await expect.poll(() => voice.last()).toBe('Le téléphone du village');
    expect(await voice.marked()).toBe('Le téléphone du village');
    return voice.hearAll();
  };
  await new LibraryPage(page, hub.url).openAndKeep('/fr/village-pay-phone');
  const plain = await hear();
  await voice.expectSilent();
  expect((await voice.state()).said.every(({ lang }) => lang === 'fr_FR')).toBe(true);
  // Neither references nor sources nor controls; every sentence short enough for phones that cut long ones.
  const sources = await page.locator('.sources li').first().innerText();
  expect(plain.join('\n')).not.toContain(sources.slice(0, 30));
  expect(plain.join('\n')).not.toMatch(/Répondre|D’où vient ce texte|\d\]/);
  expect(plain.filter((sentence) => sentence.length > 220)).toEqual([]);
  expect(plain.length).toBeGreaterThan(40);

  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/fr/');
  await library.choose('Le téléphone du village');
  expect(await hear()).toEqual(plain);
  await voice.expectSilent();
});

test('a table is read row by row with its headings, a register by its title alone', async ({ page }) => {
  await fakeVoices(page, ['fr-FR']);
  const voice = new Listening(page);
  await new LibraryPage(page, hub.url).openAndKeep('/fr/milk-kit');
  await voice.listen.click();
  await expect.poll(() => voice.last()).not.toBe('');
  const said = await voice.hearAll();
  const table = await page.locator('article table').evaluateAll((tables) =>
    tables
      .filter((one) => !one.closest('.register, .sheet'))
      .map((one) => {
        const cells = (row: Element | null) =>
          [...(row?.children ?? [])].map((cell) => cell.firstChild?.textContent ?? '');
        return { head: cells(one.querySelector('thead tr')), row: cells(one.querySelector('tbody tr')) };
      }),
  );
  expect(table.length).toBeGreaterThan(0);
  for (const { head, row } of table)
    expect(said.join('\n').replaceAll(/\s/g, ' ')).toContain(
      `${head[1]} : ${row[1]?.split('.')[0]}`.replaceAll(/\s/g, ' '),
    );
  const registers = await page
    .locator('figure.register')
    .evaluateAll((all) => all.map((one) => one.querySelector('figcaption b')?.textContent ?? ''));
  expect(registers.length).toBeGreaterThan(0);
  for (const title of registers) expect(said).toContain(title);
  expect(said.join('\n')).not.toContain('lignes vides sur papier');
});

test('pause, go on, three paces and stop, by keys alone', async ({ page }) => {
  await fakeVoices(page, ['fr-FR']);
  const voice = new Listening(page);
  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  await voice.listen.focus();
  await page.keyboard.press('Enter');
  await voice.end();
  const second = await voice.last();
  await page.keyboard.press('Tab');
  await expect(voice.player.getByRole('button', { name: 'Pause' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await voice.state()).speaking).toBe(false);
  // Paused, the place stays marked.
  expect(await voice.marked()).not.toBe('');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await voice.state()).speaking).toBe(true);
  expect(await voice.last()).toBe(second);
  await page.keyboard.press('Tab');
  for (const [name, rate] of [
    ['Vitesse : Vite', 1.35],
    ['Vitesse : Lent', 0.75],
    ['Vitesse : Normal', 1],
  ] as const) {
    await page.keyboard.press('Enter');
    await expect(voice.player.getByRole('button', { name })).toBeFocused();
    await expect.poll(async () => (await voice.state()).said.at(-1)).toMatchObject({ text: second, rate });
  }
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await voice.expectSilent();
  await expect(voice.listen).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(voice.player).toBeVisible();
  await page.keyboard.press('Escape');
  await voice.expectSilent();
});

test('a heading’s button reads its section and no other, and takes no room', async ({ page }) => {
  await fakeVoices(page, ['fr-FR'], 1_500);
  const voice = new Listening(page);
  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  const headings = page.locator('article > h2');
  const gaps = () =>
    headings.evaluateAll((all) =>
      all.map(
        (one) => (one.previousElementSibling?.getBoundingClientRect().bottom ?? 0) - one.getBoundingClientRect().top,
      ),
    );
  const before = await gaps();
  await expect(voice.listen).toBeVisible();
  expect(await gaps()).toEqual(before);
  const title = await headings.nth(1).innerText();
  const button = page.getByRole('button', { name: `Écouter : ${title}` });
  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => voice.last()).toBe(title);
  const said = await voice.hearAll();
  await voice.expectSilent();
  expect(said).not.toContain(await headings.nth(2).innerText());
  expect(said.length).toBeGreaterThan(1);
  await button.click();
  await expect(voice.player).toBeVisible();
  await button.click();
  await voice.expectSilent();
});

test('while it reads, the end of the page and each of its buttons can be brought out from behind the player', async ({
  page,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await fakeVoices(page, ['fr-FR']);
  const voice = new Listening(page);
  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  await voice.listen.click();
  const top = (await page.locator('.player').boundingBox())?.y ?? 0;
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const end = await page.locator('main').evaluate((main) => main.getBoundingClientRect().bottom);
  expect(end).toBeLessThanOrEqual(top);
  const send = page.getByRole('button', { name: 'Envoyer' });
  await page.evaluate(() => scrollTo(0, 0));
  await send.focus();
  await expect
    .poll(async () => {
      const box = await send.boundingBox();
      return (box?.y ?? 0) + (box?.height ?? 0);
    })
    .toBeLessThanOrEqual(top);
});

test('what is said stays in view above the bar, and whoever scrolls is left alone', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await fakeVoices(page, ['fr-FR']);
  const voice = new Listening(page);
  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  await voice.listen.click();
  const seen = () =>
    page.evaluate(() => {
      const [range] = [...(CSS.highlights.get('spoken') ?? [])] as Range[];
      const { top, bottom } = range?.getBoundingClientRect() ?? { top: -1, bottom: -1 };
      return top >= 0 && bottom <= (document.querySelector('.player')?.getBoundingClientRect().top ?? 0);
    });
  let turns = 0;
  let last = await page.evaluate(() => scrollY);
  for (let step = 0; step < 30; step++) {
    await voice.end();
    expect(await seen()).toBe(true);
    const now = await page.evaluate(() => scrollY);
    if (now !== last) turns++;
    last = now;
  }
  // A page turned now and then, not a line at each sentence.
  expect(turns).toBeGreaterThan(2);
  expect(turns).toBeLessThan(20);
  await page.mouse.move(160, 200);
  await page.mouse.wheel(0, -1_000);
  await expect.poll(seen).toBe(false);
  const own = await page.evaluate(() => scrollY);
  await voice.end();
  expect(await page.evaluate(() => scrollY)).toBe(own);
});

test('it falls silent at Fini, at another page, and once the page was hidden for long', async ({ page }) => {
  await page.clock.install();
  await fakeVoices(page, ['fr-FR'], 0);
  const voice = new Listening(page);
  const library = new LibraryPage(page, hub.url);
  const start = async (): Promise<void> => {
    await page.clock.runFor(500);
    await voice.listen.click();
    await expect(voice.player).toBeVisible();
  };
  // On the publisher's page, whose device has nothing yet.
  await page.route('**/sw.js', (route) => route.abort());
  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  await start();
  await page.getByRole('link', { name: 'Fini' }).click();
  await voice.expectSilent();
  await page.unroute('**/sw.js');

  await page.clock.resume();
  await library.openAndKeep('/fr/');
  await library.choose('Le lait d’Akashganga');
  await voice.listen.click();
  await page.getByRole('link', { name: 'Accueil' }).click();
  await expect(page.locator('.cards')).toBeVisible();
  await voice.expectSilent();
  await page.goBack();
  await voice.listen.click();
  await page.getByRole('link', { name: 'Fini' }).click();
  await expect(page.locator('.cards')).toBeVisible();
  await voice.expectSilent();

  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  await voice.listen.click();
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.clock.fastForward(59_000);
  expect((await voice.state()).speaking).toBe(true);
  await page.clock.fastForward(2_000);
  await voice.expectSilent();
});

test('without a voice for the language of the text there is no button', async ({ page }) => {
  await fakeVoices(page, ['en-US', '~fr-FR']);
  await new LibraryPage(page, hub.url).openAndKeep('/en/akashganga');
  await expect(page.locator('#listen')).toHaveText(/^Listen · \d+ min$/);
  // A voice that needs the network, without one.
  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  await expect(page.locator('#listen')).toBeVisible();
  await page.context().setOffline(true);
  await expect(page.locator('#listen')).toHaveCount(0);
  await expect(page.locator('.sound')).toHaveCount(0);
  await page.context().setOffline(false);
  await expect(page.locator('#listen')).toBeVisible();
});

test('a device without any voice shows none of it', async ({ page }) => {
  await fakeVoices(page, []);
  const loaded = page.waitForResponse(/\/assets\/parts-/);
  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  await loaded;
  await page.waitForTimeout(500);
  await expect(page.locator('#listen, .sound, .player')).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Répondre' })).toBeVisible();
});

test('a text that stands in for another language is read in its own', async ({ page }) => {
  const path = join(hub.contentDir, 'library.yml');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^(languages: .*)\]$/m, '$1, dje]'));
  expect((await hub.publish()).code).toBe(0);
  await fakeVoices(page, ['fr-FR', 'ha-NG']);
  const voice = new Listening(page);
  await new LibraryPage(page, hub.url).openAndKeep('/dje/akashganga');
  await voice.listen.click();
  await expect.poll(async () => (await voice.state()).said.at(-1)?.lang).toBe('fr-FR');
});

test('a device that cannot speak after all says so once', async ({ page }) => {
  await fakeVoices(page, ['fr-FR']);
  const voice = new Listening(page);
  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  await voice.listen.click();
  await voice.end('synthesis-failed');
  await expect(page.getByText('Ce téléphone n’a pas pu lire ce texte.')).toBeVisible();
  await expect(page.locator('#listen, .sound button, .player')).toHaveCount(0);
});

test('axe and thumbs find nothing wrong, at rest and while it reads', async ({ page }) => {
  await fakeVoices(page, ['fr-FR']);
  const voice = new Listening(page);
  await new LibraryPage(page, hub.url).openAndKeep('/fr/akashganga');
  await expect(voice.listen).toBeVisible();
  const faults = await faultsOf(page);
  expect(await smallTargets(page)).toEqual([]);
  await voice.listen.click();
  await expect(voice.player).toBeVisible();
  faults.push(...(await faultsOf(page)));
  expect(await smallTargets(page)).toEqual([]);
  expect(faults).toEqual([]);
});
