import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { faultsOf } from '../support/axe.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { answer, type HandPhone, openHandPhone } from './pages/hand-phone.ts';

/** What goes by hand: from a phone to a stick or another phone, and back. */

let hub: Hub;
let folder: string;
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relais-stick-'));
  hub = await startHub();
});
test.afterEach(async () => {
  await hub.remove();
  rmSync(folder, { recursive: true, force: true });
});

const startPhone = (browser: Browser, init?: () => void): Promise<HandPhone> =>
  openHandPhone(browser, { hub, folder }, init);

/** What a phone says of a file: what it is called, which part of it, why, and what to do. */
const said = (...parts: readonly string[]): string =>
  parts.map((part, i) => (i < parts.length - 1 ? `\u2068${part}\u2069` : part)).join(' · ');
const results = (page: Page) => page.locator('#carry-result li');
const publishNews = async (): Promise<void> => {
  const path = join(hub.contentDir, 'akashganga/fr.md');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/\n\n(?=[A-Z])/, '\n\nUne phrase de plus. '));
  expect((await hub.publish()).output).toContain('Published: number 2');
};

test('an answer goes by the hand of another, and its receipt and the news come back the same way', async ({
  browser,
}) => {
  const far = await startPhone(browser);
  far.link.cut();
  await answer(far, 'De la main à la main');
  const out = await far.save('out.zip');

  const courier = await startPhone(browser);
  courier.link.cut();
  await courier.take(out);
  await expect(results(courier.page)).toHaveText(['Réponses d’autres à passer : 1']);
  await expect(courier.page.locator('#carry-answers')).toHaveText('Réponses qui partent avec, fermées : 1');
  // The same stick twice.
  await courier.take(out);
  await expect(results(courier.page)).toHaveText(['Rien de nouveau.']);
  expect(answersAt(hub)).toHaveLength(0);
  // It is nobody's answer there but his whose it is.
  await courier.page.goto(`${courier.link.url}/fr/-/answers`);
  await expect(courier.page.locator('.counts b')).toHaveText(['0', '0']);

  await publishNews();
  courier.link.restore();
  await courier.page.goto(`${courier.link.url}/fr/-/network`);
  await courier.page.getByRole('button', { name: 'Chercher des nouvelles' }).click();
  await expect.poll(() => answersAt(hub).map(({ answers }) => answers.words)).toEqual(['De la main à la main']);
  await courier.page.goto(`${courier.link.url}/fr/akashganga`);
  await expect(courier.page.getByText('Une phrase de plus.')).toBeVisible();
  const back = await courier.save('back.zip');
  await expect(courier.page.locator('#carry-answers')).toHaveCount(0);

  await far.take(back);
  await expect(results(far.page)).toHaveText(['Nouveautés : 1', 'Réponses arrivées au centre : 1']);
  await far.page.goto(`${far.link.url}/fr/-/answers`);
  await expect(far.page.locator('.counts b')).toHaveText(['0', '1']);
  await far.page.goto(`${far.link.url}/fr/akashganga`);
  await expect(far.page.getByText('Une phrase de plus.')).toBeVisible();
  await far.page.goto(`${far.link.url}/fr/-/network`);
  await expect(far.page.locator('#log li', { hasText: 'un sujet · De la main à la main' })).toBeVisible();
  await far.end();
  await courier.end();
});

