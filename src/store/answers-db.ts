import { Dexie, type Table } from 'dexie';
import type { AnswerState } from '../core/api/worker-api.ts';
import { type Envelope, type EnvelopeHeader, encodeEnvelope } from '../core/protocol/envelope.ts';
import { numberOf } from '../core/protocol/ids.ts';
import type { SignedReceipt } from '../core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../core/protocol/version.ts';
import type { Courier, OutboxStore } from '../core/sync/ports.ts';

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

/** An answer of somebody else that this device passes on, sealed as it came. */
interface CarriedRecord {
  /** In the order in which they came. */
  readonly seq?: number;
  readonly id: string;
  readonly hash: string;
  readonly size: EnvelopeHeader['size'];
  readonly state: AnswerState;
  readonly header: EnvelopeHeader;
  /** Goes in the transaction that stores the receipt. */
  readonly body?: Uint8Array;
  /** Stays, to be carried back. */
  readonly receipt?: SignedReceipt;
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

/** Read at once: a device may carry thousands. */
const SLICE = 32;
const WAITING: readonly AnswerState[] = ['kept', 'held'];
const UNSETTLED: readonly AnswerState[] = [...WAITING, 'attention'];
const SIZES: readonly EnvelopeHeader['size'][] = [1, 4, 16, 64];

export class AnswersDb extends Dexie implements OutboxStore, Courier {
  declare answers: Table<AnswerRecord, string>;
  declare carried: Table<CarriedRecord, number>;
  declare meta: Table<DeviceRecord, string>;

  constructor(name = ANSWERS_DB) {
    super(name, { chromeTransactionDurability: 'strict' });
    this.version(1).stores({ answers: '&id, &token, number, state', meta: '&key' });
    this.version(2).stores({ carried: '++seq, &[id+hash], id, hash, state, [state+size]' });
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
    const kept = await this.answers.where('state').anyOf(WAITING).toArray();
    kept.sort((a, b) => a.header.n - b.header.n);
    const envelopes: Envelope[] = [];
    const ids = new Set(skip);
    let bytes = 0;
    /** False: it is full. */
    const add = ({ header, body, state }: Pick<CarriedRecord, 'header' | 'body' | 'state'>): boolean => {
      // Of several with one id, the later ones wait for what becomes of the first.
      if (!addressees.includes(header.to) || !body || ids.has(header.id)) return true;
      const envelope = { header, body: state === 'held' ? new Uint8Array(0) : body };
      bytes += encodeEnvelope(envelope).length;
      if (bytes > maxBytes && envelopes.length > 0) return false;
      ids.add(header.id);
      envelopes.push(envelope);
      return true;
    };
    if (!kept.every(add)) return envelopes;
    // Whoever owns the device comes first.
    for await (const slice of this.#carried(WAITING)) if (!slice.every(add)) break;
    return envelopes;
  }

  /** Carried answers in these states, in their order. */
  async *#carried(states: readonly AnswerState[]): AsyncGenerator<readonly CarriedRecord[]> {
    const keys = (await this.carried.where('state').anyOf(states).primaryKeys()).sort((a, b) => a - b);
    for (let at = 0; at < keys.length; at += SLICE) {
      const slice = await this.carried.bulkGet(keys.slice(at, at + SLICE));
      yield slice.flatMap((record) => record ?? []);
    }
  }

  async settle(id: string, receipt: SignedReceipt): Promise<void> {
    await this.transaction('rw', this.answers, this.carried, async () => {
      const answer = await this.answers.get(id);
      if (answer) {
        const { body: _, code: __, ...rest } = answer;
        await this.answers.put({ ...rest, state: 'centre', receipt });
      }
      const other = await this.carried.get({ id, hash: receipt.signed.hash });
      if (!other) return;
      const { body: _, code: __, ...rest } = other;
      await this.carried.put({ ...rest, state: 'centre', receipt });
    });
  }

