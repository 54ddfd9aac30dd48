import type { GivenUp } from '../core/api/worker-api.ts';
import type { ItemBody } from '../core/protocol/item.ts';
import type { LogEntry, SyncRecord } from '../core/protocol/log.ts';
import type { Policy, Traffic, TrafficRecord } from '../core/protocol/network.ts';
import type { LibraryStore, OutboxStore } from '../core/sync/ports.ts';
import type { SealedAnswer } from '../store/answers-db.ts';

/** What the engine needs of its two stores: the browser's databases, their twins in memory, or a hub's. Contract suites: tests/contract/. */

/** The right to sync, for a time: for where there are no Web Locks. */
export interface LeaseStore {
  /** Takes the right to sync for `ms` milliseconds, unless someone else holds it. */
  takeLease(by: string, now: number, ms: number): Promise<boolean>;
  dropLease(by: string): Promise<void>;
}

/** What the link may be used for, and what it was used for. */
export interface BookStore {
  policy(): Promise<Policy>;
  /** Adds to the book of a day. */
  spend(day: string, traffic: Traffic): Promise<void>;
  /** What the link carried, day by day. */
  book(): Promise<TrafficRecord[]>;
}

/** A library that is kept up to date, on a device or at a hub that mirrors it. */
export interface SyncedLibrary extends LibraryStore, LeaseStore, BookStore {
  /** How the last sync ended. */
  sync(): Promise<SyncRecord | undefined>;
  /** Stores how a sync ended, and a line for the log. */
  ended(record: SyncRecord, entry: LogEntry): Promise<void>;
  /** The log, newest first. */
  lastSyncs(): Promise<LogEntry[]>;
}

export interface DeviceLibrary extends SyncedLibrary {
  open(): PromiseLike<unknown>;
  /** Puts right what an older app changed that is open beside this one. */
  catchUp(): Promise<void>;
  /** Told when another page holds up an upgrade. */
  on(event: 'blocked', listener: () => void): void;
  /** A stored item, parsed; undefined where it is not on this device. */
  item(shelf: string, id: string): Promise<ItemBody | undefined>;
  /** Notes what had to make room, and when (milliseconds since 1970): it stays noted until somebody has read it. */
  giveUp(what: GivenUp, now: number): Promise<void>;
  /** When that had to make room last, read or not; undefined: never. */
  gaveUpAt(what: GivenUp): Promise<number | undefined>;
}

export interface DeviceAnswers extends OutboxStore {
  on(event: 'blocked', listener: () => void): void;
  /** This device's id; made at the first call. */
  device(fresh: () => string): Promise<string>;
  /** Freezes a sealed answer, once for its token. Once this resolves, the answer is on the disk. Returns its id. */
  freeze(sealed: SealedAnswer, fresh: () => string): Promise<string>;
}