test('what is damaged, cut or of somebody else is refused in words, and all stays as it is', async ({ browser }) => {
  const phone = await startPhone(browser);
  phone.link.cut();
  await answer(phone, 'Elle reste');
  const file = await phone.save('good.zip');
  const bytes = readFileSync(file);
  const problem = phone.page.locator('.carry-problem');
  const path = (name: string, data: Uint8Array | string): string => {
    writeFileSync(join(folder, name), data);
    return join(folder, name);
  };
  await phone.take(path('cut.zip', bytes.subarray(0, bytes.length - 50)));
  await expect(problem).toHaveText(said('cut.zip', 'Fichier coupé en route. Faites-le copier encore une fois.'));
  await phone.take(path('page.txt', '<!doctype html><p>Connexion</p>'.repeat(100)));
  await expect(problem).toHaveText(said('page.txt', 'Fichier abîmé, ou pas de Relais. Choisissez-en un autre.'));
  const turned = Uint8Array.from(bytes);
  const place = bytes.indexOf('RLP', bytes.length / 3);
  turned[place + 3_000] = (turned[place + 3_000] as number) ^ 1;
  await phone.take(path('turned.zip', turned));
  const damage = 'Fichier abîmé ou changé. On garde l’ancien. Faites-le copier encore une fois.';
  await expect(problem).toHaveText(said('turned.zip', 'c/full/fr.pack', damage));
  const stranger = await startHub({ stranger: true });
  const other = hub;
  hub = stranger;
  const theirs = await startPhone(browser);
  const foreign = await theirs.save('foreign.zip');
  await theirs.end();
  hub = other;
  await stranger.remove();
  await phone.take(foreign);
  const theirWords = 'Signé par quelqu’un d’autre. On garde la nôtre. Demandez un fichier nouveau.';
  await expect(problem).toHaveText(said('foreign.zip', 'c/root/1.json', theirWords));

  await phone.page.goto(`${phone.link.url}/fr/akashganga`);
  await expect(phone.page.getByRole('heading', { level: 1 })).toContainText('Akashganga');
  await phone.page.goto(`${phone.link.url}/fr/-/answers`);
  await expect(phone.page.locator('.counts b').first()).toHaveText('1');
  await phone.take(file);
  await expect(results(phone.page)).toHaveText(['Rien de nouveau.']);
  // Whoever helps on the telephone asks what the log says.
  await phone.page.goto(`${phone.link.url}/fr/-/network`);
  const log = phone.page.locator('#log');
  await expect(log.locator('li', { hasText: 'De la main à la main' })).toHaveCount(5);
  await expect(log).toContainText(said('turned.zip', 'c/full/fr.pack', damage));
  await expect(log).toContainText(said('foreign.zip', 'c/root/1.json', theirWords));
  await expect(log).not.toContainText('{');
  await phone.end();
});

test('what reads the device has not come: it says so, and tries again until it has', async ({ browser }) => {
  const { page, link, end } = await startPhone(browser);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.clearBrowserCache');
  await page.evaluate(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) if (request.url.includes('/carried-')) await cache.delete(request);
    }
  });
  link.cut();
  await page.goto(`${link.url}/fr/-/carry`);
  await expect(page.getByText('Pas de réseau.', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Ouvrir un fichier' })).toBeVisible();
  await expect(page.locator('#carry-save')).toBeHidden();
  link.restore();
  await expect(page.locator('#carry-save')).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText('Pas de réseau.', { exact: true })).toBeHidden();
  await end();
});

test('phone to phone it goes as text, which Chromium shares', async ({ browser }) => {
  const far = await startPhone(browser, () => {
    // Headless, no other app is there to share with.
    Object.assign(navigator, {
      canShare: ({ files }: { files: readonly File[] }) => files.every(({ type }) => type === 'text/plain'),
      share: async ({ files: [file] }: { files: readonly File[] }) => {
        document.documentElement.dataset.shared = await (file as File).text();
      },
    });
  });
  far.link.cut();
  await answer(far, 'Par Bluetooth');
  await far.carry();
  await far.page.getByRole('button', { name: 'Passer à un téléphone' }).click();
  const shared = (): Promise<string> => far.page.evaluate(() => document.documentElement.dataset.shared ?? '');
  await expect.poll(shared).toContain('-----END RELAIS-----');
  const path = join(folder, 'relais.txt');
  // As a mail program hands it on.
  writeFileSync(path, `> ${(await shared()).replaceAll('\n', '\r\n> ')}`);
  expect(statSync(path).size).toBeLessThan(400_000);
  const courier = await startPhone(browser);
  courier.link.cut();
  await courier.take(path);
  await expect(results(courier.page)).toHaveText(['Réponses d’autres à passer : 1']);
  courier.link.restore();
  await courier.page.reload();
  await expect.poll(() => answersAt(hub).length, { timeout: 20_000 }).toBe(1);
  await far.end();
  await courier.end();
});

