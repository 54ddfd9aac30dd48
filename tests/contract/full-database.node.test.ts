import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Hono } from 'hono';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { batchRoutes } from '../../server/hub/batch.ts';
import { openDatabase } from '../../server/hub/database.ts';
import { HeldAnswers } from '../../server/mirror/held-answers.ts';
import { openMirrorDatabase } from '../../server/mirror/mirror-database.ts';
import { MirrorStore } from '../../server/mirror/mirror-store.ts';
import { RelayDesk } from '../../server/mirror/relay-desk.ts';
import { type Envelope, encodeBatch } from '../../src/core/protocol/envelope.ts';
import { parseReply, verifyReceipt } from '../../src/core/protocol/receipt.ts';
import { type Root, rootIdentity } from '../../src/core/protocol/root.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { centreHere } from '../support/centre-here.ts';
import { sealedAnswer, testLetter } from '../support/fixtures.ts';

/** Hubs whose database may not grow: SQLite itself says that the disk is full. */

const CODE = 'ABCD-EFGH-JKMN';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relais-full-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let n = 0;
const sealed = (root: Root, words = 'x'.repeat(800)): Promise<Envelope> =>
  sealedAnswer(webPlatform, root, ++n, testLetter({ words }));
const post = async (app: Hono, ...envelopes: readonly Envelope[]): Promise<readonly [number, unknown]> => {
  const response = await app.request('/o/batch', { method: 'POST', body: encodeBatch(envelopes) });
  return [response.status, await response.json()];
};
const count = (database: DatabaseSync, table: string): number =>
  Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
const stopGrowing = (database: DatabaseSync): void => {
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
  database.exec(`PRAGMA max_page_count = ${pages}`);
};
const makeRoom = (database: DatabaseSync): void => database.exec('PRAGMA max_page_count = 1000000');

/** Answers until there is no room for one more: what was taken, and the one that was not. */
const fill = async (
  app: Hono,
  root: Root,
): Promise<{ taken: readonly Envelope[]; refused: Envelope; reply: unknown }> => {
  const taken: Envelope[] = [];
  for (;;) {
    const envelope = await sealed(root);
    const [status, reply] = await post(app, envelope);
    if (status !== 200) return { taken, refused: envelope, reply: [status, reply] };
    taken.push(envelope);
    expect(taken.length).toBeLessThan(100);
  }
};
/** Leaves no room for one more device, and what there is for answers. */
const fillDevices = (database: DatabaseSync): void => {
  stopGrowing(database);
  const insert = database.prepare('INSERT INTO devices (id, known_since) VALUES (?, 0)');
  for (const length of [36, 8, 4])
    expect(() => {
      for (;;) insert.run(randomUUID().slice(-length));
    }).toThrow(/full/);
};
/** Not one of half an answer stays: its device would be a stranger for ever. */
const expectWhole = async (app: Hono, database: DatabaseSync, root: Root, table: string): Promise<void> => {
  expect((await post(app, await sealed(root, 'x')))[0]).toBe(200);
  fillDevices(database);
  // One page more at a time: where there is room for the answer, and none for its device, neither stays.
  for (let more = 0; more < 6; more++) {
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
    database.exec(`PRAGMA max_page_count = ${pages + more}`);
    const before = count(database, table);
    const { header, body } = await sealed(root, 'x');
    const [status] = await post(app, { header: { ...header, dev: 'A'.repeat(21) + 'AQgw'[more % 4] }, body });
    expect([status, count(database, table) - before]).toEqual(status === 200 ? [200, 1] : [507, 0]);
    if (status === 200) break;
  }
  makeRoom(database);
};
const FULL = [507, expect.objectContaining({ error: 'full' })];

