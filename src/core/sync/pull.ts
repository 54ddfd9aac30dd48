import { codeOf, RelaisError } from '../errors.ts';
import { findSection, type PackContent, readPack, SectionType } from '../pack/format.ts';
import { verifyAlerts } from '../protocol/alerts.ts';
import { applyTableChange, type Head, neededShelves, type ShelfTable, verifyTable } from '../protocol/head.ts';
import { APP_VERSION } from '../protocol/version.ts';
import { type ArrivedPack, fetchPack } from './fetch-pack.ts';
import type { PullPorts } from './ports.ts';
import { shelfChange } from './shelf-change.ts';
import { acceptHead, lookAtHead, meetLibrary } from './trust.ts';

export interface PullResult {
  /** Ids of items that are new or changed, by shelf. */
  readonly changed: Readonly<Record<string, readonly string[]>>;
  /** The tree asks for a newer app. */
  readonly needsUpdate: boolean;
}

/**
 * Brings the wanted shelves up to date, and those that stand in for what they lack.
 *
 * Invariants: nothing is stored that the pinned root does not vouch for; `head.seq` never goes back; a shelf's `baseSeq`
 * moves only with all its text; what is stored stays readable whatever arrives.
 */
export const pull = async (ports: PullPorts, signal: AbortSignal): Promise<PullResult> => {
  // Grows while it is worked off: a table tells which other shelves the wanted ones need.
  const queue = [...(ports.shelves ?? (await ports.store.wanted()))];
  const changed: Record<string, readonly string[]> = {};
  let needsUpdate = false;
  let newest: ShelfResult | undefined;
  let missing: unknown;
  if (ports.wary) await lookAtHead(ports, signal);
  for (const [place, shelf] of queue.entries()) {
    signal.throwIfAborted();
    // The first pack tells about all shelves; the others are asked only where the table says that they changed.
    if (newest && newest.table[shelf]?.hash === ((await ports.store.shelf(shelf)).hash || undefined)) continue;
    try {
      const result = await pullShelf(ports, shelf, signal);
      needsUpdate ||= result.head.minApp > APP_VERSION;
      if (result.changed.length > 0) changed[shelf] = result.changed;
      if (!newest) {
        const needed = neededShelves(queue, result.table);
        const done = queue.slice(0, place + 1);
        queue.splice(place + 1, queue.length, ...needed.filter((one) => !done.includes(one)));
        await advanceOthers(ports, queue, result);
      }
      newest = result;
    } catch (error) {
      // A language that left the library must not keep the others from their news.
      if (codeOf(error, 'storage') !== 'not-found') throw error;
      missing = error;
    }
  }
  if (missing !== undefined && !newest) {
    // Answers go to the centre all the same.
    if (!(await ports.store.library())) await meetLibrary(ports, signal);
    throw missing;
  }
  return { changed, needsUpdate };
};

/** Moves the cursors of shelves that are whole already, as the newest table names them. */
const advanceOthers = async (
  { store }: PullPorts,
  shelves: readonly string[],
  { head, table }: ShelfResult,
): Promise<void> => {
  const whole: string[] = [];
  for (const shelf of shelves) {
    const { hash, baseSeq } = await store.shelf(shelf);
    if (hash === table[shelf]?.hash && baseSeq < head.seq) whole.push(shelf);
  }
  if (whole.length > 0) await store.advance(whole, head.seq);
};

interface ShelfResult {
  readonly head: Head;
  readonly table: ShelfTable;
  readonly changed: readonly string[];
}

const pullShelf = async (ports: PullPorts, shelf: string, signal: AbortSignal): Promise<ShelfResult> => {
  const { baseSeq } = await ports.store.shelf(shelf);
  if (baseSeq > 0) {
    const applied = await takePack(ports, shelf, baseSeq, signal).catch(ifMalformed);
    if (typeof applied === 'object') return applied;
  }
  // Never had it, or the base is too old for a delta, or the delta is malformed or does not lead to the signed shelf: take it whole.
  const applied = await takePack(ports, shelf, 0, signal);
  if (applied === 'none') throw new RelaisError('not-found', { shelf });
  if (applied === 'incomplete') throw new RelaisError('tampered', { what: 'shelf', shelf });
  return applied;
};

/** Fetches the pack from `base`, and stores what it brings. `none`: the tree has no such pack. */
const takePack = async (
  ports: PullPorts,
  shelf: string,
  base: number,
  signal: AbortSignal,
): Promise<ShelfResult | 'incomplete' | 'none'> => {
  const pack = await fetchPack(
    ports,
    shelf,
    base,
    (beginning) => takeBeginning(ports, shelf, beginning, signal),
    signal,
  );
  if (!pack) return 'none';
  const afresh = (): Promise<ShelfResult | 'incomplete' | 'none'> => takePack(ports, shelf, base, signal);
  let applied: ShelfResult | 'incomplete';
  try {
    applied = await applyPack(ports, shelf, pack, signal);
  } catch (error) {
    const code = codeOf(error, 'storage');
    // Cut: it is gone on with. A device that is full does not ask for it again either.
    if (code === 'no-link' || code === 'storage' || code === 'full') throw error;
    await ports.store.dropPart(shelf);
    // Put together from two answers: another publication may have come in between.
    if (pack.resumed) return afresh();
    throw error;
  }
  if (applied === 'incomplete') {
    await ports.store.dropPart(shelf);
    return pack.resumed ? afresh() : applied;
  }
  if (!pack.resumed) return applied;
  // It began a while ago: what has come since follows at once.
  const since = await pullShelf(ports, shelf, signal);
  return { ...since, changed: [...new Set([...applied.changed, ...since.changed])] };
};

/**
 * Reads the beginning of a pack whose rest is still on its way, and stores the urgent notices that stand there. Says whether it holds nothing more
 * of that kind. Throws `foreign-root` or `rollback` before more comes of a library that is not wanted.
 */
const takeBeginning = async (
  ports: PullPorts,
  shelf: string,
  beginning: PackContent,
  signal: AbortSignal,
): Promise<boolean> => {
  const alerts = findSection(beginning, SectionType.alerts);
  if (!alerts && beginning.sections.every(({ type }) => BEFORE_ALERTS.has(type))) return false;
  const { root, head } = await acceptHead(ports, beginning, true, signal);
  if (alerts) await ports.store.saveAlerts(await verifyAlerts(ports.platform, root, head, shelf, alerts), alerts);
  return true;
};

const BEFORE_ALERTS: ReadonlySet<number> = new Set([SectionType.head, SectionType.roots]);

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
  fetched: ArrivedPack,
  signal: AbortSignal,
): Promise<ShelfResult | 'incomplete'> => {
  const { platform, store } = ports;
  const pack = await readPack(platform, fetched.bytes);
  // Gone on with to its end, and still not whole: what was kept is of another pack, and would be gone on with for ever.
  const cut = !fetched.whole || (!pack.whole && !fetched.resumed);
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
  const alerts = findSection(pack, SectionType.alerts);
  await store.commitShelf({ ...change, baseSeq: library.head.seq, ...(alerts && { alerts }) });
  // After the shelf, so that it is never seen to lack what is just arriving. Cut in between, the next sync says it again.
  await store.saveLibrary({ ...library, table: tableBytes });
  return { head: library.head, table, changed: change.put.map(({ row }) => row.id) };
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
