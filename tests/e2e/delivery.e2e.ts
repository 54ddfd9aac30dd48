import { writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { Device, ServiceWorkerControl } from '../support/device.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt, envelopesAt } from '../support/inbox.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { LibraryPage } from './pages/library.ts';

/** I1, I2: what a person saw as kept arrives exactly once, whatever dies on the way. */
test.describe('an answer arrives exactly once', () => {
  let hub: Hub;
  let link: LinkProxy;
  let device: Device;
  test.beforeEach(async () => {
    hub = await startHub();
    link = await startProxy({ target: hub.port });
    device = new Device();
  });
  test.afterEach(async () => {
    await device.remove();
    await link.close();
    await hub.remove();
  });

  const keepAnAnswer = async (words: string) => {
    const page = await device.start();
    const library = new LibraryPage(page, link.url);
    await library.openAndKeep('/fr/akashganga');
    link.cut();
    await library.fill(words);
    await library.send();
    await library.expectKept();
    return { page, library, number: await library.number() };
  };

  test('the browser is killed after Finish: it arrives within 5 seconds of opening any page', async () => {
    const { number } = await keepAnAnswer('Après la coupure');
    await device.kill();
    expect(envelopesAt(hub)).toBe(0);
    link.restore();
    const page = await device.start();
    await page.goto(`${link.url}/fr/niger-radio`);
    await expect.poll(() => answersAt(hub).map((answer) => answer.number), { timeout: 5_000 }).toEqual([number]);
  });

  test('the page is open: it arrives within 5 seconds of the link, without a tap', async () => {
    const { library, number } = await keepAnAnswer('Sans rien toucher');
    // Long enough for several tries to have failed.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    link.restore();
    await library.expectArrived(5_000);
    await expect.poll(() => answersAt(hub).map((answer) => answer.number)).toEqual([number]);
  });

  test('the tab is closed: a sync event delivers it', async () => {
    const { page, number } = await keepAnAnswer('Onglet fermé');
    const other = await device.context.newPage();
    await other.goto('about:blank');
    const control = await ServiceWorkerControl.of(page);
    await page.goto('about:blank');
    link.restore();
    await control.sync(link.url);
    await expect.poll(() => answersAt(hub).map((answer) => answer.number)).toEqual([number]);
  });

  test('the reply is lost after the hub stored it: no duplicate, and the tick comes', async () => {
    const { library, number } = await keepAnAnswer('Réponse perdue');
    const lost = link.loseReply(/POST \/o\/batch/, 2);
    link.restore();
    await lost;
    await library.expectArrived(15_000);
    expect(envelopesAt(hub)).toBe(1);
    await expect.poll(() => answersAt(hub).map((answer) => answer.number)).toEqual([number]);
  });

  test('two tabs: one number each, each once', async () => {
    const { library, number } = await keepAnAnswer('Premier onglet');
    const second = new LibraryPage(await device.context.newPage(), link.url);
    await second.page.goto(`${link.url}/fr/village-pay-phone`);
    await second.fill('Deuxième onglet', 'Non', 'Autre chose');
    await second.send();
    await second.expectKept();
    const numbers = [number, await second.number()];
    link.restore();
    await second.expectArrived();
    await library.page.bringToFront();
    await library.expectArrived();
    const arrived = () =>
      answersAt(hub)
        .map((answer) => answer.number)
        .sort();
    await expect.poll(arrived).toEqual(numbers.sort());
    expect(envelopesAt(hub)).toBe(2);
  });

  test('a captive portal answers 200 to everything: nothing is lost, nothing is believed', async () => {
    const { page, library } = await keepAnAnswer('Portail');
    link.portal(true);
    link.restore();
    await page.waitForTimeout(7_000);
    await library.expectKept();
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ma réponse');
    await page.goto(`${link.url}/fr/akashganga`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
    await expect(page.getByText('Attention')).toHaveCount(0);
    link.portal(false);
    // A portal replies, so that every try costs bytes: they come less and less often, until somebody opens a page.
    await page.goto(`${link.url}/fr/niger-radio`);
    await expect.poll(() => answersAt(hub).length, { timeout: 5_000 }).toBe(1);
  });

  test('the hub refuses a batch: it needs a person, stays, and can be offered again', async () => {
    const { library } = await keepAnAnswer('Refusée');
    link.interceptOnce(({ path }) =>
      path.startsWith('/o/batch?')
        ? { status: 400, headers: { 'Content-Type': 'application/json' }, body: '{"v":1,"error":"malformed"}' }
        : undefined,
    );
    link.restore();
    await expect(library.page.getByText('À revoir').first()).toBeVisible({ timeout: 8_000 });
    const bodies = await library.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const request = indexedDB.open('relais-answers');
          request.onsuccess = () => {
            const all = request.result.transaction('answers').objectStore('answers').getAll();
            all.onsuccess = () => resolve(all.result.filter(({ body, state }) => body && state === 'attention').length);
          };
        }),
    );
    expect(bodies).toBe(1);
    // The one action: offer it again.
    await library.page.getByRole('button', { name: 'Réessayer' }).click();
    await expect.poll(() => answersAt(hub).length).toBe(1);
    await expect(library.page.getByText('Arrivé au centre').first()).toBeVisible();
  });

  /** No text of the library comes until the returned function is called. */
  const holdLibrary = (): (() => void) => {
    let held = true;
    const hold = (): void =>
      link.interceptOnce(({ path }) => {
        if (!held || !path.endsWith('.pack')) return undefined;
        queueMicrotask(hold);
        return { status: 503 };
      });
    hold();
    return () => {
      held = false;
    };
  };

  test('sent straight to the centre before the library came, reply lost, sent again once it is here: one answer', async () => {
    const release = holdLibrary();
    const page = await device.start();
    const library = new LibraryPage(page, link.url);
    await page.goto(`${link.url}/fr/akashganga`);
    await expect(page.locator('#link .mark')).toBeVisible();
    await library.fill('Deux chemins, une réponse');
    // Chromium sends it again by itself, once for each connection that it had open.
    void link.loseReply(/POST \/o\/plain/, 20);
    await library.send();
    // A second tap while it is under way does nothing.
    await expect(page.getByText('Ça part.')).toBeVisible();
    await page.locator('form#answer').evaluate((form: HTMLFormElement) => form.requestSubmit());
    await expect(page.getByText('Pas parti. Votre réponse reste à l’écran.')).toBeVisible({ timeout: 25_000 });
    expect(envelopesAt(hub)).toBe(1);
    release();
    // The refusals made the next try wait: a link that comes back is said by the browser.
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await library.kept();
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('Deux chemins, une réponse');
    await library.send();
    await library.expectArrived();
    // Long enough for a second one to follow.
    await page.waitForTimeout(4_000);
    expect(envelopesAt(hub)).toBe(1);
  });

  test('sent, left while it is under way, come back and sent again: one answer', async () => {
    const page = await device.start();
    const library = new LibraryPage(page, link.url);
    await library.openAndKeep('/fr/');
    await page.reload();
    await library.kept();
    await library.choose('Le lait d’Akashganga');
    await library.fill('Une seule fois');
    // A slow phone: what the page tells its worker takes seconds.
    await page.evaluate(() => {
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (this: Worker, ...message: unknown[]) {
        setTimeout(() => Reflect.apply(postMessage, this, message), 3_000);
      };
      Object.assign(globalThis, {
        hurry: () => {
          Worker.prototype.postMessage = postMessage;
        },
      });
    });
    await library.send();
    await expect(page.getByText('Ça part.')).toBeVisible();
    await page.getByRole('link', { name: 'Accueil' }).click();
    await page.evaluate(() => (globalThis as unknown as { hurry: () => void }).hurry());
    await page.goBack();
    await expect(page.getByLabel('Que voulez-vous demander')).toHaveValue('Une seule fois');
    await library.send();
    await library.expectArrived(10_000);
    await page.waitForTimeout(5_000);
    expect(envelopesAt(hub)).toBe(1);
    await page.getByRole('link', { name: 'Ma réponse' }).click();
    await expect(page.locator('.rows li')).toHaveCount(1);
  });

  test('the centre takes an answer and never replies: it says so after 20 seconds, and the next tap finds it', async () => {
    holdLibrary();
    const page = await device.start();
    const library = new LibraryPage(page, link.url);
    await page.goto(`${link.url}/fr/akashganga`);
    await expect(page.locator('#link .mark')).toBeVisible();
    await library.fill('Le lien se tait');
    link.interceptOnce(({ path }) => (path === '/o/plain' ? 'hang' : undefined));
    await library.send();
    await expect(page.getByText('Pas parti. Votre réponse reste à l’écran.')).toBeVisible({ timeout: 30_000 });
    await library.send();
    await library.expectArrived(10_000);
    expect(envelopesAt(hub)).toBe(1);
  });

  test('with no page open, a sync event brings new content', async () => {
    const page = await device.start();
    const library = new LibraryPage(page, link.url);
    await library.openAndKeep('/fr/');
    const control = await ServiceWorkerControl.of(page);
    await page.goto('about:blank');
    writeFileSync(`${hub.contentDir}/niger-radio/fr.md`, await edited(hub, 'niger-radio', 'Une nouvelle phrase.'));
    expect((await hub.publish()).code).toBe(0);
    link.reset();
    await control.sync(link.url);
    await expect.poll(() => link.log().some(({ path }) => path.startsWith('/c/from/'))).toBe(true);
    await expect.poll(() => link.down()).toBeGreaterThan(500);
    await page.waitForTimeout(500);
    link.cut();
    await page.goto(`${link.url}/fr/niger-radio`);
    await expect(page.getByText('Une nouvelle phrase.')).toBeVisible();
  });
});

/** An item's source with a sentence more at its end. */
const edited = async (hub: Hub, id: string, sentence: string): Promise<string> => {
  const { readFileSync } = await import('node:fs');
  return `${readFileSync(`${hub.contentDir}/${id}/fr.md`, 'utf8').trimEnd()}\n\n${sentence}\n`;
};
