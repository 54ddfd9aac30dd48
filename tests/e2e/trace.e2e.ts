import { execFileSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { Device } from '../support/device.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { startProxy } from '../support/proxy.ts';
import { LibraryPage } from './pages/library.ts';

/** `Fini`: the next person finds nothing. */
const SECRET = 'Ma voisine Zeinabou doute';

test.describe('leaving without a trace', () => {
  let hub: Hub;
  test.beforeEach(async () => {
    hub = await startHub();
  });
  test.afterEach(async () => {
    await hub.remove();
  });

  /** All text that a person or a script of this origin could still read on the page. */
  const readable = (page: LibraryPage['page']): Promise<string> =>
    page.evaluate(() => {
      const fields = [...document.querySelectorAll<HTMLTextAreaElement | HTMLInputElement>('textarea, input')];
      const typed = fields.map((field) => (field.type === 'radio' ? (field as HTMLInputElement).checked : field.value));
      return `${document.body.innerText} ${typed.join(' ')} ${JSON.stringify({ ...localStorage })} ${JSON.stringify({ ...sessionStorage })} ${JSON.stringify(history.state)} ${name}`;
    });

  /** On the plain page, whose library hangs on its way. */
  const typedBeforeTheLibrary = async (page: LibraryPage['page']) => {
    const link = await startProxy({ target: hub.port });
    link.interceptOnce(({ path }) => (path.endsWith('.pack') ? 'hang' : undefined));
    const library = new LibraryPage(page, link.url);
    await page.goto(`${link.url}/fr/akashganga`);
    await expect(page.locator('#link .mark')).toBeVisible();
    await library.fill(SECRET);
    return { link, library };
  };

  test('a draft: back, forward, reload and the form itself show nothing', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await library.choose('Le lait d’Akashganga');
    await library.fill(SECRET);
    await page.getByRole('link', { name: 'Ma réponse' }).click();
    await page.goBack();
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue(SECRET);
    await page.getByRole('link', { name: 'Fini' }).click();
    await expect(page.locator('.cards')).toBeVisible();
    for (const step of ['back', 'forward', 'forward', 'back', 'reload'] as const) {
      if (step === 'back') await page.goBack();
      if (step === 'forward') await page.goForward();
      if (step === 'reload') await page.reload();
      await expect(page.locator('main').locator('h1').first()).toBeAttached();
      expect(await readable(page)).not.toContain(SECRET);
      expect(await readable(page)).not.toContain('true');
    }
    await page.goto(`${hub.url}/fr/akashganga`);
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('');
    await expect(page.locator('input:checked')).toHaveCount(0);
  });

  test('a tap on Fini by mistake is taken back within five seconds, and never after', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/');
    await library.choose('Le lait d’Akashganga');
    // Nothing typed: nothing to say.
    await page.getByRole('link', { name: 'Fini' }).click();
    await expect(page.locator('.cards')).toBeVisible();
    await expect(page.getByText('C’est effacé de l’écran. Au suivant.')).toHaveCount(0);
    await library.choose('Le lait d’Akashganga');
    await library.fill(SECRET);
    const cardsAt = () =>
      page
        .locator('.cards')
        .evaluate((cards) => cards.getBoundingClientRect().top + document.documentElement.scrollTop);
    await page.getByRole('link', { name: 'Fini' }).click();
    await expect(page.getByText('C’est effacé de l’écran. Au suivant.')).toBeVisible();
    await page.getByRole('button', { name: 'Annuler' }).click();
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue(SECRET);
    await expect(page.getByRole('radio', { name: 'Oui', exact: true })).toBeChecked();
    await page.getByRole('link', { name: 'Fini' }).click();
    await expect(page.getByRole('button', { name: 'Annuler' })).toBeVisible();
    const before = await cardsAt();
    await expect(page.getByRole('button', { name: 'Annuler' })).toHaveCount(0, { timeout: 6_000 });
    expect(await cardsAt()).toBe(before);
    // Somebody else goes on at once: gone as well.
    await library.choose('Les radios du Niger');
    await library.fill(SECRET);
    await page.getByRole('link', { name: 'Fini' }).click();
    await expect(page.getByRole('button', { name: 'Annuler' })).toBeVisible();
    await library.choose('Le lait d’Akashganga');
    await expect(page.getByRole('button', { name: 'Annuler' })).toHaveCount(0);
    await page.goto(`${hub.url}/fr/niger-radio`);
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('');
  });

  test('a draft on the plain page, before the app is saved: back shows nothing', async ({ page }) => {
    await page.route('**/sw.js', (route) => route.abort());
    const library = new LibraryPage(page, hub.url);
    await page.goto(`${hub.url}/fr/akashganga`);
    await expect(page.locator('#news')).toHaveText(/Dernières nouvelles/, { timeout: 20_000 });
    await library.fill(SECRET);
    await page.goto(`${hub.url}/fr/niger-radio`);
    await page.goBack();
    expect(await readable(page)).not.toContain(SECRET);
    await page.reload();
    expect(await readable(page)).not.toContain(SECRET);
  });

  test('after sending: the number and the words are gone for the next person', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/akashganga');
    await hub.kill();
    await library.fill(SECRET);
    await library.send();
    await library.expectKept();
    const number = await library.number();
    await page.getByRole('main').getByRole('link', { name: 'Fini' }).click();
    await expect(page.locator('.cards')).toBeVisible();
    await page.getByRole('link', { name: 'Ma réponse' }).click();
    await expect(page.getByText('Rien pour l’instant.')).toBeVisible();
    const text = await readable(page);
    expect(text).not.toContain(SECRET);
    expect(text.replace(/\s/g, '')).not.toContain(number);
    // Whoever knows the number sees how far it is, and nothing else.
    await page.getByLabel('Tapez votre numéro').fill(`${number.slice(0, 4)} ${number.slice(4)}`);
    await page.getByRole('button', { name: 'Voir' }).click();
    await expect(page.locator('#find-result')).toContainText('Gardé ici');
    await page.getByLabel('Tapez votre numéro').fill('12345678');
    await page.getByRole('button', { name: 'Voir' }).click();
    await expect(page.locator('#find-result')).toContainText('n’est pas sur ce téléphone');
  });

  test('a tap on Fini by mistake while it is being sent: taken back, it is one answer, and its number comes', async ({
    page,
  }) => {
    const { link, library } = await typedBeforeTheLibrary(page);
    await library.send();
    await expect(page.getByText('Ça part.')).toBeVisible();
    await page.getByRole('link', { name: 'Fini' }).click();
    await page.getByRole('button', { name: 'Annuler' }).click();
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue(SECRET);
    await library.send();
    await library.expectArrived(10_000);
    await page.waitForTimeout(2_000);
    await expect.poll(() => answersAt(hub).length).toBe(1);
    await link.close();
  });

  test('what an error said goes with whom it was for', async ({ page }) => {
    await page.route('**/sw.js', (route) => route.abort());
    await page.route('**/assets/worker-*', (route) => route.abort());
    const library = new LibraryPage(page, hub.url);
    await page.goto(`${hub.url}/fr/akashganga`);
    await expect(page.locator('#link .mark')).toBeVisible();
    await library.send();
    await expect(page.getByText('Donnez au moins une réponse.')).toBeVisible({ timeout: 15_000 });
    await page.getByRole('link', { name: 'Fini' }).click();
    await expect(page.getByText('Donnez au moins une réponse.')).toHaveCount(0);
  });

  test('a reply that comes after Fini shows the next person nothing', async ({ page }) => {
    const { link, library } = await typedBeforeTheLibrary(page);
    link.set({ rttMs: 2_000 });
    await library.send();
    await expect(page.getByText('Ça part.')).toBeVisible();
    await page.getByRole('link', { name: 'Fini' }).click();
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('');
    await expect(page.getByText('Ça part.')).toHaveCount(0);
    await library.fill('La personne suivante');
    await expect.poll(() => answersAt(hub).length, { timeout: 10_000 }).toBe(1);
    await page.waitForTimeout(3_000);
    await expect(page.locator('.keep')).toHaveCount(0);
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('La personne suivante');
    // Whose tap counts.
    await library.send();
    await library.expectArrived(20_000);
    await expect
      .poll(() => answersAt(hub).map(({ answers }) => answers.words))
      .toEqual([SECRET, 'La personne suivante']);
    await link.close();
  });

  test('two minutes of nothing do the same, once something was typed', async ({ page }) => {
    await page.clock.install();
    const library = new LibraryPage(page, hub.url);
    await page.goto(`${hub.url}/fr/akashganga`);
    await expect(page.locator('#link .mark')).toBeVisible();
    await page.clock.runFor(5_000);
    await expect(page.locator('html[data-offline=ready]')).toBeAttached({ timeout: 20_000 });
    await library.fill(SECRET);
    await page.clock.runFor(110_000);
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue(SECRET);
    await page.clock.runFor(11_000);
    await expect(page.locator('.cards')).toBeVisible();
    expect(await readable(page)).not.toContain(SECRET);
  });

  test('nothing typed is in the profile on the disk: answers wait sealed', async () => {
    const device = new Device();
    const page = await device.start();
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/akashganga');
    await hub.kill();
    await library.fill(SECRET);
    await library.send();
    await library.expectKept();
    await page.getByRole('main').getByRole('link', { name: 'Fini' }).click();
    await expect(page.locator('.cards')).toBeVisible();
    await device.context.close();
    const found = (text: string, ...options: string[]): string => {
      try {
        return execFileSync('grep', ['-rlaP', ...options, text, device.profile], { encoding: 'utf8' });
      } catch {
        return '';
      }
    };
    // The search itself finds what is there: the library's text lies in the same database.
    expect(found('Akashganga')).not.toBe('');
    expect(found(SECRET)).toBe('');
    expect(found(Array.from(SECRET, (char) => `${char}\\x00`).join(''))).toBe('');
    await device.remove();
  });
});
