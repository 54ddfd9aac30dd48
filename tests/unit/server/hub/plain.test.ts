import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ServingKeys } from '../../../../server/box/serving.ts';
import { AnswerStore } from '../../../../server/hub/answer-store.ts';
import { openDatabase } from '../../../../server/hub/database.ts';
import { CentreDesk } from '../../../../server/hub/desk.ts';
import type { PublishedLibrary } from '../../../../server/hub/library.ts';
import { plainHandler } from '../../../../server/hub/plain.tsx';
import type { FormItem } from '../../../../src/core/protocol/item.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { openBox, testForm } from '../../../support/fixtures.ts';

/** The plain form on a real database whose disk is full. */

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relais-plain-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

it('a full disk at the centre is said, in words and in a code, and nothing passes for stored', async () => {
  const box = await openBox();
  const database = openDatabase(dataDir);
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
  database.exec(`PRAGMA max_page_count = ${pages}`);
  const answers = new AnswerStore(database, () => [box.keys.seal]);
  const form = { ...testForm('fr'), rev: 1 } as FormItem;
  const library = {
    form: () => form,
    site: () => ({ languages: ['fr'], items: { fr: ['pump'] }, centre: { fr: 'Centre' }, styleHash: '' }),
  } as unknown as PublishedLibrary;
  const keys = { current: () => ({ root: box.root }) } as unknown as ServingKeys;
  const events: string[] = [];
  const app = new Hono();
  const log = (_: string, event: string): void => void events.push(event);
  app.post(
    '/o/plain',
    plainHandler({ desk: new CentreDesk(keys, answers, webPlatform), library, log, platform: webPlatform }),
  );
  const send = (token: string, accept: string): Promise<Response> =>
    Promise.resolve(
      app.request('/o/plain', {
        method: 'POST',
        headers: { Accept: accept, 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          form: 'short',
          version: '1',
          item: 'pump',
          lang: 'fr',
          helped: 'yes',
          token,
        }).toString(),
      }),
    );
  let tries = 0;
  let response = await send(`token ${tries}`, 'application/json');
  // A few may still fit into the pages that are there.
  while (response.status === 200 && tries < 100) response = await send(`token ${++tries}`, 'application/json');
  expect(response.status).toBe(507);
  expect(await response.json()).toEqual({ v: PROTOCOL_VERSION, result: 'full' });
  const page = await send('another', 'text/html');
  expect(page.status).toBe(507);
  expect(await page.text()).toContain('Le centre est plein. Gardez votre réponse et revenez.');
  expect(events).toContain('plain.failed');
  await answers.openPending().catch(() => {});
  expect(Number(database.prepare('SELECT count(*) AS n FROM envelopes').get()?.n)).toBe(tries);
  answers.close();
});
