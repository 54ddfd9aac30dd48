import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type Hub, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

/** Trust travels with the file: nothing that is damaged, foreign or old is shown, and what is there stays readable. */
test.describe('damaged and foreign files', () => {
  let hub: Hub;
  test.beforeEach(async () => {
    hub = await startHub();
  });
  test.afterEach(async () => {
    await hub.remove();
  });

  const addSentence = (sentence: string): void => {
    const path = join(hub.contentDir, 'niger-radio/fr.md');
    writeFileSync(path, `${readFileSync(path, 'utf8').trimEnd()}\n\n${sentence}\n`);
  };

  test('a pack with one flipped bit is refused, named in the log, and the old content stays', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/niger-radio');
    addSentence('Une phrase qui ne doit pas venir.');
    expect((await hub.publish()).code).toBe(0);
    // Every pack of the tree, one bit near its end: the text.
    const tree = join(hub.dataDir, 'tree/current/c');
    for (const file of readdirSync(tree, { recursive: true }).map(String)) {
      if (!file.endsWith('.pack')) continue;
      const bytes = readFileSync(join(tree, file));
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 4, bytes.length - 20);
      rmSync(join(tree, file));
      writeFileSync(join(tree, file), bytes);
    }
    await page.reload();
    await expect(page.getByText('Fichier abîmé ou changé. On garde l’ancien.')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1, name: 'Les radios du Niger' })).toBeVisible();
    await expect(page.getByText('Une phrase qui ne doit pas venir.')).toHaveCount(0);
    await page.goto(`${hub.url}/fr/-/network`);
    // In plain words alone: which bytes were refused stays in what is kept.
    await expect(page.locator('#log')).toContainText('Fichier abîmé ou changé. On garde l’ancien.');
    await expect(page.locator('#log')).not.toContainText('{');
  });

  test('another root on the same address asks; keeping keeps, replacing replaces, answers stay', async ({ page }) => {
    // A second box publishes its own library from nothing, and the first one starts again.
    test.slow();
    const library = new LibraryPage(page, hub.url);
    await library.openAndKeep('/fr/akashganga');
    await hub.kill();
    await library.fill('Pour l’ancien centre');
    await library.send();
    await library.expectKept();
    const number = await library.number();
    await page.goto(`${hub.url}/fr/-/more`);
    await expect(page.locator('#fingerprint')).not.toHaveText('…');
    const pinned = await page.locator('#fingerprint').innerText();
    // The same address, another box.
    const stranger = await startHub({ port: hub.port, stranger: true });
    await page.reload();
    await expect(page.getByText('signée par quelqu’un d’autre')).toBeVisible();
    await page.getByRole('button', { name: 'Garder la mienne' }).click();
    await expect(page.getByText('signée par quelqu’un d’autre')).toHaveCount(0);
    await expect(page.locator('#fingerprint')).toHaveText(pinned);
    await page.reload();
    await page.getByRole('button', { name: 'Prendre la nouvelle' }).click();
    // Nobody's, for a moment: the stranger has to be there, or the old box would be taken again without a question.
    await expect(page.locator('#fingerprint')).not.toHaveText(new RegExp(`^(…|${pinned})$`));
    await page.goto(`${hub.url}/fr/-/answers`);
    await page.getByLabel('Tapez votre numéro').fill(number);
    await page.getByRole('button', { name: 'Voir' }).click();
    await expect(page.locator('#find-result')).toContainText('Gardé ici');
    await stranger.remove();
    // The old box is back: its answer still gets there.
    await hub.restart();
    await page.reload();
    await page.getByRole('button', { name: 'Prendre la nouvelle' }).click();
    await expect
      .poll(async () => {
        await page
          .getByRole('button', { name: 'Voir' })
          .click()
          .catch(() => {});
        await page.getByLabel('Tapez votre numéro').fill(number);
        await page.getByRole('button', { name: 'Voir' }).click();
        return page.locator('#find-result').innerText();
      })
      .toContain('Arrivé au centre');
  });

  test('a tree older than what was seen is refused', async ({ page }) => {
    const library = new LibraryPage(page, hub.url);
    addSentence('Deuxième état.');
    await hub.publish();
    await library.openAndKeep('/fr/niger-radio');
    await expect(page.getByText('Deuxième état.')).toBeVisible();
    await hub.kill();
    for (const path of ['tree', 'history']) rmSync(join(hub.dataDir, path), { recursive: true });
    const path = join(hub.contentDir, 'niger-radio/fr.md');
    writeFileSync(path, readFileSync(path, 'utf8').replace('Deuxième état.', ''));
    await hub.restart();
    await page.reload();
    await expect(page.getByText('Bibliothèque plus ancienne. On garde la nôtre.')).toBeVisible();
    await expect(page.getByText('Deuxième état.')).toBeVisible();
  });
});
