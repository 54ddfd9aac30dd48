import type { AnswerState } from '../core/api/worker-api.ts';
import { RelaisError } from '../core/errors.ts';
import type { Alerts } from '../core/protocol/alerts.ts';
import { concat } from '../core/protocol/bytes.ts';
import type { Row } from '../core/protocol/catalogue.ts';
import { type Envelope, type EnvelopeHeader, encodeEnvelope } from '../core/protocol/envelope.ts';
import { numberOf } from '../core/protocol/ids.ts';
import type { ItemBody } from '../core/protocol/item.ts';
import { isRepeat, LOG_LENGTH, type LogEntry, type SyncRecord } from '../core/protocol/log.ts';
import type { Policy, Traffic, TrafficRecord } from '../core/protocol/network.ts';
import type { SignedReceipt } from '../core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../core/protocol/version.ts';
import type {
  Courier,
  LibraryState,
  LibraryStore,
  OutboxStore,
  PackPart,
  ShelfCommit,
  ShelfState,
} from '../core/sync/ports.ts';
import { sumOf } from '../core/sync/traffic.ts';
import type { SealedAnswer } from './answers-db.ts';
import { itemIn } from './library-db.ts';
import type { Lease } from './library-records.ts';

/**
 * In-memory twins of the databases: same contract (tests/contract/), no disk. Each method changes everything at once, when it is called, and
 * nothing that was handed out before: `data` of a moment can be kept, and be put back later, as a disk does after a power cut.
 */

interface MemoryShelf extends ShelfState {
  readonly buckets: ReadonlyMap<number, readonly Row[]>;
  /** By id. */
  readonly bodies: ReadonlyMap<string, { readonly hash: string; readonly body: Uint8Array }>;
}

export interface LibraryData {
  readonly state: LibraryState | undefined;
  readonly wanted: readonly string[];
  readonly shelves: ReadonlyMap<string, MemoryShelf>;
  readonly parts: ReadonlyMap<string, PackPart>;
  /** What came of a shelf before the rest of it. */
  readonly alerts: ReadonlyMap<string, Alerts>;
  readonly sync: SyncRecord | undefined;
  readonly lease: Lease | undefined;
  /** Newest last. */
  readonly log: readonly LogEntry[];
  readonly policy: Policy;
  /** What the link carried, by day. */
  readonly book: ReadonlyMap<string, TrafficRecord>;
}

const emptyShelf: MemoryShelf = { baseSeq: 0, hash: '', buckets: new Map(), bodies: new Map() };
const emptyLibrary: LibraryData = {
  state: undefined,
  wanted: [],
  shelves: new Map(),
  parts: new Map(),
  alerts: new Map(),
  sync: undefined,
  lease: undefined,
  log: [],
  policy: {},
  book: new Map(),
};

export class MemoryLibrary implements LibraryStore {
  data: LibraryData = emptyLibrary;

  async open(): Promise<void> {}
  on(): void {}

