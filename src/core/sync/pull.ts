import { codeOf, RelaisError } from '../errors.ts';
import {
  findSection,
  findSections,
  type Inflate,
  inflateWithin,
  MAX_PACK,
  type PackContent,
  readPack,
  SectionType,
} from '../pack/format.ts';
import { type Bodies, readBodies, readDeltas } from '../pack/text.ts';
import type { Platform } from '../platform.ts';
import { parseCanonical } from '../protocol/canonical.ts';
import {
  applyBuckets,
  applyRows,
  type Buckets,
  fromBuckets,
  parseBuckets,
  parseRows,
  type Row,
  shelfHash,
} from '../protocol/catalogue.ts';
import {
  applyTableChange,
  type Head,
  neededShelves,
  type ShelfTable,
  verifyHead,
  verifyTable,
} from '../protocol/head.ts';
import {
  checkSignedRoots,
  followRoots,
  parseRoot,
  type Root,
  rootIdentity,
  type SignedRoot,
  verifySelfSigned,
} from '../protocol/root.ts';
import { APP_VERSION } from '../protocol/version.ts';
import type { LibraryState, LibraryStore, ShelfCommit, Transport } from './ports.ts';

/**
 * Brings the wanted shelves up to date, and those that stand in for what they lack.
 *
 * Invariants: nothing is stored that the pinned root does not vouch for; `head.seq` never goes back; a shelf's `baseSeq`
 * moves only with all its text; what is stored stays readable whatever arrives.
 */
export interface PullPorts {
  readonly platform: Platform;
  readonly store: LibraryStore;
  readonly transport: Transport;
}

export interface PullResult {
  /** Ids of items that are new or changed, by shelf. */
  readonly changed: Readonly<Record<string, readonly string[]>>;
  /** The tree asks for a newer app. */
  readonly needsUpdate: boolean;
}

const MAX_ROOT = 16 * 1024;

export const pull = async (ports: PullPorts, signal: AbortSignal): Promise<PullResult> => {
  // Grows while it is worked off: a table tells which other shelves the wanted ones need.
  const queue = [...(await ports.store.wanted())];
  const changed: Record<string, readonly string[]> = {};
  let needsUpdate = false;
  let first = true;
  let missing: unknown;
  for (const shelf of queue) {
    signal.throwIfAborted();
    // The first pack tells about all shelves; the others are asked only where the table says that they changed.
    if (!first && (await isCurrent(ports, shelf))) continue;
    try {
      const result = await pullShelf(ports, shelf, signal);
      needsUpdate ||= result.head.minApp > APP_VERSION;
      if (result.changed.length > 0) changed[shelf] = result.changed;
      if (first) {
        const needed = neededShelves(queue, (await currentTable(ports))?.table ?? {});
        queue.push(...needed.slice(queue.length));
        await advanceOthers(ports, queue);
      }
      first = false;
    } catch (error) {
      // A language that left the library must not keep the others from their news.
      if (codeOf(error, 'storage') !== 'not-found') throw error;
      missing = error;
    }
  }
  if (missing !== undefined && first) throw missing;
  return { changed, needsUpdate };
};

const currentTable = async ({ platform, store }: PullPorts): Promise<{ head: Head; table: ShelfTable } | undefined> => {
  const library = await store.library();
  if (!library?.head || !library.table) return undefined;
  return { head: library.head, table: await verifyTable(platform, library.head, library.table) };
};

/** Whether the stored shelf is the one that the newest table names (or the library has no such shelf). */
const isCurrent = async (ports: PullPorts, shelf: string): Promise<boolean> => {
  const current = await currentTable(ports);
  return current !== undefined && current.table[shelf]?.hash === ((await ports.store.shelf(shelf)).hash || undefined);
};

const advanceOthers = async (ports: PullPorts, shelves: readonly string[]): Promise<void> => {
  const current = await currentTable(ports);
  if (!current) return;
  const whole: string[] = [];
  for (const shelf of shelves) {
    const state = await ports.store.shelf(shelf);
    if (state.hash !== '' && state.hash === current.table[shelf]?.hash && state.baseSeq < current.head.seq)
      whole.push(shelf);
  }
  if (whole.length > 0) await ports.store.advance(whole, current.head.seq);
};

interface ShelfResult {
  readonly head: Head;
  readonly changed: readonly string[];
}

