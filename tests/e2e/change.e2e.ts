import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startHub } from '../support/hub.ts';
import { startProxy } from '../support/proxy.ts';
import { LibraryPage } from './pages/library.ts';

test('one edited sentence: served at the next request, and a delta of a few hundred bytes', async ({ page }) => {
  const hub = await startHub();
  const link = await startProxy({ target: hub.port });
  const library = new LibraryPage(page, link.url);
  await library.openAndKeep('/fr/niger-radio');
  const path = join(hub.contentDir, 'niger-radio/fr.md');
  const text = readFileSync(path, 'utf8');
  const sentence = /^[^-#>\n|].*\.\s*$/m.exec(text.split('---').at(-1) ?? '')?.[0] ?? '';
  writeFileSync(path, text.replace(sentence, `Une phrase changée. ${sentence}`));
  expect((await hub.publish()).output).toContain('Published: number 2');
  // The running hub, without a restart.
  expect(await (await fetch(`${hub.url}/fr/niger-radio`)).text()).toContain('Une phrase changée.');
  expect((await fetch(`${hub.url}/c/from/1/fr.pack`).then((r) => r.arrayBuffer())).byteLength).toBeLessThan(1_000);

  link.reset();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  // The browser looks for a newer service worker when it likes to.
  const asked = () => link.log().map(({ path }) => path);
  await expect.poll(() => asked().filter((path) => path !== '/sw.js')).toEqual(['/c/from/1/fr.pack']);
  await page.reload();
  await expect(page.getByText('Une phrase changée.')).toBeVisible();
  await link.close();
  await hub.remove();
});

test('an item that is taken down goes from the device', async ({ page }) => {
  const hub = await startHub();
  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/fr/');
  const { rmSync } = await import('node:fs');
  rmSync(join(hub.contentDir, 'niger-radio'), { recursive: true });
  // Others name it and link to it: that is told, and keeps nobody from taking it down.
  const { code, output } = await hub.publish();
  expect(code).toBe(0);
  expect(output).toMatch(/\d+ × missing-item/);
  await page.goto(`${hub.url}/fr/-/all`);
  await expect(page.getByRole('link', { name: 'Les radios du Niger' })).toHaveCount(0, { timeout: 10_000 });
  await expect(page.getByRole('link', { name: 'Le lait d’Akashganga' })).toBeVisible();
  await page.goto(`${hub.url}/fr/niger-radio`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cette page n’existe pas');
  await hub.remove();
});
