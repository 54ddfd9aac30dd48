import { expect, test } from '@playwright/test';
import { type Hub, itemIds, startHub } from '../support/hub.ts';
import { answersAt, envelopesAt } from '../support/inbox.ts';

/** Before any script, and without any: the plain pages are the whole library, and take answers. */
const NEEDS = ['Élevage', 'Champs', 'Santé', 'Argent', 'École', 'Annonces'];

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });
  let hub: Hub;
  test.beforeAll(async () => {
    hub = await startHub();
  });
  test.afterAll(async () => {
    await hub.remove();
  });

  test('the first screen speaks French to a French phone, and its pictures lead to items', async ({ page }) => {
    await page.goto(hub.url);
    await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
    for (const need of NEEDS) {
      await page.goto(hub.url);
      const link = page.getByRole('link', { name: need, exact: true });
      await expect(link.locator('svg')).toBeVisible();
      await link.click();
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(need);
      const item = page.locator('.list a').first();
      await expect(item.locator('svg')).toBeVisible();
      expect(await item.getAttribute('href')).toMatch(/^\/fr\/[a-z-]+$/);
    }
  });

  test('partners find items by what they are filed under', async ({ page }) => {
    await page.goto(`${hub.url}/fr/`);
    await page.getByRole('link', { name: 'Pour les partenaires' }).click();
    await page.getByRole('link', { name: /^C9 Médias/ }).click();
    await expect(page).toHaveURL(/\/fr\/-\/wsis-c9$/);
    await page.getByRole('link', { name: 'Les radios du Niger' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Les radios du Niger');
    await page
      .getByRole('link', { name: /Kit radio/ })
      .first()
      .click();
    await expect(page.getByText('Comment faire').first()).toBeVisible();
  });

  test('every item shows its whole text, its sources and its form, in both languages', async ({ page }) => {
    // As many pages as there are items.
    test.slow();
    await page.goto(`${hub.url}/fr/-/all`);
    const paths = await page
      .locator('.list a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(paths.map((path) => path.slice('/fr/'.length)).sort()).toEqual([...itemIds()].sort());
    for (const path of paths) {
      for (const lang of ['fr', 'en']) {
        const response = await page.goto(hub.url + path.replace('/fr/', `/${lang}/`));
        expect(response?.status()).toBe(200);
        await expect(page.locator('html')).toHaveAttribute('lang', lang);
        expect((await page.locator('article').innerText()).length).toBeGreaterThan(1_000);
        await expect(page.locator('[id^="s-"]').first()).toBeAttached();
        await expect(page.locator('form#answer')).toBeVisible();
      }
    }
  });

  test('an answer goes off as an ordinary form; sent twice, it counts once', async ({ page }) => {
    const send = async (): Promise<void> => {
      await page.goto(`${hub.url}/fr/akashganga`);
      await page.getByRole('radio', { name: 'Un peu' }).check();
      await page.getByLabel('Que voulez-vous demander').fill('Sans aucun script, et pourtant');
      await page.getByRole('button', { name: 'Envoyer' }).click();
      await expect(page.getByText('Arrivé au centre', { exact: true })).toBeVisible();
    };
    await send();
    const number = (await page.locator('.keep bdi').innerText()).replace(/\D/g, '');
    await expect
      .poll(() => answersAt(hub))
      .toEqual([
        {
          number,
          item: 'akashganga',
          lang: 'fr',
          answers: { helped: 'some', words: 'Sans aucun script, et pourtant' },
        },
      ]);
    await send();
    await expect(page.getByText('Déjà arrivé.')).toBeVisible();
    expect(envelopesAt(hub)).toBe(1);
  });

  test('an empty answer is refused in words, with a way back', async ({ page }) => {
    await page.goto(`${hub.url}/fr/akashganga`);
    await page.getByRole('button', { name: 'Envoyer' }).click();
    await expect(page.getByText('Revenez en arrière et corrigez.')).toBeVisible();
    await page.getByRole('link', { name: 'Revenir au sujet' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
  });

  test('a page that is not there says so, with a way home', async ({ page }) => {
    const response = await page.goto(`${hub.url}/fr/rien-ici`);
    expect(response?.status()).toBe(404);
    await page.getByRole('main').getByRole('link', { name: 'Accueil' }).click();
    await expect(page).toHaveURL(`${hub.url}/fr/`);
  });
});

test.describe('in English', () => {
  test.use({ javaScriptEnabled: false, locale: 'en-GB' });
  test('the first screen speaks English to an English phone', async ({ page }) => {
    const hub = await startHub();
    await page.goto(hub.url);
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(page.getByRole('link', { name: 'Livestock' })).toBeVisible();
    await hub.remove();
  });
});

test('what was typed before the script came is kept, and sent', async ({ page }) => {
  const hub = await startHub();
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/assets/index-*.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${hub.url}/fr/akashganga`, { waitUntil: 'commit' });
  await page.getByRole('radio', { name: 'Oui', exact: true }).check();
  await page.getByLabel('Que voulez-vous demander').fill('Tapé avant le script');
  release();
  await expect(page.locator('html[data-offline=ready]')).toBeAttached({ timeout: 30_000 });
  await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('Tapé avant le script');
  await expect(page.getByRole('radio', { name: 'Oui', exact: true })).toBeChecked();
  await page.getByRole('button', { name: 'Envoyer' }).click();
  await expect
    .poll(() => answersAt(hub).map(({ answers }) => answers))
    .toEqual([{ helped: 'yes', words: 'Tapé avant le script' }]);
  await hub.remove();
});

test('the list of the app’s files does not come: the page is read and answered as without scripts, the next load saves', async ({
  page,
}) => {
  const hub = await startHub();
  let refused = 0;
  await page.route('**/assets/files-*.js', async (route) => {
    refused++;
    await route.abort();
  });
  await page.goto(`${hub.url}/fr/akashganga`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
  await page.getByRole('radio', { name: 'Oui', exact: true }).check();
  await page.getByLabel('Que voulez-vous demander').fill('Sans la liste');
  await page.getByRole('button', { name: 'Envoyer' }).click();
  await expect
    .poll(() => answersAt(hub).map(({ answers }) => answers))
    .toEqual([{ helped: 'yes', words: 'Sans la liste' }]);
  expect(refused).toBeGreaterThan(0);
  await page.unroute('**/assets/files-*.js');
  await page.goto(`${hub.url}/fr/akashganga`);
  await expect(page.locator('html[data-offline=ready]')).toBeAttached({ timeout: 30_000 });
  await hub.remove();
});
