import { chromium, expect, test } from '@playwright/test';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';

test('on plain http there is no service worker and no WebCrypto: pages and answers work all the same', async () => {
  const hub = await startHub({ env: { HOST: '127.0.0.1' } });
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    chromiumSandbox: false,
    args: [...chromiumArgs, '--host-resolver-rules=MAP relais.test 127.0.0.1'],
  });
  const page = await browser.newPage({ locale: 'fr-FR', viewport: { width: 320, height: 480 } });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  const fetched: string[] = [];
  page.context().on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await page.goto(`http://relais.test:${hub.port}/`);
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await expect(page.locator('#link')).toContainText('Le réseau est là.');
  await page.getByRole('link', { name: 'Élevage' }).click();
  await page.getByRole('link', { name: 'Le lait d’Akashganga' }).click();
  await page.getByRole('radio', { name: 'Oui', exact: true }).check();
  await page.getByLabel('Que voulez-vous demander').fill('Sur le réseau du centre');
  await page.getByRole('button', { name: 'Envoyer' }).click();
  await expect(page.getByText('Arrivé au centre', { exact: true })).toBeVisible();
  await expect
    .poll(() => answersAt(hub).map(({ answers }) => answers))
    .toEqual([{ helped: 'yes', words: 'Sur le réseau du centre' }]);
  await page.getByRole('main').getByRole('link', { name: 'Fini' }).click();
  // The device keeps nothing here: what comes next is a page of the centre's again.
  await expect(page.locator('.cards a')).toHaveCount(6);
  await expect(page.locator('.keep')).toHaveCount(0);
  await page.getByRole('link', { name: 'Tous les sujets' }).click();
  await page.getByRole('link', { name: 'Les radios du Niger' }).click();
  await page.getByRole('radio', { name: 'Non', exact: true }).check();
  await page.getByRole('button', { name: 'Envoyer' }).click();
  await expect(page.getByText('Arrivé au centre', { exact: true })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Les radios du Niger');
  await page.getByRole('link', { name: 'Accueil' }).click();
  await expect(page.locator('.cards a')).toHaveCount(6);
  // No worker and no engine were fetched for a store that cannot be.
  expect(fetched.filter((path) => /worker|engine/.test(path))).toEqual([]);
  expect(errors).toEqual([]);
  await browser.close();
  await hub.remove();
});
