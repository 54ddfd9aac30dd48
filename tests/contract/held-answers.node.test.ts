import { expect, it } from 'vitest';
import { openDatabaseFile } from '../../server/hub/database.ts';
import { HeldAnswers } from '../../server/mirror/held-answers.ts';
import type { SignedReceipt } from '../../src/core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import type { SealedAnswer } from '../../src/store/answers-db.ts';
import { codeFrom } from '../support/fixtures.ts';
import { outboxStoreContract } from './outbox-store.ts';
import { sampleId, sampleReceipt, sampleSealed } from './samples.ts';

outboxStoreContract('HeldAnswers', async () => {
  const database = openDatabaseFile(':memory:');
  const store = new HeldAnswers(database);
  let n = 0;
  return {
    store,
    async add({ body, hash, size, to }, id) {
      store.store({ header: { v: PROTOCOL_VERSION, id, hash, size, to, dev: 'd'.repeat(22), n: ++n }, body }, 1);
    },
    async look(id) {
      const row = database.prepare('SELECT body, receipt, refused FROM held WHERE id = ?').get(id);
      if (!row) return undefined;
      const receipt = row.receipt === null ? undefined : (JSON.parse(String(row.receipt)) as SignedReceipt);
      const code = row.refused === null ? undefined : String(row.refused);
      return { body: row.body === null ? undefined : (row.body as Uint8Array), receipt, code };
    },
    close: async () => store.close(),
  };
});

it('names a full disk, and says nothing of what it did not store', async () => {
  const database = openDatabaseFile(':memory:');
  const store = new HeldAnswers(database);
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
  database.exec(`PRAGMA max_page_count = ${pages}`);
  const { body, hash, size, to, id } = sampleSealed(1, undefined, 80_000);
  const header = { v: PROTOCOL_VERSION, id, hash, size, to, dev: 'd'.repeat(22), n: 1 };
  expect(await codeFrom(async () => store.store({ header, body }, 1))).toBe('full');
  expect(store.find(id, hash)).toBeUndefined();
  expect(store.counts()).toEqual({ waiting: 0, arrived: 0, refused: 0 });
});

it('offers the later of two with one id after the first has its receipt, and what was refused once more', async () => {
  const store = new HeldAnswers(openDatabaseFile(':memory:'));
  const [one, other] = [sampleSealed(1), sampleSealed(2)];
  const headerOf = ({ hash, size, to }: SealedAnswer, n: number) =>
    ({ v: PROTOCOL_VERSION, id: sampleId(1), hash, size, to, dev: 'd'.repeat(22), n }) as const;
  for (const [i, sealed] of [one, other].entries())
    expect(store.store({ header: headerOf(sealed, i + 1), body: sealed.body }, 1)).toBe(true);
  expect(store.store({ header: headerOf(one, 1), body: one.body }, 1)).toBe(false);
  const offered = async () => (await store.unsent([one.to], 1 << 30)).map(({ header }) => header.hash);
  expect(await offered()).toEqual([one.hash]);
  await store.needsAttention(sampleId(1), 'hash');
  expect([await offered(), store.find(sampleId(1), one.hash)?.refused]).toEqual([[other.hash], 'hash']);
  await store.settle(sampleId(1), sampleReceipt(sampleId(1), 2));
  expect([await offered(), store.counts()]).toEqual([[], { waiting: 0, arrived: 1, refused: 1 }]);
  store.renew({ header: headerOf(one, 1), body: one.body });
  expect(await offered()).toEqual([one.hash]);
});

it('offers whole what was refused, once somebody asks', async () => {
  const store = new HeldAnswers(openDatabaseFile(':memory:'));
  const [one, other] = [sampleSealed(1), sampleSealed(2)];
  for (const [i, { hash, size, to, body }] of [one, other].entries())
    store.store(
      { header: { v: PROTOCOL_VERSION, id: sampleId(i + 1), hash, size, to, dev: 'd'.repeat(22), n: 1 }, body },
      1,
    );
  for (const n of [1, 2]) {
    await store.passedOn(sampleId(n), true);
    await store.needsAttention(sampleId(n), 'hash');
  }
  await store.settle(sampleId(2), sampleReceipt(sampleId(2), 2));
  expect(await store.unsent([one.to], 1 << 30)).toEqual([]);
  store.retry();
  const waiting = await store.unsent([one.to], 1 << 30);
  expect(waiting.map(({ header, body }) => [header.id, body.length])).toEqual([[sampleId(1), one.body.length]]);
  expect(store.counts()).toEqual({ waiting: 1, arrived: 1, refused: 0 });
});
