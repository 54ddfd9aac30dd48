import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import jsQR from 'jsqr';
import { faultsOf } from '../support/axe.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { pixelsOf } from '../support/pixels.ts';
import { answer, openHandPhone } from './pages/hand-phone.ts';

/** Receipts that come back, and urgent notices that go on, as codes, photographed by a phone without any link. */

let hub: Hub;
let folder: string;
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relais-codes-'));
  hub = await startHub();
});
test.afterEach(async () => {
  await hub.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** What a phone reads off the screen. */
const photographed = async (browser: Browser, page: Page): Promise<URL> => {
  const png = await page.locator('.code').screenshot({ scale: 'device' });
  const { pixels, width, height } = await pixelsOf(browser, png);
  return new URL(jsQR(Uint8ClampedArray.from(pixels), width, height)?.data ?? '');
};

test('from the phone that carried the answers, and from the centre', async ({ browser }) => {
  test.slow();
  const far = await openHandPhone(browser, { hub, folder });
  far.link.cut();
  for (const words of ['Une', 'Deux', 'Trois', 'Quatre', 'Cinq', 'Six']) await answer(far, words);
  const out = await far.save('out.zip');
  const courier = await openHandPhone(browser, { hub, folder });
  await courier.take(out);
  await expect.poll(() => answersAt(hub).length, { timeout: 30_000 }).toBe(6);

  /** It opens where its own app is: here each phone has the app from an address of its own. */
  const open = async ({ pathname, hash }: URL, said: string): Promise<void> => {
    await far.page.goto('about:blank');
    await far.page.goto(far.link.url + pathname + hash);
    await expect(far.page.locator('#carry-status')).toContainText(said);
    expect(new URL(far.page.url()).hash).toBe('');
  };

  // Five in a picture, those first that came last.
  await courier.carry();
  const show = courier.page.getByRole('button', { name: 'Montrer les reçus' });
  await expect(show).toBeVisible({ timeout: 20_000 });
  await show.click();
  await expect(courier.page.getByText('Image 1 sur 2')).toBeVisible();
  expect(await faultsOf(courier.page)).toEqual([]);
  const first = await photographed(browser, courier.page);
  await open(first, 'Réponses arrivées au centre : 5');
  await open(first, 'Rien de nouveau.');

  const desk = await (await browser.newContext({ viewport: { width: 320, height: 480 }, locale: 'fr-FR' })).newPage();
  await desk.goto(`${hub.url}/inbox`);
  await desk.getByLabel('Code du centre').fill(hub.code);
  await desk.getByRole('button', { name: 'Entrer' }).click();
  await desk.getByRole('button', { name: 'De la main à la main' }).click();
  await desk.getByRole('button', { name: 'Montrer les reçus' }).click();
  await expect(desk.getByText('Image 1 sur 2')).toBeVisible();
  await desk.getByRole('button', { name: 'Suite' }).click();
  await expect(desk.getByText('Image 2 sur 2')).toBeVisible();
  expect(await faultsOf(desk)).toEqual([]);
  const last = await photographed(browser, desk);
  expect(last.origin).toBe(hub.url);
  await open(last, 'Réponses arrivées au centre : 1');
  await far.page.goto(`${far.link.url}/fr/-/answers`);
  await expect(far.page.locator('.counts li').filter({ hasText: /arrivées? au centre/ })).toContainText('6');

  for (const junk of ['A', 'AAAABBBB', last.hash.slice('#code='.length, -20)])
    await open(new URL(`${hub.url}/-/carry#code=${junk}`), 'Image mal lue. Prenez-la encore en photo.');
  await desk.context().close();
  for (const phone of [far, courier]) await phone.end();
});

test('an urgent notice, from a phone that has it to one without any network, and on from there', async ({
  browser,
}) => {
  test.slow();
  const [far, third] = [await openHandPhone(browser, { hub, folder }), await openHandPhone(browser, { hub, folder })];
  for (const { link } of [far, third]) link.cut();
  writeNotice(hub);
  expect((await hub.publish()).code).toBe(0);
  const near = await openHandPhone(browser, { hub, folder });
  near.link.cut();

  /** What a phone shows is what the next one reads, at an address of its own. */
  const pass = async (from: typeof near, to: typeof near): Promise<void> => {
    await from.page.goto(`${from.link.url}/fr/well`);
    await from.page.getByRole('button', { name: 'Montrer à un autre téléphone' }).click();
    await expect(from.page.locator('.code svg')).toBeVisible({ timeout: 20_000 });
    expect(await faultsOf(from.page)).toEqual([]);
    const { pathname, hash } = await photographed(browser, from.page);
    await to.page.goto(`${to.link.url}/fr/well`);
    await expect(to.page.getByRole('heading', { level: 1 })).not.toHaveText('Le puits est fermé');
    await to.page.goto(to.link.url + pathname + hash);
    await expect(to.page.getByRole('heading', { level: 1 })).toHaveText('Le puits est fermé', { timeout: 20_000 });
    await expect(to.page.getByText('Très urgent')).toBeVisible();
    expect(new URL(to.page.url()).pathname).toBe('/fr/well');
    // It stands on the first page as if it had come over a link.
    await to.page.goto(`${to.link.url}/fr/`);
    await expect(to.page.getByRole('link', { name: 'Le puits est fermé' }).first()).toBeVisible();
    expect(await faultsOf(to.page)).toEqual([]);
  };
  await pass(near, far);
  await pass(far, third);
  for (const phone of [far, third, near]) await phone.end();
});

/** As a centre writes one. */
const writeNotice = (at: Hub): void => {
  const dir = join(at.contentDir, 'well');
  mkdirSync(dir);
  const source = 'sources: [{ id: mairie, title: "Avis du 20", by: "Mairie de Tillia", certainty: says }]';
  const facts = ['kind: bulletin', 'picture: radio', 'order: 5', 'needs: [notices]', 'urgency: 1', source];
  writeFileSync(join(dir, 'item.yml'), [...facts, 'issued: "2026-01-01"', 'until: "2999-12-31"', ''].join('\n'));
  const front = ['summary: "Ne buvez pas cette eau."', 'place: "Tillia"', 'review: { state: human-draft }'];
  const body = ['- Allez au forage.', '- Prévenez vos voisins.'];
  for (const [lang, title] of [
    ['fr', 'Le puits est fermé'],
    ['en', 'The well is closed'],
  ])
    writeFileSync(
      join(dir, `${lang}.md`),
      ['---', `title: "${title}"`, ...front, 'area: "Tillia"', '---', 'Le puits du marché.', '', ...body, ''].join(
        '\n',
      ),
    );
};
