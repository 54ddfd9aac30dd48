import { Dexie, type Table } from 'dexie';
import type { AnswerState } from '../core/api/worker-api.ts';
import { type Envelope, type EnvelopeHeader, encodeEnvelope } from '../core/protocol/envelope.ts';
import { numberOf } from '../core/protocol/ids.ts';
import type { SignedReceipt } from '../core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../core/protocol/version.ts';
import type { OutboxStore } from '../core/sync/ports.ts';

/**
 * The answers' database. What is in it exists nowhere else until a receipt has come, so every transaction is strictly durable: it
 * completes when the bytes are on the disk (Chromium's default since 121 is "relaxed").
 * Upgrades add or transform; nothing ever drops an answer.
 */
export const ANSWERS_DB = 'relais-answers';

interface AnswerRecord {
  readonly id: string;
  /** The draft it was frozen from: freezing the same one twice gives one answer. */
  readonly token: string;
  /** For people: see `numberOf`. */
  readonly number: string;
  readonly state: AnswerState;
  readonly to: string;
  readonly header: EnvelopeHeader;
  /** The sealed answer. Goes in the transaction that stores the receipt. */
  readonly body?: Uint8Array;
  readonly receipt?: SignedReceipt;
  /** Why it needs a person. */
  readonly code?: string;
}

interface DeviceRecord {
  readonly key: 'device';
  /** Random, base64url of 16 bytes. Names the device to hubs, and tells an evicted store from a kept one. */
  readonly id: string;
  /** Sequence of the last answer. */
  readonly n: number;
}

/** A sealed answer before it has a place in the device's sequence. */
export interface SealedAnswer {
  readonly id: string;
  readonly token: string;
  readonly to: string;
  readonly body: Uint8Array;
  readonly hash: string;
  readonly size: EnvelopeHeader['size'];
}

export class AnswersDb extends Dexie implements OutboxStore {
  declare answers: Table<AnswerRecord, string>;
  declare meta: Table<DeviceRecord, string>;

  constructor(name = ANSWERS_DB) {
    super(name, { chromeTransactionDurability: 'strict' });
    this.version(1).stores({ answers: '&id, &token, number, state', meta: '&key' });
  }

  /** This device's id; made at the first call. */
  async device(fresh: () => string): Promise<string> {
    return this.transaction('rw', this.meta, async () => {
      const known = await this.meta.get('device');
      if (known) return known.id;
      const made: DeviceRecord = { key: 'device', id: fresh(), n: 0 };
      await this.meta.add(made);
      return made.id;
    });
  }

  /**
   * Freezes a sealed answer, once for its token: the sequence number is given inside the transaction that stores it. Once this resolves, the
   * answer is on the disk. Returns its id.
   */
  async freeze(sealed: SealedAnswer, fresh: () => string): Promise<string> {
    return this.transaction('rw', this.answers, this.meta, async () => {
      const { id, token, to, body, hash, size } = sealed;
      const frozen = await this.answers.get({ token });
      if (frozen) return frozen.id;
      const device = (await this.meta.get('device')) ?? { key: 'device', id: fresh(), n: 0 };
      const header: EnvelopeHeader = {
        v: PROTOCOL_VERSION,
        id,
        hash,
        size,
        to,
        dev: device.id,
        n: device.n + 1,
      };
      await this.answers.add({ id, token, number: numberOf(id), state: 'kept', to, header, body });
      await this.meta.put({ ...device, n: header.n });
      return id;
    });
  }

  async unsent(
    addressees: readonly string[],
    maxBytes: number,
    skip: ReadonlySet<string> = new Set(),
  ): Promise<readonly Envelope[]> {
    const kept = await this.answers.where('state').anyOf('kept', 'held').toArray();
    kept.sort((a, b) => a.header.n - b.header.n);
    const envelopes: Envelope[] = [];
    let bytes = 0;
    for (const { to, header, body, state } of kept) {
      if (!addressees.includes(to) || !body || skip.has(header.id)) continue;
      const envelope = { header, body: state === 'held' ? new Uint8Array(0) : body };
      bytes += encodeEnvelope(envelope).length;
      if (bytes > maxBytes && envelopes.length > 0) break;
      envelopes.push(envelope);
    }
    return envelopes;
  }

  async settle(id: string, receipt: SignedReceipt): Promise<void> {
    await this.transaction('rw', this.answers, async () => {
      const answer = await this.answers.get(id);
      if (!answer) return;
      const { body: _, code: __, ...rest } = answer;
      await this.answers.put({ ...rest, state: 'centre', receipt });
    });
  }

  async needsAttention(id: string, code: string): Promise<void> {
    // A refusal that comes late changes nothing: the answer has its receipt.
    await this.answers
      .where({ id })
      .and(({ receipt }) => receipt === undefined)
      .modify({ state: 'attention', code });
  }

  async passedOn(id: string, isHeld: boolean): Promise<void> {
    await this.answers
      .where({ id })
      .and(({ state }) => state === 'kept' || state === 'held')
      .modify({ state: isHeld ? 'held' : 'kept' });
  }

  /** Offers what needed attention once more. Returns how many there were. */
  async retry(): Promise<number> {
    return this.answers.where({ state: 'attention' }).modify((answer: { state: AnswerState; code?: string }) => {
      answer.state = 'kept';
      delete answer.code;
    });
  }

  /** State of an answer, by its number. */
  async stateOf(number: string): Promise<AnswerState | undefined> {
    return (await this.answers.where({ number }).first())?.state;
  }
}
