import type { AnswerState } from '../core/api/worker-api.ts';
import { type Envelope, type EnvelopeHeader, encodeEnvelope } from '../core/protocol/envelope.ts';
import { numberOf } from '../core/protocol/ids.ts';
import type { SignedReceipt } from '../core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../core/protocol/version.ts';
import type { Courier, OutboxStore } from '../core/sync/ports.ts';
import {
  ANSWERS_STEPS,
  type AnswerRecord,
  type AnswersSchema,
  type CarriedRecord,
  type DeviceRecord,
} from './answers-schema.ts';
import { Database, type Reading } from './database.ts';

/**
 * The answers' database. What is in it exists nowhere else until a receipt has come, so every transaction is strictly durable: it
 * completes when the bytes are on the disk (Chromium's default since 121 is "relaxed").
 * Upgrades add or transform; nothing ever drops an answer.
 */
export const ANSWERS_DB = 'relais-answers';

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
const BOTH = ['answers', 'carried'] as const;

type Both = (typeof BOTH)[number];

export class AnswersDb extends Database<AnswersSchema> implements OutboxStore, Courier {
  constructor(name = ANSWERS_DB) {
    super(name, ANSWERS_STEPS, 'strict');
  }

  /** This device's id; made at the first call. */
  async device(fresh: () => string): Promise<string> {
    return this.write(['meta'], async (at) => {
      const known = await at('meta').get('device');
      if (known) return known.id;
      const made: DeviceRecord = { key: 'device', id: fresh(), n: 0 };
      await at('meta').add(made);
      return made.id;
    });
  }

  /**
   * Freezes a sealed answer, once for its token: the sequence number is given inside the transaction that stores it. Once this resolves, the
   * answer is on the disk. Returns its id.
   */
  async freeze(sealed: SealedAnswer, fresh: () => string): Promise<string> {
    return this.write(['answers', 'meta'], async (at) => {
      const { id, token, to, body, hash, size } = sealed;
      const frozen = await at('answers').index('token').get(token);
      if (frozen) return frozen.id;
      const device = (await at('meta').get('device')) ?? { key: 'device', id: fresh(), n: 0 };
      const header: EnvelopeHeader = {
        v: PROTOCOL_VERSION,
        id,
        hash,
        size,
        to,
        dev: device.id,
        n: device.n + 1,
      };
      await at('answers').add({ id, token, number: numberOf(id), state: 'kept', to, header, body });
      await at('meta').put({ ...device, n: header.n });
      return id;
    });
  }

  async unsent(
    addressees: readonly string[],
    maxBytes: number,
    skip: ReadonlySet<string> = new Set(),
  ): Promise<readonly Envelope[]> {
    const kept = await this.#own(WAITING);
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

  /** Own answers in these states, in their order. */
  async #own(states: readonly AnswerState[]): Promise<AnswerRecord[]> {
    const found = await this.read(['answers'], (at) =>
      Promise.all(states.map((state) => at('answers').index('state').getAll(state))),
    );
    return found.flat().sort((a, b) => a.header.n - b.header.n);
  }

