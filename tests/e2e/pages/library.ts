import { expect, type Page } from '@playwright/test';

/** What a person does with the library, in their words; selectors live here. */
export class LibraryPage {
  readonly page: Page;
  readonly url: string;
  constructor(page: Page, url: string) {
    this.page = page;
    this.url = url;
  }

  /** Opens an address and waits until everything is kept on the device. */
  async openAndKeep(path = '/'): Promise<void> {
    await this.page.goto(this.url + path);
    await this.kept();
  }

  async kept(): Promise<void> {
    try {
      await expect(this.page.locator('html[data-offline=ready]')).toBeAttached({ timeout: 30_000 });
    } catch (error) {
      // What was missing cannot be seen on a page that says nothing of it.
      throw new Error(`Not ready without a link: ${await this.#whatIsKept()}`, { cause: error });
    }
  }

  /** How far a first visit has come, for whoever looks for why it goes no further. */
  #whatIsKept(): Promise<string> {
    const look = this.page.evaluate(async () => {
      const rowsOf = (store: string): Promise<unknown> =>
        new Promise((resolve) => {
          const opening = indexedDB.open('relais-library');
          opening.onerror = () => resolve('closed');
          opening.onsuccess = () => {
            const all = opening.result.transaction(store).objectStore(store).getAll();
            all.onsuccess = () => resolve(all.result);
            all.onerror = () => resolve('unreadable');
            opening.result.close();
          };
        });
      const registration = await navigator.serviceWorker.getRegistration();
      const { active, waiting, installing } = registration ?? {};
      const warm = (await caches.has('relais-warm')) ? await (await caches.open('relais-warm')).keys() : [];
      return JSON.stringify({
        controller: navigator.serviceWorker.controller?.state,
        workers: [active?.state, waiting?.state, installing?.state],
        warm: warm.map(({ url }) => new URL(url).pathname),
        shelves: await rowsOf('shelves'),
        syncs: await rowsOf('log'),
        locks: (await navigator.locks.query()).held?.map(({ name }) => name),
      });
    });
    const late = new Promise<string>((resolve) => setTimeout(() => resolve('the page does not answer'), 5_000));
    return Promise.race([look, late]).catch(String);
  }

  /** Takes what came after the install from the device, words first, as if the link had gone before it came. */
  async forgetWords(): Promise<void> {
    // What is still on its way would be back in a moment.
    let before = 0;
    const isStill = async (): Promise<boolean> => {
      const last = before;
      before = await this.page.evaluate(async () => (await (await caches.open('relais-warm')).keys()).length);
      return before > 0 && before === last;
    };
    await expect.poll(isStill, { intervals: [700] }).toBe(true);
    await this.page.evaluate(() => caches.delete('relais-warm'));
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Network.clearBrowserCache');
  }

  /** From the first page to an item, by the list of all. */
  async choose(title: string): Promise<void> {
    await this.page.getByRole('link', { name: 'Tous les sujets' }).click();
    await this.page.getByRole('link', { name: title }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  }

  /** Fills the form under an item. */
  async fill(words: string, face = 'Oui', who = 'J’élève des animaux'): Promise<void> {
    await this.page.getByRole('radio', { name: face, exact: true }).check();
    await this.page.getByLabel('Que voulez-vous demander').fill(words);
    await this.page.getByRole('radio', { name: who }).check();
  }

  async send(): Promise<void> {
    await this.page.getByRole('button', { name: 'Envoyer' }).click();
  }

  /** The number that the page gives, once it says that the answer is kept or has arrived. */
  async number(): Promise<string> {
    const text = await this.page.locator('.keep bdi').innerText();
    return text.replace(/\D/g, '');
  }

  async expectKept(): Promise<void> {
    await expect(this.page.getByText('Gardé ici')).toBeVisible();
  }

  /** Waits for the tick: it only comes with the hub's signed receipt. */
  async expectArrived(timeout = 5_000): Promise<void> {
    await expect(this.page.getByText('Arrivé au centre', { exact: true })).toBeVisible({ timeout });
  }
}
