import { RelaisError } from '../core/errors.ts';
import type { Alerts } from '../core/protocol/alerts.ts';
import { concat } from '../core/protocol/bytes.ts';
import type { Row } from '../core/protocol/catalogue.ts';
import { type Envelope, encodeEnvelope } from '../core/protocol/envelope.ts';
import type { SignedReceipt } from '../core/protocol/receipt.ts';
import type { LibraryState, LibraryStore, OutboxStore, PackPart, ShelfCommit, ShelfState } from '../core/sync/ports.ts';

/** In-memory twins of the databases: same contract (tests/contract/), no disk. */

interface MemoryShelf extends ShelfState {
  readonly buckets: Map<number, readonly Row[]>;
  readonly bodies: Map<string, { readonly hash: string; readonly body: Uint8Array }>;
}

const emptyShelf = (): MemoryShelf => ({ baseSeq: 0, hash: '', buckets: new Map(), bodies: new Map() });

export class MemoryLibrary implements LibraryStore {
  #state: LibraryState | undefined;
  #wanted: string[] = [];
  readonly #shelves = new Map<string, MemoryShelf>();
  readonly #alerts = new Map<string, Alerts>();
  readonly #parts = new Map<string, PackPart>();

  async library(): Promise<LibraryState | undefined> {
    return this.#state;
  }
  async saveLibrary(state: LibraryState): Promise<void> {
    const seen = this.#state?.head?.seq ?? 0;
    if ((state.head?.seq ?? 0) < seen) throw new RelaisError('rollback', { seq: state.head?.seq ?? 0, seen });
    this.#state = state;
  }
  async wanted(): Promise<readonly string[]> {
    return this.#wanted;
  }
  async want(name: string): Promise<void> {
    this.#wanted = [name, ...this.#wanted.filter((other) => other !== name)];
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
    for (const [bucket, rows] of buckets) {
      if (rows.length === 0) before.buckets.delete(bucket);
      else before.buckets.set(bucket, rows);
    }
    for (const { row, body } of put) before.bodies.set(row.id, { hash: row.sha256 ?? '', body });
    for (const id of remove) before.bodies.delete(id);
    this.#shelves.set(shelf, { ...before, baseSeq, hash });
    this.#parts.delete(shelf);
    if ((this.#alerts.get(shelf)?.seq ?? 0) <= baseSeq) this.#alerts.delete(shelf);
  }
  async advance(shelves: readonly string[], seq: number): Promise<void> {
    for (const name of shelves) this.#shelves.set(name, { ...this.#shelf(name), baseSeq: seq });
  }
  async forget(): Promise<void> {
    this.#state = undefined;
    this.#shelves.clear();
    this.#parts.clear();
    this.#alerts.clear();
  }
  async alerts(shelf: string): Promise<Alerts | undefined> {
    return this.#alerts.get(shelf);
  }
  async saveAlerts(alerts: Alerts): Promise<void> {
    const { shelf, seq } = alerts;
    if (seq > Math.max(this.#shelf(shelf).baseSeq, this.#alerts.get(shelf)?.seq ?? 0)) this.#alerts.set(shelf, alerts);
  }
  async part(shelf: string): Promise<PackPart | undefined> {
    return this.#parts.get(shelf);
  }
  async savePart(shelf: string, path: string, at: number, bytes: Uint8Array): Promise<void> {
    const before = this.#parts.get(shelf);
    const have = at > 0 && before?.path === path ? before.bytes : new Uint8Array(0);
    if (at === have.length) this.#parts.set(shelf, { path, bytes: concat([have, bytes]) });
  }
  async dropPart(shelf: string): Promise<void> {
    this.#parts.delete(shelf);
  }
  #shelf(name: string): MemoryShelf {
    return this.#shelves.get(name) ?? emptyShelf();
  }
}

export class MemoryOutbox implements OutboxStore {
  readonly #answers = new Map<string, { envelope: Envelope; receipt?: SignedReceipt; code?: string }>();

  add(envelope: Envelope): void {
    this.#answers.set(envelope.header.id, { envelope });
  }
  async unsent(
    addressees: readonly string[],
    maxBytes: number,
    skip: ReadonlySet<string> = new Set(),
  ): Promise<readonly Envelope[]> {
    const waiting = [...this.#answers.values()]
      .filter(
        ({ envelope, receipt, code }) =>
          addressees.includes(envelope.header.to) && !skip.has(envelope.header.id) && !receipt && !code,
      )
      .map(({ envelope }) => envelope)
      .sort((a, b) => a.header.n - b.header.n);
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
    const answer = this.#answers.get(id);
    if (answer) this.#answers.set(id, { envelope: answer.envelope, receipt });
  }
  async needsAttention(id: string, code: string): Promise<void> {
    const answer = this.#answers.get(id);
    if (answer && !answer.receipt) this.#answers.set(id, { ...answer, code });
  }
  /** For assertions: the stored receipt or refusal of an answer. */
  outcome(id: string): { readonly receipt?: SignedReceipt; readonly code?: string } | undefined {
    const answer = this.#answers.get(id);
    return answer && { ...(answer.receipt && { receipt: answer.receipt }), ...(answer.code && { code: answer.code }) };
  }
}
