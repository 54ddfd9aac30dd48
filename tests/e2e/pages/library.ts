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
    await expect(this.page.locator('html[data-offline=ready]')).toBeAttached({ timeout: 30_000 });
  }

  /** Takes the words that came after the install from the device, as if the link had gone before they came. */
  async forgetWords(): Promise<void> {
    const keys = () => this.page.evaluate(async () => (await (await caches.open('relais-warm')).keys()).length);
    // All of them: what is still coming would be stored after this.
    await expect.poll(keys).toBeGreaterThan(1);
    await this.page.evaluate(() => caches.delete('relais-warm'));
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Network.clearBrowserCache');
  }

  async choose(title: string): Promise<void> {
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
