import { expect, test } from '@playwright/test';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt, envelopesAt } from '../support/inbox.ts';
import { LibraryPage } from './pages/library.ts';

/** The main job through every layer: content -> page -> device -> answer -> receipt. */
test.describe('read without a link, answer, and the answer arrives', () => {
  let hub: Hub;
  test.beforeAll(async () => {
    hub = await startHub();
  });
  test.afterAll(async () => {
    await hub.remove();
  });

  test('one item, all the way', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep();
    await library.choose('Le lait d’Akashganga');

    await hub.kill();
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
    await library.fill('Combien coûte la balance ?');
    await library.send();
    await library.expectKept();
    const number = await library.number();
    expect(number).toMatch(/^\d{8}$/);

    await hub.restart();
    await library.expectArrived();
    expect(envelopesAt(hub)).toBe(1);
    await expect
      .poll(() => answersAt(hub))
      .toEqual([
        {
          number,
          item: 'akashganga',
          lang: 'fr',
          answers: { helped: 'yes', words: 'Combien coûte la balance ?', who: 'herder' },
        },
      ]);
  });
});
