import { expect, type Page, test } from '@playwright/test';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';

/** The operator: signs in, sees answers arrive, takes them away as a table. */
test.describe('the inbox', () => {
  test.use({ viewport: { width: 1280, height: 800 } });
  let hub: Hub;
  test.beforeEach(async () => {
    hub = await startHub();
  });
  test.afterEach(async () => {
    await hub.remove();
  });

  const answer = async (words: string, helped = 'yes'): Promise<void> => {
    const body = new URLSearchParams({ form: 'short', version: '1', item: 'akashganga', lang: 'fr', helped, words });
    const response = await fetch(`${hub.url}/o/plain`, { method: 'POST', body });
    expect(response.status).toBe(200);
  };

  const signIn = async (page: Page, code = hub.code): Promise<void> => {
    await page.goto(`${hub.url}/inbox`);
    await page.getByLabel('Code du centre').fill(code);
    await page.getByRole('button', { name: 'Entrer' }).click();
  };

  test('answers arrive while it is open, and go out as CSV that no spreadsheet runs', async ({ page }) => {
    await answer('Première question');
    await signIn(page);
    await expect(page.getByText('Première question')).toBeVisible();
    // Rows under the pointer stay where they are: new ones would wait for a tap.
    await page.mouse.move(0, 0);
    await answer('=HYPERLINK("http://mauvais.example","cliquez")', 'no');
    await expect(page.getByText('=HYPERLINK').first()).toBeVisible({ timeout: 15_000 });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /CSV/ }).click(),
    ]);
    const stream = await download.createReadStream();
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    const csv = Buffer.concat(parts).toString('utf8');
    expect(csv.startsWith('\ufeff"seq","number","received"')).toBe(true);
    expect(csv.split('\r\n')[0]).toContain('"helped","words","who","other"');
    expect(csv).toContain('"Première question"');
    expect(csv).toContain(`"'=HYPERLINK(""http://mauvais.example"",""cliquez"")"`);
  });

  test('an answer opens with its number and every question', async ({ page }) => {
    await answer('Qui parle zarma ?', 'some');
    await signIn(page);
    await page.getByText('Qui parle zarma ?').first().click();
    const number = answersAt(hub)[0]?.number ?? '';
    await expect(page.getByText(`${number.slice(0, 4)}\u00a0${number.slice(4)}`).last()).toBeVisible();
    await expect(page.getByText('Un peu').last()).toBeVisible();
  });

  test('a wrong code is slow, limited and logged', async ({ page }) => {
    await signIn(page, 'AAAA-BBBB-CCCC');
    await expect(page.getByRole('alert')).toContainText('n’est pas le bon');
    const started = Date.now();
    const codes: number[] = [];
    for (let i = 0; i < 6; i++) {
      const response = await fetch(`${hub.url}/inbox/api/session`, {
        method: 'POST',
        body: JSON.stringify({ code: `X${i}` }),
      });
      codes.push(response.status);
    }
    expect(Date.now() - started).toBeGreaterThan(1_000);
    expect(codes.filter((code) => code === 401).length).toBeLessThanOrEqual(5);
    expect(codes.at(-1)).toBe(429);
    expect(hub.log()).toContain('"event":"inbox.refused"');
    expect(hub.log()).toContain('"event":"inbox.limited"');
    const right = await fetch(`${hub.url}/inbox/api/session`, {
      method: 'POST',
      body: JSON.stringify({ code: hub.code }),
    });
    expect(right.status).toBe(429);
  });

  test('nothing is to be had without signing in, or from another site', async () => {
    for (const path of ['answers', 'export.csv']) {
      const response = await fetch(`${hub.url}/inbox/api/${path}`);
      expect(response.status).toBe(401);
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
    const cross = await fetch(`${hub.url}/inbox/api/session`, {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'cross-site' },
      body: JSON.stringify({ code: hub.code }),
    });
    expect(cross.status).toBe(403);
  });

  test('signing out ends it, also for the cookie', async ({ page }) => {
    await signIn(page);
    await page.getByRole('button', { name: 'Sortir' }).click();
    await expect(page.getByLabel('Code du centre')).toBeVisible();
    expect((await page.request.get(`${hub.url}/inbox/api/answers`)).status()).toBe(401);
  });
});
