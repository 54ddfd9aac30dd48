import type { AnswerState } from '../core/api/worker-api.ts';
import { type Envelope, type EnvelopeHeader, encodeEnvelope } from '../core/protocol/envelope.ts';
import { numberOf } from '../core/protocol/ids.ts';
import type { SignedReceipt } from '../core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../core/protocol/version.ts';
import type { Courier, OutboxStore } from '../core/sync/ports.ts';
import type { SealedAnswer } from './answers-db.ts';

interface MemoryAnswer {
  readonly token: string;
  readonly header: Envelope['header'];
  readonly state: AnswerState;
  readonly body?: Uint8Array;
  readonly receipt?: SignedReceipt;
  readonly holder?: string | undefined;
  readonly code?: string;
}

export interface AnswersData {
  readonly device: { readonly id: string; readonly n: number } | undefined;
  readonly answers: ReadonlyMap<string, MemoryAnswer>;
  /** Those of others, in the order in which they came. */
  readonly carried: readonly Omit<MemoryAnswer, 'token'>[];
}

const isWaiting = ({ state }: { readonly state: AnswerState }): boolean => state === 'kept' || state === 'held';

export class MemoryOutbox implements OutboxStore, Courier {
  data: AnswersData = { device: undefined, answers: new Map(), carried: [] };

  on(): void {}