  async library(): Promise<LibraryState | undefined> {
    return this.data.state;
  }
  async saveLibrary(state: LibraryState): Promise<void> {
    const seen = this.data.state?.head?.seq ?? 0;
    if ((state.head?.seq ?? 0) < seen) throw new RelaisError('rollback', { seq: state.head?.seq ?? 0, seen });
    this.data = { ...this.data, state };
  }
  async wanted(): Promise<readonly string[]> {
    return this.data.wanted;
  }
  async want(name: string): Promise<void> {
    this.data = { ...this.data, wanted: [name, ...this.data.wanted.filter((other) => other !== name)] };
  }
  async shelf(name: string): Promise<ShelfState> {
    const { baseSeq, hash } = this.#shelf(name);
    return { baseSeq, hash };
  }
  async buckets(shelf: string): Promise<Map<number, readonly Row[]>> {
    return new Map(this.#shelf(shelf).buckets);
  }
  async bodies(shelf: string): Promise<Map<string, Uint8Array>> {
    return new Map([...this.#shelf(shelf).bodies.values()].map(({ hash, body }) => [hash, body]));
  }
  async commitShelf({ shelf, baseSeq, hash, buckets, put, remove }: ShelfCommit): Promise<void> {
    const before = this.#shelf(shelf);
    const next = { baseSeq, hash, buckets: new Map(before.buckets), bodies: new Map(before.bodies) };
    for (const [bucket, rows] of buckets) {
      if (rows.length === 0) next.buckets.delete(bucket);
      else next.buckets.set(bucket, rows);
    }
    for (const { row, body } of put) next.bodies.set(row.id, { hash: row.sha256 ?? '', body });
    for (const id of remove) next.bodies.delete(id);
    this.#put(shelf, next);
    await this.dropPart(shelf);
    const alerts = new Map(this.data.alerts);
    if ((alerts.get(shelf)?.seq ?? 0) <= baseSeq && alerts.delete(shelf)) this.data = { ...this.data, alerts };
  }
  async advance(shelves: readonly string[], seq: number): Promise<void> {
    for (const name of shelves)
      if (this.data.shelves.has(name)) this.#put(name, { ...this.#shelf(name), baseSeq: seq });
  }
  async alerts(shelf: string): Promise<Alerts | undefined> {
    return this.data.alerts.get(shelf);
  }
  async saveAlerts(alerts: Alerts): Promise<void> {
    const { shelf, seq } = alerts;
    if (seq > Math.max(this.#shelf(shelf).baseSeq, this.data.alerts.get(shelf)?.seq ?? 0))
      this.data = { ...this.data, alerts: new Map(this.data.alerts).set(shelf, alerts) };
  }
  async part(shelf: string): Promise<PackPart | undefined> {
    return this.data.parts.get(shelf);
  }
  async savePart(shelf: string, path: string, at: number, bytes: Uint8Array): Promise<void> {
    const before = this.data.parts.get(shelf);
    const have = at > 0 && before?.path === path ? before.bytes : new Uint8Array(0);
    if (at !== have.length) return;
    const part = { path, bytes: concat([have, bytes]) };
    this.data = { ...this.data, parts: new Map(this.data.parts).set(shelf, part) };
  }
  async dropPart(shelf: string): Promise<void> {
    const parts = new Map(this.data.parts);
    if (parts.delete(shelf)) this.data = { ...this.data, parts };
  }
  async forget(): Promise<void> {
    // As in the database: with the library goes what was said of it.
    const { wanted, log, policy, book } = this.data;
    this.data = { ...emptyLibrary, wanted, log, policy, book };
  }

  async item(shelf: string, id: string): Promise<ItemBody | undefined> {
    const found = this.#shelf(shelf).bodies.get(id);
    return found && itemIn({ shelf, n: 0, bodies: [{ id, ...found }] }, id);
  }
  async sync(): Promise<SyncRecord | undefined> {
    return this.data.sync;
  }
  async ended(sync: SyncRecord, entry: LogEntry): Promise<void> {
    const { log } = this.data;
    const before = log.at(-1);
    const kept = before && isRepeat(before, entry) ? log.slice(0, -1) : log;
    this.data = { ...this.data, sync, log: [...kept, entry].slice(-LOG_LENGTH) };
  }
  async lastSyncs(): Promise<LogEntry[]> {
    return [...this.data.log].reverse();
  }
  async policy(): Promise<Policy> {
    return this.data.policy;
  }
  async setPolicy(change: Readonly<Partial<Record<keyof Policy, unknown>>>): Promise<void> {
    this.data = { ...this.data, policy: { ...this.data.policy, ...change } as Policy };
  }
  readonly traffic = { toArray: async (): Promise<TrafficRecord[]> => [...this.data.book.values()] };
  async spend(day: string, traffic: Traffic): Promise<void> {
    const before = this.data.book.get(day);
    const sum = sumOf(before ? [before, traffic] : [traffic]);
    this.data = { ...this.data, book: new Map(this.data.book).set(day, { day, ...sum }) };
  }
  async takeLease(by: string, now: number, ms: number): Promise<boolean> {
    const { lease } = this.data;
    if (lease && lease.by !== by && lease.until > now && lease.until - now <= ms) return false;
    this.data = { ...this.data, lease: { by, until: now + ms } };
    return true;
  }
  async dropLease(by: string): Promise<void> {
    if (this.data.lease?.by === by) this.data = { ...this.data, lease: undefined };
  }

  #shelf(name: string): MemoryShelf {
    return this.data.shelves.get(name) ?? emptyShelf;
  }
  #put(name: string, shelf: MemoryShelf): void {
    this.data = { ...this.data, shelves: new Map(this.data.shelves).set(name, shelf) };
  }
}

interface MemoryAnswer {
  readonly token: string;
  readonly header: Envelope['header'];
  readonly state: AnswerState;
  readonly body?: Uint8Array;
  readonly receipt?: SignedReceipt;
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
    const settled = <T extends Omit<MemoryAnswer, 'token'>>({ body: _, code: __, ...rest }: T) => ({
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
  async passedOn(id: string, isHeld: boolean): Promise<void> {
    const state = isHeld ? 'held' : 'kept';
    const answer = this.data.answers.get(id);
    if (answer && isWaiting(answer)) this.#put(id, { ...answer, state });
    this.#changeCarried(this.#underWay(id), (one) => ({ ...one, state }));
  }
  async withoutReceipt(ids: readonly string[]): Promise<readonly EnvelopeHeader[]> {
    const all = [...this.data.answers.values(), ...this.data.carried];
    return all.flatMap(({ header, state }) => (ids.includes(header.id) && state !== 'centre' ? header : []));
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
  async receipts(limit: number): Promise<readonly SignedReceipt[]> {
    const all = [...this.data.answers.values(), ...[...this.data.carried].reverse()];
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
  outcome(id: string): { readonly receipt?: SignedReceipt; readonly code?: string } | undefined {
    const answer = this.data.answers.get(id);
    return answer && { ...(answer.receipt && { receipt: answer.receipt }), ...(answer.code && { code: answer.code }) };
  }

  #put(id: string, answer: MemoryAnswer): void {
    this.data = { ...this.data, answers: new Map(this.data.answers).set(id, answer) };
  }
}
