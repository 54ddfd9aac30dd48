import type { Platform } from '../../src/core/platform.ts';
import { type Envelope, verifyEnvelope } from '../../src/core/protocol/envelope.ts';
import {
  type BatchResult,
  type Receipt,
  type SignedReceipt,
  UNKNOWN_ADDRESSEE,
} from '../../src/core/protocol/receipt.ts';
import type { Root } from '../../src/core/protocol/root.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import type { SignedVouch } from '../../src/core/protocol/vouch.ts';
import { type SigningKey, signWith } from '../box/keys.ts';
import type { ServingKeys } from '../box/serving.ts';
import type { AnswerStore } from './answer-store.ts';

/** Who takes answers at a hub: the centre that they are for, or a hub in between. Each resolves once what it says is on the disk. */
export interface AnswerDesk {
  /** In between: what it takes has not arrived yet. */
  readonly isRelay: boolean;
  /** The library's newest root: whom an answer without a script is sealed to. */
  root(): Root;
  /** Whether a device was here before. */
  knows(device: string): boolean;
  /** Takes an envelope of a batch. One with an empty body asks what became of it. */
  take(envelope: Envelope): Promise<BatchResult>;
  /** Signs that it holds these answers, where it is a hub in between that the library lets speak for it. */
  vouch?(held: readonly { readonly id: string; readonly hash: string }[]): Promise<SignedVouch | undefined>;
  /** Takes an answer that this hub itself has sealed. False: it was here already. */
  takeOwn(envelope: Envelope): Promise<boolean>;
  /** What follows once some were taken; nobody waits for it. */
  afterwards(): Promise<void>;
  /** Throws where the store does not answer. */
  check(): void;
}

/** What a centre signs about an answer that it has on its disk. */
export const receiptBy = (hub: SigningKey, answer: Pick<Receipt, 'id' | 'hash' | 'seq'>): SignedReceipt =>
  signWith(hub, 'receipt', { v: PROTOCOL_VERSION, id: answer.id, hash: answer.hash, by: hub.id, seq: answer.seq });

/** The centre that a library's answers are for: each gets its receipt. */
export class CentreDesk implements AnswerDesk {
  readonly isRelay = false;
  readonly #keys: ServingKeys;
  readonly #answers: AnswerStore;
  readonly #platform: Platform;

  constructor(keys: ServingKeys, answers: AnswerStore, platform: Platform) {
    this.#keys = keys;
    this.#answers = answers;
    this.#platform = platform;
  }

  root(): Root {
    return this.#keys.current().root;
  }

  knows(device: string): boolean {
    return this.#answers.knows(device);
  }

  async take(envelope: Envelope): Promise<BatchResult> {
    const { id, hash, to } = envelope.header;
    const { hub, addressees } = this.#keys.current();
    if (!addressees.has(to)) return { id, status: 'rejected', code: UNKNOWN_ADDRESSEE };
    const stored = await this.#store(envelope);
    if (typeof stored === 'string')
      return stored === 'need' ? { id, status: 'need' } : { id, status: 'rejected', code: stored };
    const receipt = receiptBy(hub, { id, hash, seq: stored.seq });
    return { id, status: stored.fresh ? 'stored' : 'duplicate', receipt };
  }

  async #store(envelope: Envelope): Promise<{ readonly seq: number; readonly fresh: boolean } | 'need' | 'hash'> {
    const { id, hash } = envelope.header;
    if (envelope.body.length === 0) {
      const seq = this.#answers.seqOf(id, hash);
      return seq === undefined ? 'need' : { seq, fresh: false };
    }
    if (!(await verifyEnvelope(this.#platform, envelope))) return 'hash';
    return this.#answers.storeOnce(envelope, Math.floor(this.#platform.now() / 1000));
  }

  async takeOwn(envelope: Envelope): Promise<boolean> {
    const { fresh } = await this.#answers.storeOnce(envelope, Math.floor(this.#platform.now() / 1000));
    return fresh;
  }

  afterwards(): Promise<void> {
    return this.#answers.openPending();
  }

  check(): void {
    this.#answers.check();
  }
}
