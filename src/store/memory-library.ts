import type { GivenUp } from '../core/api/worker-api.ts';
import { RelaisError } from '../core/errors.ts';
import type { Alerts } from '../core/protocol/alerts.ts';
import { concat } from '../core/protocol/bytes.ts';
import type { Row } from '../core/protocol/catalogue.ts';
import type { ItemBody } from '../core/protocol/item.ts';
import { asOne, LOG_LENGTH, type LogEntry, type SyncRecord } from '../core/protocol/log.ts';
import type { Policy, Traffic, TrafficRecord } from '../core/protocol/network.ts';
import { languagesFirst } from '../core/protocol/shelf.ts';
import type { HubsRecord, LibraryState, LibraryStore, PackPart, ShelfCommit, ShelfState } from '../core/sync/ports.ts';
import { sumOf } from '../core/sync/traffic.ts';
import { type GaveUp, itemIn, type Lease } from './library-schema.ts';

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
  readonly signedAlerts: ReadonlyMap<string, Uint8Array>;
  readonly hubs: HubsRecord | undefined;
  readonly sync: SyncRecord | undefined;
  readonly lease: Lease | undefined;
  /** Newest last. */
  readonly log: readonly LogEntry[];
  readonly policy: Policy;
  readonly gaveUp: GaveUp;
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
  signedAlerts: new Map(),
  hubs: undefined,
  sync: undefined,
  lease: undefined,
  log: [],
  policy: {},
  gaveUp: {},
  book: new Map(),
};

export class MemoryLibrary implements LibraryStore {
  data: LibraryData = emptyLibrary;

  async open(): Promise<void> {}
  async catchUp(): Promise<void> {}
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
    return languagesFirst(this.data.wanted);
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
  async commitShelf({ shelf, baseSeq, hash, buckets, put, remove, alerts: signed }: ShelfCommit): Promise<void> {
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
    if (signed) this.#putSigned(shelf, signed);
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
  async saveAlerts(alerts: Alerts, signed: Uint8Array): Promise<void> {
    const { shelf, seq } = alerts;
    if (seq <= Math.max(this.#shelf(shelf).baseSeq, this.data.alerts.get(shelf)?.seq ?? 0)) return;
    this.data = { ...this.data, alerts: new Map(this.data.alerts).set(shelf, alerts) };
    this.#putSigned(shelf, signed);
  }
  async signedAlerts(shelf: string): Promise<Uint8Array | undefined> {
    return this.data.signedAlerts.get(shelf);
  }
  async hubs(): Promise<HubsRecord | undefined> {
    return this.data.hubs;
  }
  async saveHubs(hubs: HubsRecord): Promise<void> {
    this.data = { ...this.data, hubs };
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
    const { wanted, log, policy, gaveUp, book } = this.data;
    this.data = { ...emptyLibrary, wanted, log, policy, gaveUp, book };
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
    const one = asOne(log.at(-1), entry);
    this.data = { ...this.data, sync, log: [...(one ? log.slice(0, -1) : log), one ?? entry].slice(-LOG_LENGTH) };
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
  async giveUp(what: GivenUp, now: number): Promise<void> {
    this.data = { ...this.data, gaveUp: { ...this.data.gaveUp, [what]: { at: now, read: false } } };
  }
  async gaveUpAt(what: GivenUp): Promise<number | undefined> {
    return this.data.gaveUp[what]?.at;
  }
  async book(): Promise<TrafficRecord[]> {
    return [...this.data.book.values()];
  }
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

  #putSigned(shelf: string, signed: Uint8Array): void {
    this.data = { ...this.data, signedAlerts: new Map(this.data.signedAlerts).set(shelf, signed) };
  }
  #shelf(name: string): MemoryShelf {
    return this.data.shelves.get(name) ?? emptyShelf;
  }
  #put(name: string, shelf: MemoryShelf): void {
    this.data = { ...this.data, shelves: new Map(this.data.shelves).set(name, shelf) };
  }
}