const pullShelf = async (ports: PullPorts, shelf: string, signal: AbortSignal): Promise<ShelfResult> => {
  const { baseSeq } = await ports.store.shelf(shelf);
  if (baseSeq > 0) {
    const delta = await ports.transport.get(`/c/from/${baseSeq}/${shelf}.pack`, MAX_PACK, signal);
    if (delta.found) {
      const applied = await applyPack(ports, shelf, delta, signal).catch(ifMalformed);
      if (applied !== 'incomplete') return applied;
    }
  }
  // Never had it, or the base is too old for a delta, or the delta is malformed or does not lead to the signed shelf: take it whole.
  const full = await ports.transport.get(`/c/full/${shelf}.pack`, MAX_PACK, signal);
  if (!full.found) throw new RelaisError('not-found', { shelf });
  const applied = await applyPack(ports, shelf, full, signal);
  if (applied === 'incomplete') throw new RelaisError('tampered', { what: 'shelf', shelf });
  return applied;
};

/** A delta that a faulty writer made, or that does not fit what is stored here, must not keep the whole pack from being asked for. */
const ifMalformed = (error: unknown): 'incomplete' => {
  const code = codeOf(error, 'storage');
  if (code !== 'malformed' && code !== 'truncated') throw error;
  return 'incomplete';
};

/** Verifies and stores what a pack carries. `incomplete`: it does not lead from what we have to the signed shelf. */
const applyPack = async (
  ports: PullPorts,
  shelf: string,
  fetched: { readonly bytes: Uint8Array; readonly whole: boolean },
  signal: AbortSignal,
): Promise<ShelfResult | 'incomplete'> => {
  const { platform, store } = ports;
  const pack = await readPack(platform, fetched.bytes);
  const cut = !fetched.whole || !pack.whole;
  const library = await acceptHead(ports, pack, cut, signal);
  const cutError = new RelaisError('no-link', { what: 'cut', bytes: fetched.bytes.length });

  const tableBytes = findSection(pack, SectionType.table) ?? tableAfter(library.table, pack);
  const table = tableBytes && (await verifyTable(platform, library.head, tableBytes).catch(ignoreTampered));
  if (!tableBytes || !table) {
    if (cut) throw cutError;
    return 'incomplete';
  }
  const entry = table[shelf];
  if (!entry) {
    await store.saveLibrary({ ...library, table: tableBytes });
    throw new RelaisError('not-found', { shelf });
  }

  const change = await shelfChange(ports, shelf, entry.hash, pack);
  if (change === undefined) {
    if (cut) throw cutError;
    return 'incomplete';
  }
  await store.commitShelf({ ...change, baseSeq: library.head.seq });
  // After the shelf, so that it is never seen to lack what is just arriving. Cut in between, the next sync says it again.
  await store.saveLibrary({ ...library, table: tableBytes });
  return { head: library.head, changed: change.put.map(({ row }) => row.id) };
};

/** The stored table with what the pack says has changed in it. */
const tableAfter = (stored: Uint8Array | undefined, pack: PackContent): Uint8Array | undefined => {
  const change = findSection(pack, SectionType.tableChange);
  return stored && change ? applyTableChange(stored, change) : stored;
};

const ignoreTampered = (error: unknown): undefined => {
  if (codeOf(error, 'storage') !== 'tampered') throw error;
  return undefined;
};

/** Verifies root chain and head, pins at first contact, and stores both. */
const acceptHead = async (
  ports: PullPorts,
  pack: PackContent,
  cut: boolean,
  signal: AbortSignal,
): Promise<LibraryState & { readonly head: Head }> => {
  const { platform, store } = ports;
  const known = await store.library();
  const headBytes = findSection(pack, SectionType.head);
  if (!headBytes) throw new RelaisError('no-link', { what: 'no head' });
  const rootsBytes = findSection(pack, SectionType.roots);
  const chain = rootsBytes ? checkSignedRoots(parseCanonical(rootsBytes)) : [];

  let root: Root;
  let identity: string;
  if (known) {
    identity = known.identity;
    root = await followRoots(platform, known.root, chain);
  } else {
    const [origin] = chain;
    if (!origin) throw new RelaisError(cut ? 'no-link' : 'tampered', { what: 'no root' });
    if (origin.signed.n !== 1) throw new RelaisError('tampered', { what: 'first root' });
    identity = rootIdentity(await verifySelfSigned(platform, origin));
    root = await followRoots(platform, origin.signed, chain);
  }
  const { head, root: headRoot } = await headUnder(ports, root, identity, headBytes, signal);
  const seen = known?.head?.seq ?? 0;
  if (head.seq < seen) throw new RelaisError('rollback', { seq: head.seq, seen });
  // The same tree, signed earlier: a mirror that lags behind. What is newer stays.
  const newest = known?.head && known.head.seq === head.seq && known.head.issued > head.issued ? known.head : head;
  const state = { root: headRoot, identity, head: newest, table: known?.table };
  await store.saveLibrary(state);
  return state;
};