test('a computer writes straight to the stick; languages and pictures are chosen, with their sizes', async ({
  browser,
}) => {
  const phone = await startPhone(browser, () => {
    Object.assign(window, {
      // A real file, of the browser's own disk: no test can answer the dialogue.
      showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) =>
        (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true }),
    });
  });
  await phone.carry();
  await expect(phone.page.locator('#carry-shelves label').first()).toHaveText(/^Français · \d+\s[kM]o$/);
  await phone.page.locator('#carry-save').click();
  await expect(phone.page.locator('#carry-status')).toContainText(/Copié : .?relais-/);
  const size = (): Promise<number> =>
    phone.page.evaluate(async () => {
      const folder = await navigator.storage.getDirectory();
      // By name: while a file is written, another one stands beside it for a moment.
      for await (const name of folder.keys())
        if (name.endsWith('.zip')) return (await (await folder.getFileHandle(name)).getFile()).size;
      return 0;
    });
  const whole = await size();
  expect(whole).toBeGreaterThan(100_000);
  await phone.page.locator('#carry-shelves label').first().click();
  await expect(phone.page.locator('#carry-save')).toHaveText(/· 0\sko$/);
  await phone.page.locator('#carry-save').click();
  await expect.poll(() => size().catch(() => whole)).toBeLessThan(2_000);
  expect(await faultsOf(phone.page)).toEqual([]);
  await phone.end();
});

test('a file that another app hands over, or that is opened with the app, waits for one tap', async ({ browser }) => {
  const far = await startPhone(browser);
  far.link.cut();
  await answer(far, 'Par un autre');
  const path = await far.save('handed.zip');
  const base64 = readFileSync(path).toString('base64');
  await far.end();

  const courier = await startPhone(browser, () => {
    // What the system does for an app that was installed.
    Object.defineProperty(window, 'launchQueue', {
      value: {
        setConsumer(consumer: (launch: { files: readonly unknown[] }) => void) {
          if (!location.hash) return;
          const file = new File(['no file of ours'], 'autre.zip');
          consumer({ files: [{ getFile: async () => file }] });
        },
      },
    });
  });
  courier.link.cut();
  const { page } = courier;
  // As the system does it: a form that leads to the page.
  await page.evaluate((data) => {
    const form = Object.assign(document.createElement('form'), { method: 'POST', enctype: 'multipart/form-data' });
    form.action = '/-/carry';
    const input = Object.assign(document.createElement('input'), { type: 'file', name: 'file' });
    const list = new DataTransfer();
    list.items.add(new File([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))], 'reçu.zip'));
    input.files = list.files;
    form.append(input);
    document.body.append(form);
    form.submit();
  }, base64);
  await page.waitForURL('**/-/carry');
  await expect(page.locator('#carry-status')).toHaveText('Reçu : \u2068reçu.zip\u2069');
  await expect(results(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Ouvrir un fichier' }).click();
  await expect(results(page)).toHaveText(['Réponses d’autres à passer : 1']);
  // It was handed over once.
  await page.reload();
  await expect(page.locator('#carry-save')).toBeVisible();
  await expect(page.locator('#carry-status')).toBeEmpty();
  await page.goto(`${courier.link.url}/-/carry#opened`);
  await page.reload();
  await expect(page.locator('#carry-status')).toHaveText('Reçu : \u2068autre.zip\u2069');
  await page.getByRole('button', { name: 'Ouvrir un fichier' }).click();
  await expect(page.locator('.carry-problem')).toHaveText(
    said('autre.zip', 'Fichier abîmé, ou pas de Relais. Choisissez-en un autre.'),
  );
  await courier.end();
});