  /** Carried answers in these states, in their order. */
  async *#carried(states: readonly AnswerState[]): AsyncGenerator<readonly CarriedRecord[]> {
    const found = await this.read(['carried'], (at) =>
      Promise.all(states.map((state) => at('carried').index('state').getAllKeys(state))),
    );
    const keys = found.flat().sort((a, b) => a - b);
    for (let from = 0; from < keys.length; from += SLICE) {
      const slice = keys.slice(from, from + SLICE);
      const records = await this.read(['carried'], (at) => Promise.all(slice.map((key) => at('carried').get(key))));
      yield records.flatMap((record) => record ?? []);
    }
  }

  async settle(id: string, receipt: SignedReceipt): Promise<void> {
    await this.write(BOTH, async (at) => {
      const answer = await at('answers').get(id);
      if (answer) {
        const { body: _, code: __, holder: ___, ...rest } = answer;
        await at('answers').put({ ...rest, state: 'centre', receipt });
      }
      const other = await at('carried').index('[id+hash]').get([id, receipt.signed.hash]);
      if (!other) return;
      const { body: _, code: __, ...rest } = other;
      await at('carried').put({ ...rest, state: 'centre', receipt });
    });
  }

  async needsAttention(id: string, code: string): Promise<void> {
    // A refusal that comes late changes nothing: the answer has its receipt.
    await this.#change(id, ({ receipt }) => receipt === undefined, { state: 'attention', code });
  }

  async passedOn(id: string, isHeld: boolean, holder?: string): Promise<void> {
    const change = { state: isHeld ? 'held' : 'kept', holder } as const;
    await this.#change(id, ({ state }) => WAITING.includes(state), change);
  }

  /** Changes an own answer, if it is so, and of carried ones with that id the one that is under way. */
  async #change(id: string, isSo: (answer: AnswerRecord) => boolean, { holder, ...change }: Change): Promise<void> {
    await this.write(BOTH, async (at) => {
      const answer = await at('answers').get(id);
      if (answer && isSo(answer)) {
        const { holder: _, ...rest } = answer;
        await at('answers').put({ ...rest, ...change, ...(holder !== undefined && { holder }) });
      }
      const others = await at('carried').index('id').getAll(id);
      const underWay = others.find(({ state }) => WAITING.includes(state));
      if (underWay) await at('carried').put({ ...underWay, ...change });
    });
  }

  async withoutReceipt(ids: readonly string[]): Promise<readonly EnvelopeHeader[]> {
    const found = await this.read(BOTH, (at) =>
      Promise.all(
        ids.map((id) => {
          const range = IDBKeyRange.bound(id, `${id}\uffff`);
          return Promise.all([at('answers').getAll(range), at('carried').index('id').getAll(range)]);
        }),
      ),
    );
    const all = [...found.flatMap(([own]) => own), ...found.flatMap(([, others]) => others)];
    return all.flatMap(({ state, header }) => (state === 'centre' ? [] : header));
  }

  async carry({ header, body }: Envelope): Promise<boolean> {
    const { id, hash, size } = header;
    return this.write(BOTH, async (at) => {
      if (await at('answers').get(id)) return false;
      const known = await at('carried').index('[id+hash]').get([id, hash]);
      if (known) {
        if (known.state !== 'attention') return false;
        const { code: _, ...rest } = known;
        await at('carried').put({ ...rest, state: 'kept' });
        return true;
      }
      // Two that were sealed never have one body: it is made up, to fill this device.
      if ((await at('carried').index('hash').count(hash)) > 0) return false;
      await at('carried').add({ id, hash, size, state: 'kept', header, body });
      return true;
    });
  }

  async *waiting(): AsyncGenerator<Envelope> {
    for (const { header, body } of await this.#own(UNSETTLED)) if (body) yield { header, body };
    for await (const slice of this.#carried(UNSETTLED))
      for (const { header, body } of slice) if (body) yield { header, body };
  }

  async countWaiting(): Promise<readonly [own: number, others: number]> {
    const count = async (at: Reading<AnswersSchema, Both>, name: Both): Promise<number> => {
      const index = at(name).index('state');
      return sum(await Promise.all(UNSETTLED.map((state) => index.count(state))));
    };
    return this.read(BOTH, (at) => Promise.all([count(at, 'answers'), count(at, 'carried')]));
  }

  async carriedBytes(): Promise<number> {
    const counts = await this.read(['carried'], (at) => {
      const index = at('carried').index('[state+size]');
      const ofSize = async (size: EnvelopeHeader['size']): Promise<number> =>
        size * 1024 * sum(await Promise.all(UNSETTLED.map((state) => index.count([state, size]))));
      return Promise.all(SIZES.map(ofSize));
    });
    return sum(counts);
  }

  async receipts(limit: number, ofOthers = false): Promise<readonly SignedReceipt[]> {
    const found = await this.read(BOTH, async (at) => {
      const own = ofOthers ? [] : await at('answers').index('state').getAll('centre');
      const keys = await at('carried').index('state').getAllKeys('centre');
      const newest = keys.slice(-limit).reverse();
      return [...own, ...(await Promise.all(newest.map((key) => at('carried').get(key))))];
    });
    return found.flatMap((answer) => answer?.receipt ?? []).slice(0, limit);
  }

  /** Offers what needed attention once more, answers of others too. Returns how many of its own there were. */
  async retry(): Promise<number> {
    return this.write(BOTH, async (at) => {
      const own = await at('answers').index('state').getAll('attention');
      for (const { code: _, ...rest } of own) await at('answers').put({ ...rest, state: 'kept' });
      const others = await at('carried').index('state').getAll('attention');
      for (const { code: _, ...rest } of others) await at('carried').put({ ...rest, state: 'kept' });
      return own.length;
    });
  }

  /** State of an answer, by its number. */
  async stateOf(number: string): Promise<AnswerState | undefined> {
    return (await this.read(['answers'], (at) => at('answers').index('number').get(number)))?.state;
  }
}

/** What becomes of an answer. */
interface Change extends Pick<AnswerRecord, 'state' | 'code'> {
  readonly holder?: string | undefined;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