/** The head, under our root, or under a later one that the tree still has. Names a stranger's library as such. */
const headUnder = async (
  ports: PullPorts,
  root: Root,
  identity: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<{ head: Head; root: Root }> => {
  try {
    const head = await verifyHead(ports.platform, root, bytes);
    // A head under an older root than ours was made to take keys back; under a newer one, the chain leads there.
    if (head.root !== root.n)
      throw new RelaisError('tampered', { what: 'root of head', root: head.root, ours: root.n });
    return { head, root };
  } catch (error) {
    if (codeOf(error, 'storage') !== 'tampered') throw error;
    const next = await fetchRoot(ports, root.n + 1, signal);
    if (next) {
      const followed = await followRoots(ports.platform, root, [next]);
      return headUnder(ports, followed, identity, bytes, signal);
    }
    const origin = await fetchRoot(ports, 1, signal);
    if (origin && rootIdentity(await verifySelfSigned(ports.platform, origin)) !== identity) {
      throw new RelaisError('foreign-root', { identity: rootIdentity(origin.signed) });
    }
    throw error;
  }
};

const fetchRoot = async (ports: PullPorts, n: number, signal: AbortSignal): Promise<SignedRoot | undefined> => {
  const fetched = await ports.transport.get(`/c/root/${n}.json`, MAX_ROOT, signal);
  return fetched.found ? parseRoot(fetched.bytes) : undefined;
};

/** What has to be stored so that the shelf is the signed one; undefined where the pack does not bring it there. */
const shelfChange = async (
  { platform, store }: PullPorts,
  shelf: string,
  signedHash: string,
  pack: PackContent,
): Promise<Omit<ShelfCommit, 'baseSeq'> | undefined> => {
  const before = await store.buckets(shelf);
  if ((await store.shelf(shelf)).hash === signedHash) {
    return { shelf, hash: signedHash, buckets: new Map(), put: [], remove: [] };
  }
  const whole = findSections(pack, SectionType.bodies);
  const after = await catalogueAfter(platform, shelf, before, pack, whole.length > 0);
  if (!after || (await shelfHash(platform, after)) !== signedHash) return undefined;

  const have = await store.bodies(shelf);
  const bodies =
    whole.length > 0
      ? await readAll(platform, whole, inflateWithin(mostUnpacked(after), pack.inflate))
      : await readDeltas(
          platform,
          findSection(pack, SectionType.deltas) ?? new Uint8Array(0),
          have,
          longestBody(after),
        );
  return compare(shelf, signedHash, before, after, have, bodies);
};

/** The catalogue that a pack brings, or leads to from the one before; undefined where it brings none. */
const catalogueAfter = async (
  platform: Platform,
  shelf: string,
  before: Buckets,
  pack: PackContent,
  isWhole: boolean,
): Promise<Buckets | undefined> => {
  const rows = findSection(pack, SectionType.rows);
  if (rows) return applyRows(platform, before, parseRows(rows, shelf));
  const section = findSection(pack, SectionType.catalogue);
  if (!section) return undefined;
  const received = parseBuckets(section, shelf);
  // A pack with whole bodies carries the whole catalogue: what it does not name is gone.
  return isWhole ? received : applyBuckets(before, received);
};

const readAll = async (platform: Platform, sections: readonly Uint8Array[], inflate: Inflate): Promise<Bodies> => {
  const bodies = new Map<string, Uint8Array>();
  for (const section of sections)
    for (const [hash, body] of await readBodies(platform, section, inflate)) bodies.set(hash, body);
  return bodies;
};

/** What a frame may ask for at least: the window of a writer that does not know how much will come. */
const WINDOW = 8 << 20;

/** Bytes that the bodies of a signed catalogue unpack to at most: as columns, no JSON is twice as long. */
const mostUnpacked = (buckets: Buckets): number =>
  WINDOW + 2 * fromBuckets(buckets).reduce((sum, { bytes }) => sum + bytes, 0);

const longestBody = (buckets: Buckets): number => Math.max(0, ...fromBuckets(buckets).map(({ bytes }) => bytes));

const compare = (
  shelf: string,
  hash: string,
  before: Buckets,
  after: Buckets,
  have: Bodies,
  received: Bodies,
): Omit<ShelfCommit, 'baseSeq'> | undefined => {
  const put: { row: Row; body: Uint8Array }[] = [];
  const live = new Set<string>();
  for (const row of fromBuckets(after)) {
    if (row.tombstone || row.sha256 === undefined) continue;
    live.add(row.id);
    const body = received.get(row.sha256);
    if (body && !have.has(row.sha256)) put.push({ row, body });
    else if (!have.has(row.sha256)) return undefined;
  }
  // Only what differs: a catalogue of thousands of rows is not written again for one of them.
  const buckets = new Map([...after].filter(([bucket, rows]) => before.get(bucket) !== rows));
  for (const bucket of before.keys()) if (!after.has(bucket)) buckets.set(bucket, []);
  const remove = fromBuckets(before)
    .filter((row) => !live.has(row.id))
    .map((row) => row.id);
  return { shelf, hash, buckets, put, remove };
};
