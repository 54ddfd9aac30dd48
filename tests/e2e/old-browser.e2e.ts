import { expect, test } from '@playwright/test';
import { type Hub, startHub } from '../support/hub.ts';

/** Phones whose last browser checks no Ed25519 signature by itself (Android 7 and older: Chrome before 137). */

let hub: Hub;
test.beforeAll(async () => {
  hub = await startHub();
});
test.afterAll(() => hub.remove());
// A service worker would hand the worker's script out where no test can put anything before it.
test.use({ serviceWorkers: 'block' });

const WITHOUT_ED25519 = `{
  const { importKey } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.importKey = function (...args) {
    if (args[2] === 'Ed25519') return Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
    return importKey.apply(this, args);
  };
}
`;

test('a browser without Ed25519 loads what checks signatures, and keeps the library; others never load it', async ({
  page,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/ed25519-')) asked.push(request.url());
  });
  const keeps = () =>
    page.evaluate(async () => {
      const names = (await indexedDB.databases()).map(({ name }) => name);
      if (!names.includes('relais-library')) return 0;
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open('relais-library');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const count = await new Promise<number>((resolve) => {
        const request = database.transaction('records').objectStore('records').count();
        request.onsuccess = () => resolve(request.result);
      });
      database.close();
      return count;
    });
  await page.goto(`${hub.url}/fr/akashganga`);
  await expect.poll(keeps).toBeGreaterThan(0);
  expect(asked).toEqual([]);

  await page.evaluate(() => indexedDB.deleteDatabase('relais-library'));
  let changed = 0;
  await page.route('**/assets/worker-*.js', async (route) => {
    const response = await route.fetch();
    changed++;
    await route.fulfill({ response, body: WITHOUT_ED25519 + (await response.text()) });
  });
  await page.goto('about:blank');
  await page.goto(`${hub.url}/fr/akashganga`);
  await expect.poll(keeps).toBeGreaterThan(0);
  expect(changed).toBeGreaterThan(0);
  expect(asked.length).toBeGreaterThan(0);
});
