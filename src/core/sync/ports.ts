import type { Bodies } from '../pack/text.ts';
import type { Platform } from '../platform.ts';
import type { Alerts } from '../protocol/alerts.ts';
import type { Buckets, Row } from '../protocol/catalogue.ts';
import type { Envelope, EnvelopeHeader } from '../protocol/envelope.ts';
import type { Head } from '../protocol/head.ts';
import type { SignedReceipt } from '../protocol/receipt.ts';
import type { Root, SignedRoot } from '../protocol/root.ts';

/** What sync needs from the device and from the link. Contract suites: tests/contract/. */

/** The device's knowledge of one library. */
export interface LibraryState {
  /** The newest root that the pinned one vouches for. */
  readonly root: Root;
  /** `rootIdentity` of the first root met: the pin. */
  readonly identity: string;
  /** The newest head seen. `head.seq` is `seenSeq`: it never goes back. */
  readonly head: Head | undefined;
  /** Canonical bytes of the newest shelf table. */
  readonly table: Uint8Array | undefined;
  /** As it was signed, for whoever gets this library from here. Absent where an older app met the newest head. */
  readonly signed?: SignedLibrary;
  /** Key ids of hubs that earlier roots of this library named: answers were sealed to them, and are for it still. */
  readonly former?: readonly string[];
}

/** What vouches for a library, in the bytes that were signed. */
export interface SignedLibrary {
  readonly head: Uint8Array;
  /** In order; from the first one on, unless an older app met them. */
  readonly roots: readonly SignedRoot[];
}

/** The device's copy of one shelf. */
export interface ShelfState {
  /** `baseSeq`: the newest sequence of which the whole shelf is stored. 0: nothing yet. */
  readonly baseSeq: number;
  /** Hash of the stored catalogue, as the shelf table writes it; empty: nothing yet. */
  readonly hash: string;
}

/** One shelf's change, all of it verified. Stored in one transaction, cursor and text together. */
export interface ShelfCommit {
  readonly shelf: string;
  readonly baseSeq: number;
  readonly hash: string;
  /** Buckets to put; an empty one is removed. */
  readonly buckets: Buckets;
  /** New bodies with their rows. */
  readonly put: readonly { readonly row: Row; readonly body: Uint8Array }[];
  /** Ids that are no longer on the shelf, or were taken down. */
  readonly remove: readonly string[];
  /** Urgent notices as they were signed, where the pack had some: unverified, for whoever hands the shelf on. */
  readonly alerts?: Uint8Array;
}