  async needsAttention(id: string, code: string): Promise<void> {
    // A refusal that comes late changes nothing: the answer has its receipt.
    await this.#change(id, ({ receipt }) => receipt === undefined, { state: 'attention', code });
  }

  async passedOn(id: string, isHeld: boolean): Promise<void> {
    await this.#change(id, ({ state }) => WAITING.includes(state), { state: isHeld ? 'held' : 'kept' });
  }

  /** Changes an own answer, if it is so, and of carried ones with that id the one that is under way. */
  async #change(
    id: string,
    isSo: (answer: AnswerRecord) => boolean,
    change: Pick<AnswerRecord, 'state' | 'code'>,
  ): Promise<void> {
    await this.transaction('rw', this.answers, this.carried, async () => {
      await this.answers.where({ id }).and(isSo).modify(change);
      const underWay = this.carried.where({ id }).and(({ state }) => WAITING.includes(state));
      await underWay.limit(1).modify(change);
    });
  }

  async withoutReceipt(ids: readonly string[]): Promise<readonly EnvelopeHeader[]> {
    const [own, others] = await Promise.all([
      this.answers.bulkGet([...ids]),
      this.carried.where('id').anyOf(ids).toArray(),
    ]);
    return [...own, ...others].flatMap((answer) => (answer && answer.state !== 'centre' ? answer.header : []));
  }

  async carry({ header, body }: Envelope): Promise<boolean> {
    const { id, hash, size } = header;
    return this.transaction('rw', this.answers, this.carried, async () => {
      if (await this.answers.get(id)) return false;
      const known = await this.carried.get({ id, hash });
      if (known) {
        if (known.state !== 'attention') return false;
        const { code: _, ...rest } = known;
        await this.carried.put({ ...rest, state: 'kept' });
        return true;
      }
      // Two that were sealed never have one body: it is made up, to fill this device.
      if ((await this.carried.where({ hash }).count()) > 0) return false;
      await this.carried.add({ id, hash, size, state: 'kept', header, body });
      return true;
    });
  }

  async *waiting(): AsyncGenerator<Envelope> {
    const own = await this.answers.where('state').notEqual('centre').toArray();
    for (const { header, body } of own) if (body) yield { header, body };
    for await (const slice of this.#carried(UNSETTLED))
      for (const { header, body } of slice) if (body) yield { header, body };
  }

  async countWaiting(): Promise<readonly [own: number, others: number]> {
    return Promise.all([
      this.answers.where('state').notEqual('centre').count(),
      this.carried.where('state').notEqual('centre').count(),
    ]);
  }

  async carriedBytes(): Promise<number> {
    const ofSize = async (size: EnvelopeHeader['size']): Promise<number> => {
      const keys = UNSETTLED.map((state): [string, number] => [state, size]);
      return size * 1024 * (await this.carried.where('[state+size]').anyOf(keys).count());
    };
    return (await Promise.all(SIZES.map(ofSize))).reduce((sum, bytes) => sum + bytes, 0);
  }

  async receipts(limit: number): Promise<readonly SignedReceipt[]> {
    const [own, others] = await Promise.all([
      this.answers.where({ state: 'centre' }).toArray(),
      this.carried.where({ state: 'centre' }).reverse().limit(limit).toArray(),
    ]);
    return [...own, ...others].flatMap(({ receipt }) => receipt ?? []).slice(0, limit);
  }

  /** Offers what needed attention once more, answers of others too. Returns how many of its own there were. */
  async retry(): Promise<number> {
    return this.transaction('rw', this.answers, this.carried, async () => {
      const again = (answer: { state: AnswerState; code?: string }): void => {
        answer.state = 'kept';
        delete answer.code;
      };
      await this.carried.where({ state: 'attention' }).modify(again);
      return this.answers.where({ state: 'attention' }).modify(again);
    });
  }

  /** State of an answer, by its number. */
  async stateOf(number: string): Promise<AnswerState | undefined> {
    return (await this.answers.where({ number }).first())?.state;
  }
}
