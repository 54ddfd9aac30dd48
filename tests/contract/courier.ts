import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Envelope } from '../../src/core/protocol/envelope.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import type { Courier, OutboxStore } from '../../src/core/sync/ports.ts';
import type { SealedAnswer } from '../../src/store/answers-db.ts';
import { listOf } from '../support/list-of.ts';
import { sampleId, sampleReceipt, sampleSealed } from './samples.ts';

export interface OpenCourier {
  readonly store: OutboxStore & Courier & { retry(): Promise<number> };
  /** Puts an answer of this device into the queue, under the given id. */
  add(sealed: SealedAnswer, id: string): Promise<void>;
  close(): Promise<void>;
}

const EVERYTHING = 1 << 30;
const TO = sampleSealed(1).to;

/** An answer of another device. `copy`: another body under the same id. */
const envelopeOf = (n: number, copy = n): Envelope => {
  const { body, hash, size, to } = sampleSealed(copy);
  return { header: { v: PROTOCOL_VERSION, id: sampleId(n), hash, size, to, dev: 'e'.repeat(22), n }, body };
};
const receiptOf = ({ header }: Envelope) => {
  const receipt = sampleReceipt(header.id);
  return { ...receipt, signed: { ...receipt.signed, hash: header.hash } };
};

/** What every store does that carries answers of others beside its own. */
export const courierContract = (name: string, open: () => Promise<OpenCourier>): void => {
  describe(`${name}, as a courier`, () => {
    let courier: OpenCourier;
    beforeEach(async () => {
      courier = await open();
    });
    afterEach(() => courier.close());

    const offered = async (maxBytes = EVERYTHING, skip?: ReadonlySet<string>) =>
      (await courier.store.unsent([TO], maxBytes, skip)).map(({ header }) => header.id);
    const allWaiting = () => listOf(courier.store.waiting());

    it('takes an answer once, and offers it behind its own, byte for byte', async () => {
      expect([await courier.store.carry(envelopeOf(8)), await courier.store.carry(envelopeOf(8))]).toEqual([
        true,
        false,
      ]);
      await courier.add(sampleSealed(1), sampleId(1));
      expect(await offered()).toEqual([1, 8].map(sampleId));
      expect((await courier.store.unsent([TO], EVERYTHING))[1]).toEqual(envelopeOf(8));
      expect(await offered(EVERYTHING, new Set([sampleId(8)]))).toEqual([sampleId(1)]);
      expect(await courier.store.unsent([], EVERYTHING)).toEqual([]);
    });

    it('never takes its own answer for one of another', async () => {
      await courier.add(sampleSealed(1), sampleId(1));
      expect(await courier.store.carry(envelopeOf(1))).toBe(false);
      expect(await courier.store.carry(envelopeOf(1, 5))).toBe(false);
      await courier.store.settle(sampleId(1), sampleReceipt(sampleId(1)));
      expect(await courier.store.carry(envelopeOf(1))).toBe(false);
      expect(await offered()).toEqual([]);
    });

    it('gives no more bytes than asked for, across both', async () => {
      await courier.add(sampleSealed(1, TO, 1_000), sampleId(1));
      for (let n = 10; n < 60; n++) await courier.store.carry(envelopeOf(n));
      expect(await offered(1)).toEqual([sampleId(1)]);
      expect(await offered()).toEqual([1, ...Array.from({ length: 50 }, (_, i) => i + 10)].map(sampleId));
    });

    it('lets go of an answer with its receipt, and keeps the receipt to carry it back', async () => {
      await courier.add(sampleSealed(1), sampleId(1));
      for (const n of [8, 9]) await courier.store.carry(envelopeOf(n));
      await courier.store.settle(sampleId(8), receiptOf(envelopeOf(8)));
      expect(await offered()).toEqual([1, 9].map(sampleId));
      expect(await courier.store.receipts(10)).toEqual([receiptOf(envelopeOf(8))]);
      // Told the same again, and offered again: nothing.
      await courier.store.settle(sampleId(8), receiptOf(envelopeOf(8)));
      expect(await courier.store.carry(envelopeOf(8))).toBe(false);
      await courier.store.settle(sampleId(1), sampleReceipt(sampleId(1)));
      expect(await courier.store.receipts(10)).toHaveLength(2);
      expect(await courier.store.receipts(1)).toHaveLength(1);
      expect(await courier.store.receipts(10, true)).toEqual([receiptOf(envelopeOf(8))]);
      expect((await allWaiting()).map(({ header }) => header.id)).toEqual([sampleId(9)]);
    });

    it('hands on all without a receipt, whole, also what a hub in between has, and its own that need a person', async () => {
      for (const n of [1, 2]) await courier.add(sampleSealed(n), sampleId(n));
      await courier.store.carry(envelopeOf(8));
      await courier.store.needsAttention(sampleId(1), 'hash');
      for (const n of [2, 8]) await courier.store.passedOn(sampleId(n), true);
      expect(await courier.store.countWaiting()).toEqual([2, 1]);
      expect((await courier.store.unsent([TO], EVERYTHING)).map(({ body }) => body.length)).toEqual([0, 0]);
      const bodies = (await allWaiting()).map(({ header, body }) => [header.id, body]);
      expect(bodies).toEqual([1, 2, 8].map((n) => [sampleId(n), sampleSealed(n).body]));
      await courier.store.passedOn(sampleId(8), false);
      expect((await courier.store.unsent([TO], EVERYTHING)).at(-1)).toEqual(envelopeOf(8));
    });

    it('hands on what was refused, and offers it again where it comes again, or somebody asks for it', async () => {
      await courier.add(sampleSealed(1), sampleId(1));
      await courier.store.carry(envelopeOf(8));
      const refuse = () => courier.store.needsAttention(sampleId(8), 'hash');
      await refuse();
      expect(await offered()).toEqual([sampleId(1)]);
      expect(await allWaiting()).toContainEqual(envelopeOf(8));
      expect(await courier.store.countWaiting()).toEqual([1, 1]);
      expect(await courier.store.carry(envelopeOf(8))).toBe(true);
      expect(await offered()).toEqual([1, 8].map(sampleId));
      await refuse();
      await courier.store.retry();
      expect(await offered()).toEqual([1, 8].map(sampleId));
    });

    it('takes no body twice under names that were made up, and says how much it carries', async () => {
      await courier.store.carry(envelopeOf(8));
      expect(await courier.store.carry(envelopeOf(9, 8))).toBe(false);
      const { header, body } = envelopeOf(10);
      await courier.store.carry({ header: { ...header, size: 64 }, body });
      expect(await courier.store.carriedBytes()).toBe(65 * 1024);
      await courier.store.settle(sampleId(8), receiptOf(envelopeOf(8)));
      expect(await courier.store.carriedBytes()).toBe(64 * 1024);
      await courier.store.needsAttention(sampleId(10), 'hash');
      expect(await courier.store.carriedBytes()).toBe(64 * 1024);
    });

    it('offers one of several with the same id, and the next once it knows what became of the first', async () => {
      for (const copy of [8, 9]) await courier.store.carry(envelopeOf(8, copy));
      expect(await courier.store.unsent([TO], EVERYTHING)).toEqual([envelopeOf(8, 8)]);
      await courier.store.needsAttention(sampleId(8), 'hash');
      expect(await courier.store.unsent([TO], EVERYTHING)).toEqual([envelopeOf(8, 9)]);
      await courier.store.settle(sampleId(8), receiptOf(envelopeOf(8, 9)));
      expect(await offered()).toEqual([]);
      // A receipt of the other one's bytes says nothing of these.
      expect(await courier.store.receipts(10)).toEqual([receiptOf(envelopeOf(8, 9))]);
    });
  });
};