/** The beginning of a pack: bytes from 0 on. */
export interface PackPart {
  /** Its full name in the tree, whose bytes behind the head never change. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The signed list of delegated hubs as it is stored, and when it was asked for under which publication. */
export interface HubsRecord {
  /** Undefined: the library has none. */
  readonly list: Uint8Array | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly seq: number;
}

/** Who speaks for the library. */
export interface HubListStore {
  library(): Promise<LibraryState | undefined>;
  hubs(): HubsRecord | undefined | Promise<HubsRecord | undefined>;
  saveHubs(record: HubsRecord): void | Promise<void>;
}

/** The library as stored on the device. */
export interface LibraryStore extends HubListStore {
  /** Stores pin, root, head and table. Refuses (throws `rollback`) a head older than the stored one. */
  saveLibrary(state: LibraryState): Promise<void>;
  /** Shelves that the person wants, in order of wish; collections behind all languages. */
  wanted(): Promise<readonly string[]>;
  shelf(name: string): Promise<ShelfState>;
  buckets(shelf: string): Promise<Buckets>;
  /** Bodies of a shelf, by hash. */
  bodies(shelf: string): Promise<Bodies>;
  commitShelf(change: ShelfCommit): Promise<void>;
  /** Moves cursors of shelves that are whole at `seq`. */
  advance(shelves: readonly string[], seq: number): Promise<void>;
  /**
   * Urgent notices of a shelf that came before the rest of their pack: kept in the place of older ones, until the shelf itself has them. `signed`: as
   * they were signed, for whoever hands them on.
   */
  saveAlerts(alerts: Alerts, signed: Uint8Array): Promise<void>;
  alerts(shelf: string): Promise<Alerts | undefined>;
  /** What has arrived of a pack of this shelf that was cut: unverified. `commitShelf` drops it. */
  part(shelf: string): Promise<PackPart | undefined>;
  /** Adds bytes behind those that are there; at 0, or of another path, in their place. Bytes that would leave a gap are left out. */
  savePart(shelf: string, path: string, at: number, bytes: Uint8Array): Promise<void>;
  dropPart(shelf: string): Promise<void>;
  /** Forgets the library and its pin. Answers are not here, and stay. */
  forget(): Promise<void>;
}

/** What bringing a library up to date takes. */
export interface PullPorts {
  readonly platform: Platform;
  readonly store: LibraryStore;
  readonly transport: Transport;
  /** Shelves that are brought up to date, where these are not the wanted ones. */
  readonly shelves?: readonly string[];
  /** The library at the other end may be older than the one here, or a stranger's: its head is looked at before a shelf is asked for. */
  readonly wary?: boolean;
}

/** An answer on its way. */
export interface OutboxStore {
  /**
   * Sealed answers for any of the addressees' key ids that no receipt covers yet, oldest first, up to `maxBytes` (at least one), without those
   * whose ids are in `skip`.
   */
  unsent(addressees: readonly string[], maxBytes: number, skip?: ReadonlySet<string>): Promise<readonly Envelope[]>;
  /** Stores the verified receipt, and drops the sealed body with it. */
  settle(id: string, receipt: SignedReceipt): Promise<void>;
  /** Headers of all answers whose ids are, or begin as, one of these, and that have no receipt, whatever became of them. */
  withoutReceipt(ids: readonly string[]): Promise<readonly EnvelopeHeader[]>;
  /** Marks an answer as needing a person. It stays. */
  needsAttention(id: string, code: string): Promise<void>;
  /**
   * `isHeld`: a hub in between has it, and passes it on; until its receipt is back, only its header is offered, with an empty body. False: the
   * hub that was reached does not have it, and it is offered whole again. `holder`: the name of that hub, where the library vouches for it.
   */
  passedOn(id: string, isHeld: boolean, holder?: string): Promise<void>;
}

/** Answers that are carried by hand: own ones, and those of others, which stay sealed. */
export interface Courier {
  /**
   * Takes an answer of somebody else to pass on; one that was refused is offered once more. False: it is here already, or was, or is another's
   * body under a new name.
   */
  carry(envelope: Envelope): Promise<boolean>;
  /** Bytes of those answers of others that have no receipt, as their sizes say. */
  carriedBytes(): Promise<number>;
  /** All that have no receipt, whole, own ones first: one after the other is read. */
  waiting(): AsyncGenerator<Envelope>;
  /** How many these are: own ones, and those of others. */
  countWaiting(): Promise<readonly [own: number, others: number]>;
  /** So many of the receipts that are here: those that came last. `ofOthers`: of answers that were carried here, alone. */
  receipts(limit: number, ofOthers?: boolean): Promise<readonly SignedReceipt[]>;
}

/** What came back for a path of the tree. */
export type Fetched =
  /** `at`: where in the file the bytes begin. `whole`: they go to its end. */
  | { readonly found: true; readonly bytes: Uint8Array; readonly whole: boolean; readonly at?: number }
  | { readonly found: false };

/** Where to begin in a file, and who looks on. */
export interface Reading {
  /** Bytes that are here already. A server that knows no Range answers with all of them. */
  readonly from?: number;
  /** Told of each part as it comes, with its place in the file, one after the other; `last` where no more is to come. */
  readonly onPart?: (at: number, part: Uint8Array, last: boolean) => Promise<void>;
}

/** The link. Every method throws `no-link` where nothing usable came. */
export interface Transport {
  /** GET of a file of the tree. A body that was cut comes back with `whole: false`. */
  get(path: string, limit: number, signal: AbortSignal, reading?: Reading): Promise<Fetched>;
  /** `POST /o/batch`. Returns the reply's JSON; throws the code that the status means. */
  postBatch(batch: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<unknown>;
}

export interface LeafTail {
  readonly n: number;
  readonly data: Uint8Array;
}

/** Pictures and recordings as stored on the device, by hash, leaf by leaf. What is handed to it was verified, but for a tail. */
export interface BlobStore {
  /** The list of a blob's leaves; undefined before it has come. */
  list(hash: string): Promise<Uint8Array | undefined>;
  saveList(hash: string, list: Uint8Array): Promise<void>;
  /** Numbers of the leaves that are stored, ascending. */
  stored(hash: string): Promise<readonly number[]>;
  /** The stored leaves with their numbers, ascending. */
  leaves(hash: string): Promise<readonly { readonly n: number; readonly data: Uint8Array }[]>;
  saveLeaf(hash: string, n: number, data: Uint8Array): Promise<void>;
  /** The beginning of a leaf whose end has not come yet: unverified. */
  tail(hash: string): Promise<LeafTail | undefined>;
  /** In the place of the one before; empty: there is none. */
  saveTail(hash: string, tail: LeafTail): Promise<void>;
  /** A stored leaf turned out to be damaged: it is asked for again. */
  dropLeaf(hash: string, n: number): Promise<void>;
  /** Takes all of a blob from the device. */
  drop(hash: string): Promise<void>;
  /** Every blob of which something is stored. */
  hashes(): Promise<readonly string[]>;
}

/** What a stored blob is read from. */
export type BlobReader = Pick<BlobStore, 'list' | 'leaves' | 'drop' | 'dropLeaf'>;

/** What a blob is fetched over. Both throw `no-link` where nothing usable came. */
export interface BlobTransport extends Pick<Transport, 'get'> {
  /**
   * GET of bytes `from` to `to` (not included) of a file. Hands each part to `take` as it comes, with its place in the file, one after the
   * other; ends with the body, where the body was cut, or once `take` says `enough`. False: there is no such file.
   */
  read(
    path: string,
    from: number,
    to: number,
    take: (at: number, part: Uint8Array) => Promise<'more' | 'enough'>,
    signal: AbortSignal,
  ): Promise<boolean>;
}
