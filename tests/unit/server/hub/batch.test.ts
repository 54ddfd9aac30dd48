import { Hono } from 'hono';
import { beforeEach, expect, it } from 'vitest';
import { batchRoutes } from '../../../../server/hub/batch.ts';
import type { AnswerDesk } from '../../../../server/hub/desk.ts';
import { OFFSET, uploadTag } from '../../../../src/core/protocol/upload.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';

/** How often a batch that was cut may be gone on with. */

const MINE = 'm'.repeat(43);
const THEIRS = 't'.repeat(43);
const BYTES = new Uint8Array(3_000);

let app: Hono;
let now: number;
beforeEach(() => {
  now = 0;
  app = new Hono();
  const uploads = {
    read: (name: string) => ([MINE, THEIRS].includes(name) ? BYTES : undefined),
    write: () => {},
  };
  // Nothing in these bytes is an answer: it is never asked.
  const desk = { isRelay: false } as AnswerDesk;
  const platform = { ...webPlatform, now: () => now };
  batchRoutes(app, { desk, uploads, log: () => {}, platform, appOrigin: undefined });
});

const head = async (name: string): Promise<number> =>
  (await app.request(`/o/batch/${name}`, { method: 'HEAD' })).status;
/** Goes on, and is cut or not understood. */
const goOn = async (name: string): Promise<Response> => {
  const headers = { [OFFSET]: String(BYTES.length), 'If-Match': await uploadTag(webPlatform, BYTES) };
  return app.request(`/o/batch/${name}`, { method: 'PATCH', headers, body: 'x' });
};

it('refuses past so many requests, says when, and lets others go on meanwhile', async () => {
  for (let i = 0; i < 300; i++) expect([await head(THEIRS), (await goOn(THEIRS)).status]).toEqual([200, 400]);
  expect(await head(THEIRS)).toBe(429);
  const refused = await goOn(THEIRS);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  expect(await refused.json()).toMatchObject({ error: 'busy' });
  expect([await head(MINE), (await goOn(MINE)).status]).toEqual([200, 400]);
  now += 60_000;
  expect([await head(THEIRS), (await goOn(THEIRS)).status]).toEqual([200, 400]);
});

it('never refuses a phone whose link is cut three times a second, for five minutes', async () => {
  for (let i = 0; i < 3 * 60 * 5; i++) {
    expect([await head(MINE), (await goOn(MINE)).status]).toEqual([200, 400]);
    now += 1_000 / 3;
  }
});

it('says of what is not here that it is not, however often', async () => {
  for (let i = 0; i < 1_000; i++) expect(await head('n'.repeat(43))).toBe(404);
  expect((await goOn('n'.repeat(43))).status).toBe(412);
});