it('a centre refuses in words, gives no receipt, serves all else, and takes the same answer once there is room', {
  timeout: 120_000,
}, async () => {
  const { app, database, keys, close } = await centreHere(folder, CODE);
  const { root } = keys.current();
  const early = await sealed(root);
  expect((await post(app, early))[0]).toBe(200);
  const signedIn = await app.request('/inbox/api/session', { method: 'POST', body: JSON.stringify({ code: CODE }) });
  const inbox = async (): Promise<number> => {
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const response = await app.request('/inbox/api/answers', { headers: { cookie } });
    expect(response.status).toBe(200);
    return ((await response.json()) as { answers: unknown[] }).answers.length;
  };
  expect(await inbox()).toBe(1);

  stopGrowing(database);
  const { taken, refused, reply } = await fill(app, root);
  expect(reply).toEqual(FULL);
  expect(reply).not.toHaveProperty('1.results');
  expect(await post(app, refused)).toEqual(FULL);
  expect(count(database, 'envelopes')).toBe(1 + taken.length);
  // Of several, those that are here have their receipts.
  const [status, partly] = await post(app, early, refused);
  expect([status, parseReply(partly).results.map(({ id }) => id)]).toEqual([200, [early.header.id]]);

  const form = new URLSearchParams({ form: 'short', version: '1', item: 'akashganga', lang: 'fr', helped: 'yes' });
  form.set('words', 'y'.repeat(400));
  const plain = await app.request('/o/plain', { method: 'POST', body: form });
  expect([plain.status, await plain.text()]).toEqual([
    507,
    expect.stringContaining('Le centre est plein. Gardez votre réponse et revenez.'),
  ]);
  for (const path of ['/fr/', '/fr/akashganga', '/c/head', '/c/full/fr.pack', '/healthz'])
    expect([path, (await app.request(path)).status]).toEqual([path, 200]);
  makeRoom(database);
  const [again, accepted] = await post(app, refused);
  const [result] = parseReply(accepted).results;
  if (result?.status !== 'stored') throw new Error('It was not stored.');
  expect(again).toBe(200);
  expect(await verifyReceipt(webPlatform, root, refused.header, result.receipt)).toBeDefined();
  expect(count(database, 'envelopes')).toBe(2 + taken.length);
  expect(await inbox()).toBe(2 + taken.length);

  // No room to open what has come.
  const insert = database.prepare('INSERT INTO envelopes (id, hash, header, body, received) VALUES (?, ?, ?, ?, 0)');
  for (let i = 0; i < 10; i++) {
    const { header, body } = await sealed(root);
    insert.run(header.id, header.hash, JSON.stringify(header), body);
  }
  stopGrowing(database);
  const shown = await inbox();
  expect(shown).toBeGreaterThanOrEqual(2 + taken.length);
  expect(shown).toBeLessThan(12 + taken.length);
  makeRoom(database);
  expect(await inbox()).toBe(12 + taken.length);
  await expectWhole(app, database, root, 'envelopes');
  close();
});

it('a hub in between says so too, holds nothing by half, and holds the same answer once there is room', async () => {
  const { keys, close } = await centreHere(join(folder, 'centre'), CODE);
  const { root } = keys.current();
  close();
  const store = new MirrorStore(openMirrorDatabase(':memory:'));
  await store.saveLibrary({ root, identity: rootIdentity(root), head: undefined, table: undefined });
  const database = openDatabase(folder);
  const held = new HeldAnswers(database);
  const desk = new RelayDesk({ held, platform: webPlatform, store, key: () => undefined, nudge: () => {} });
  const app = new Hono();
  const uploads = { read: () => undefined, write: () => {} };
  batchRoutes(app, { desk, uploads, log: () => {}, platform: webPlatform, appOrigin: undefined });

  stopGrowing(database);
  const { taken, refused, reply } = await fill(app, root);
  expect(reply).toEqual(FULL);
  expect(count(database, 'held')).toBe(taken.length);
  expect(count(database, 'devices')).toBe(Math.min(1, taken.length));
  makeRoom(database);
  const [again, accepted] = await post(app, refused);
  expect([again, parseReply(accepted).results.map((result) => result.status)]).toEqual([200, ['held']]);
  expect(count(database, 'held')).toBe(taken.length + 1);
  await expectWhole(app, database, root, 'held');
  held.close();
});