  async device(fresh: () => string): Promise<string> {
    const device = this.data.device ?? { id: fresh(), n: 0 };
    this.data = { ...this.data, device };
    return device.id;
  }
  async freeze({ id, token, to, body, hash, size }: SealedAnswer, fresh: () => string): Promise<string> {
    for (const [known, answer] of this.data.answers) if (answer.token === token) return known;
    // As a database with a unique key.
    if (this.data.answers.has(id)) throw new DOMException(id, 'ConstraintError');
    const device = this.data.device ?? { id: fresh(), n: 0 };
    const n = device.n + 1;
    const header = { v: PROTOCOL_VERSION, id, hash, size, to, dev: device.id, n };
    this.data = { ...this.data, device: { ...device, n } };
    this.#put(id, { token, header, state: 'kept', body });
    return id;
  }
  /** Puts an answer that was sealed elsewhere. */
  add({ header, body }: Envelope): void {
    this.#put(header.id, { token: header.id, header, state: 'kept', body });
  }
  async unsent(
    addressees: readonly string[],
    maxBytes: number,
    skip: ReadonlySet<string> = new Set(),
  ): Promise<readonly Envelope[]> {
    const own = [...this.data.answers.values()].sort((a, b) => a.header.n - b.header.n);
    const ids = new Set(skip);
    const waiting = [...own, ...this.data.carried].flatMap((answer) => {
      const { header, body, state } = answer;
      if (!isWaiting(answer) || !addressees.includes(header.to) || !body || ids.has(header.id)) return [];
      ids.add(header.id);
      return [{ header, body: state === 'held' ? new Uint8Array(0) : body }];
    });
    const batch: Envelope[] = [];
    let bytes = 0;
    for (const envelope of waiting) {
      bytes += encodeEnvelope(envelope).length;
      if (bytes > maxBytes && batch.length > 0) break;
      batch.push(envelope);
    }
    return batch;
  }
  async settle(id: string, receipt: SignedReceipt): Promise<void> {
    const settled = <T extends Omit<MemoryAnswer, 'token'>>({ body: _, code: __, holder: ___, ...rest }: T) => ({
      ...rest,
      state: 'centre' as const,
      receipt,
    });
    const answer = this.data.answers.get(id);
    if (answer) this.#put(id, settled(answer));
    this.#changeCarried(({ header }) => header.id === id && header.hash === receipt.signed.hash, settled);
  }
  async needsAttention(id: string, code: string): Promise<void> {
    const answer = this.data.answers.get(id);
    if (answer && !answer.receipt) this.#put(id, { ...answer, state: 'attention', code });
    this.#changeCarried(this.#underWay(id), (one) => ({ ...one, state: 'attention', code }));
  }
  async passedOn(id: string, isHeld: boolean, holder?: string): Promise<void> {
    const state = isHeld ? 'held' : 'kept';
    const answer = this.data.answers.get(id);
    if (answer && isWaiting(answer)) this.#put(id, { ...answer, state, holder });
    this.#changeCarried(this.#underWay(id), (one) => ({ ...one, state }));
  }
  async withoutReceipt(ids: readonly string[]): Promise<readonly EnvelopeHeader[]> {
    const all = [...this.data.answers.values(), ...this.data.carried];
    return all.flatMap(({ header, state }) =>
      ids.some((id) => header.id.startsWith(id)) && state !== 'centre' ? header : [],
    );
  }
  async carry({ header, body }: Envelope): Promise<boolean> {
    const { carried, answers } = this.data;
    if (answers.has(header.id)) return false;
    const known = carried.find((one) => one.header.hash === header.hash);
    if (known?.state === 'attention' && known.header.id === header.id)
      this.#changeCarried(
        (one) => one === known,
        ({ code: _, ...rest }) => ({ ...rest, state: 'kept' }),
      );
    else if (known) return false;
    else this.data = { ...this.data, carried: [...carried, { header, state: 'kept', body }] };
    return true;
  }
  async *waiting(): AsyncGenerator<Envelope> {
    const all = [...this.data.answers.values(), ...this.data.carried];
    for (const { header, body, state } of all) if (body && state !== 'centre') yield { header, body };
  }
  async carriedBytes(): Promise<number> {
    const unsettled = this.data.carried.filter(({ state }) => state !== 'centre');
    return unsettled.reduce((sum, { header }) => sum + header.size * 1024, 0);
  }
  async countWaiting(): Promise<readonly [own: number, others: number]> {
    const own = [...this.data.answers.values()].filter(({ state }) => state !== 'centre');
    return [own.length, this.data.carried.filter(({ state }) => state !== 'centre').length];
  }
  async receipts(limit: number, ofOthers = false): Promise<readonly SignedReceipt[]> {
    const all = [...(ofOthers ? [] : this.data.answers.values()), ...[...this.data.carried].reverse()];
    return all.flatMap(({ receipt }) => receipt ?? []).slice(0, limit);
  }

  /** Of several envelopes with one id, the one that is under way. */
  #underWay(id: string): (one: Omit<MemoryAnswer, 'token'>) => boolean {
    const first = this.data.carried.find((one) => one.header.id === id && isWaiting(one));
    return (one) => one === first;
  }

  #changeCarried(
    which: (one: Omit<MemoryAnswer, 'token'>) => boolean,
    change: (one: Omit<MemoryAnswer, 'token'>) => Omit<MemoryAnswer, 'token'>,
  ): void {
    if (!this.data.carried.some(which)) return;
    this.data = { ...this.data, carried: this.data.carried.map((one) => (which(one) ? change(one) : one)) };
  }
  async retry(): Promise<number> {
    const asked = [...this.data.answers].filter(([, { state }]) => state === 'attention');
    for (const [id, { code: _, ...answer }] of asked) this.#put(id, { ...answer, state: 'kept' });
    this.#changeCarried(
      ({ state }) => state === 'attention',
      ({ code: _, ...rest }) => ({ ...rest, state: 'kept' }),
    );
    return asked.length;
  }
  async stateOf(number: string): Promise<AnswerState | undefined> {
    for (const [id, { state }] of this.data.answers) if (numberOf(id) === number) return state;
    return undefined;
  }
  /** For assertions: the stored receipt or refusal of an answer. */
  outcome(
    id: string,
  ): { readonly receipt?: SignedReceipt; readonly code?: string; readonly holder?: string } | undefined {
    const answer = this.data.answers.get(id);
    if (!answer) return undefined;
    const { receipt, code, holder } = answer;
    return { ...(receipt && { receipt }), ...(code && { code }), ...(holder && { holder }) };
  }

  #put(id: string, answer: MemoryAnswer): void {
    this.data = { ...this.data, answers: new Map(this.data.answers).set(id, answer) };
  }
}
