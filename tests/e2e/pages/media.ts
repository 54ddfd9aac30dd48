import { expect, type Locator, type Page } from '@playwright/test';

/** Pictures and the recording of an item, as a person meets them; selectors live here. */
export class MediaPart {
  readonly page: Page;
  /** The one button above the text. */
  readonly listen: Locator;
  readonly picture: Locator;
  readonly show: Locator;
  readonly keep: Locator;
  readonly drop: Locator;
  readonly undo: Locator;
  constructor(page: Page) {
    this.page = page;
    this.listen = page.locator('.listen .go');
    this.picture = page.locator('.picture img');
    this.show = page.locator('.picture button');
    this.keep = page.getByRole('button', { name: /^Garder ici · / });
    this.drop = page.getByRole('button', { name: 'Enlever', exact: true });
    this.undo = page.getByRole('button', { name: 'Annuler', exact: true });
  }

  async see(): Promise<void> {
    await this.page.locator('figure.picture').scrollIntoViewIfNeeded();
  }

  /** Waits for the picture itself: a sketch of it is 20 pixels wide. */
  async expectPicture(): Promise<void> {
    await expect(this.picture).toHaveAttribute('src', /./);
    await expect.poll(() => this.#width()).toBeGreaterThan(300);
  }

  async expectSketch(): Promise<void> {
    await expect(this.show).toBeVisible();
    expect(await this.#width()).toBeLessThan(21);
  }

  async expectKept(): Promise<void> {
    await expect(this.page.getByText('Images et son gardés ici.')).toBeVisible({ timeout: 15_000 });
  }

  /** How far the sound has come, in seconds. */
  async expectPlaying(): Promise<void> {
    await expect(this.listen).toHaveText(/^Pause · \d+\ss sur 28\ss$/, { timeout: 15_000 });
    await expect
      .poll(() => this.page.locator('audio').evaluate((audio: HTMLAudioElement) => audio.currentTime))
      .toBeGreaterThan(0.2);
  }

  #width(): Promise<number> {
    return this.picture.evaluate((image: HTMLImageElement) => image.naturalWidth);
  }

  /** Leaves stored on the device. */
  leaves(): Promise<number> {
    return this.page.evaluate(async () => {
      const places = ['relais-recordings', 'relais-pictures', 'relais-kept'];
      const keys = await Promise.all(places.map(async (place) => (await caches.open(place)).keys()));
      return keys.flat().length;
    });
  }
}
