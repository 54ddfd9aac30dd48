import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeEnvelope } from '../../src/core/protocol/envelope.ts';
import type { SignedReceipt } from '../../src/core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import type { OutboxStore } from '../../src/core/sync/ports.ts';
import type { SealedAnswer } from '../../src/store/answers-db.ts';
import { sampleId, sampleReceipt, sampleSealed } from './samples.ts';

/** What a store shows of one answer. */
export interface Kept {
  /** The sealed body; undefined where it is gone; `hidden` where the implementation does not show it. */
  readonly body: Uint8Array | undefined | 'hidden';
  readonly receipt: SignedReceipt | undefined;
  readonly code: string | undefined;
}

export interface OpenOutbox {
  readonly store: OutboxStore;
  /** Puts a sealed answer into the queue, behind all others, under the given id. */
  add(sealed: SealedAnswer, id: string): Promise<void>;
  look(id: string): Promise<Kept | undefined>;
  close(): Promise<void>;
}

const TO = sampleSealed(1).to;
const EVERYTHING = 1 << 30;

/** What every `OutboxStore` does. */
export const outboxStoreContract = (name: string, open: () => Promise<OpenOutbox>): void => {
  describe(`${name}, as an outbox`, () => {
    let outbox: OpenOutbox;
    beforeEach(async () => {
      outbox = await open();
    });
    afterEach(() => outbox.close());

    const waiting = async (to: readonly string[] = [TO], maxBytes = EVERYTHING) =>
      (await outbox.store.unsent(to, maxBytes)).map(({ header }) => header.id);
    const expectBody = async (id: string, body: Uint8Array | undefined) => {
      const kept = await outbox.look(id);
      if (kept?.body !== 'hidden') expect(kept?.body).toEqual(body);
    };

    it('begins with nothing', async () => {
      expect(await waiting()).toEqual([]);
    });

    it('gives back the header and the very bytes that went in', async () => {
      const sealed = sampleSealed(1, TO, 80 * 1024);
      await outbox.add(sealed, sampleId(1));
      const [envelope] = await outbox.store.unsent([TO], EVERYTHING);
      expect(envelope?.body).toEqual(sealed.body);
      expect(envelope?.header).toMatchObject({
        v: PROTOCOL_VERSION,
        id: sampleId(1),
        hash: sealed.hash,
        size: 1,
        to: TO,
        n: 1,
      });
    });

    it('gives answers in the order of their sequence, though a clock that was set back made their ids fall', async () => {
      const ids = [5, 3, 9, 1, 7].map(sampleId);
      for (const [i, id] of ids.entries()) await outbox.add(sampleSealed(i), id);
      expect(await waiting()).toEqual(ids);
    });

    it('gives only what is for one of the addressees', async () => {
      const other = sampleSealed(2, 'other-key-1').to;
      await outbox.add(sampleSealed(1), sampleId(1));
      await outbox.add(sampleSealed(2, other), sampleId(2));
      await outbox.add(sampleSealed(3), sampleId(3));
      expect(await waiting()).toEqual([sampleId(1), sampleId(3)]);
      expect(await waiting([other])).toEqual([sampleId(2)]);
      expect(await waiting([other, TO])).toEqual([1, 2, 3].map(sampleId));
      expect(await waiting([])).toEqual([]);
    });

    it('gives no more bytes than asked for, but one answer always', async () => {
      for (const n of [1, 2, 3]) await outbox.add(sampleSealed(n, TO, 1_000), sampleId(n));
      const all = await outbox.store.unsent([TO], EVERYTHING);
      const [a, b] = all.map((envelope) => encodeEnvelope(envelope).length) as [number, number];
      expect(await waiting([TO], a + b)).toEqual([1, 2].map(sampleId));
      expect(await waiting([TO], a + b - 1)).toEqual([sampleId(1)]);
      expect(await waiting([TO], 1)).toEqual([sampleId(1)]);
      expect(await waiting([TO], 0)).toEqual([sampleId(1)]);
    });

    it('lets an answer go with its receipt, which stays, and with it its body', async () => {
      for (const n of [1, 2]) await outbox.add(sampleSealed(n), sampleId(n));
      await expectBody(sampleId(1), sampleSealed(1).body);
      await outbox.store.settle(sampleId(1), sampleReceipt(sampleId(1)));
      expect(await waiting()).toEqual([sampleId(2)]);
      expect(await outbox.look(sampleId(1))).toMatchObject({ receipt: sampleReceipt(sampleId(1)), code: undefined });
      await expectBody(sampleId(1), undefined);
      await expectBody(sampleId(2), sampleSealed(2).body);
    });

    it('keeps an answer that needs a person, but does not offer it again', async () => {
      for (const n of [1, 2]) await outbox.add(sampleSealed(n), sampleId(n));
      await outbox.store.needsAttention(sampleId(1), 'hash');
      expect(await waiting()).toEqual([sampleId(2)]);
      expect(await outbox.look(sampleId(1))).toMatchObject({ code: 'hash', receipt: undefined });
      await expectBody(sampleId(1), sampleSealed(1).body);
    });

    it('takes a receipt that comes after a refusal', async () => {
      await outbox.add(sampleSealed(1), sampleId(1));
      await outbox.store.needsAttention(sampleId(1), 'malformed');
      await outbox.store.settle(sampleId(1), sampleReceipt(sampleId(1)));
      expect(await outbox.look(sampleId(1))).toMatchObject({ receipt: sampleReceipt(sampleId(1)), code: undefined });
      expect(await waiting()).toEqual([]);
    });

    it('takes no refusal of what has its receipt already', async () => {
      await outbox.add(sampleSealed(1), sampleId(1));
      await outbox.store.settle(sampleId(1), sampleReceipt(sampleId(1)));
      await outbox.store.needsAttention(sampleId(1), 'malformed');
      expect(await outbox.look(sampleId(1))).toMatchObject({ receipt: sampleReceipt(sampleId(1)), code: undefined });
    });

    it('offers the header alone of what is held by a hub in between, until a hub needs the rest', async () => {
      for (const n of [1, 2]) await outbox.add(sampleSealed(n), sampleId(n));
      await outbox.store.passedOn(sampleId(1), true);
      await expectBody(sampleId(1), sampleSealed(1).body);
      const lengths = async () => (await outbox.store.unsent([TO], EVERYTHING)).map(({ body }) => body.length);
      const whole = sampleSealed(1).body.length;
      expect(await waiting()).toEqual([1, 2].map(sampleId));
      expect(await lengths()).toEqual([0, whole]);
      await outbox.store.passedOn(sampleId(1), false);
      expect(await lengths()).toEqual([whole, whole]);
      await outbox.store.passedOn(sampleId(1), true);
      await outbox.store.settle(sampleId(1), sampleReceipt(sampleId(1)));
      expect(await waiting()).toEqual([sampleId(2)]);
      await outbox.store.passedOn(sampleId(9), true);
      expect(await outbox.look(sampleId(9))).toBeUndefined();
    });

    it('names all without a receipt among ids that it is asked for, also what was refused or is held', async () => {
      for (const n of [1, 2, 3, 4]) await outbox.add(sampleSealed(n), sampleId(n));
      await outbox.store.settle(sampleId(1), sampleReceipt(sampleId(1)));
      await outbox.store.needsAttention(sampleId(2), 'hash');
      await outbox.store.passedOn(sampleId(3), true);
      const named = await outbox.store.withoutReceipt([1, 2, 3, 9].map(sampleId));
      expect(named.map(({ id }) => id).toSorted()).toEqual([2, 3].map(sampleId).toSorted());
      expect(await outbox.store.withoutReceipt([])).toEqual([]);
    });

    it('finds them by the beginnings of their ids too, and no others', async () => {
      for (const n of [1, 2, 30]) await outbox.add(sampleSealed(n), sampleId(n));
      const named = async (...ids: string[]) => (await outbox.store.withoutReceipt(ids)).map(({ id }) => id).toSorted();
      expect(await named(sampleId(1).slice(0, 8))).toEqual([1, 2, 30].map(sampleId).toSorted());
      expect(await named(sampleId(30).slice(0, 18), sampleId(2))).toEqual([2, 30].map(sampleId).toSorted());
      expect(await named('ffffffff-ffff-8fff')).toEqual([]);
    });

    it('does nothing for an answer that it does not have', async () => {
      await outbox.add(sampleSealed(1), sampleId(1));
      await outbox.store.settle(sampleId(2), sampleReceipt(sampleId(2)));
      await outbox.store.needsAttention(sampleId(2), 'hash');
      expect(await outbox.look(sampleId(2))).toBeUndefined();
      expect(await waiting()).toEqual([sampleId(1)]);
    });

    it('may be told the same twice', async () => {
      await outbox.add(sampleSealed(1), sampleId(1));
      for (const n of [1, 2]) await outbox.store.settle(sampleId(1), sampleReceipt(sampleId(1), n));
      expect((await outbox.look(sampleId(1)))?.receipt).toBeDefined();
      expect(await waiting()).toEqual([]);
    });
  });
};
