import { codeOf } from '../errors.ts';
import { findSection, MAX_PACK, PACK_MAGIC, type PackContent, readPack, SectionType } from '../pack/format.ts';
import type { Platform } from '../platform.ts';
import { concat } from '../protocol/bytes.ts';
import { headSchema } from '../protocol/head.ts';
import { parseSigned } from '../protocol/signed.ts';
import type { Fetched, LibraryStore, PackPart, Transport } from './ports.ts';
import { isUnwanted } from './trust.ts';

/**
 * Brings a pack over a link that is cut again and again.
 *
 * Invariants: what has arrived behind the head is stored before `STEP` more bytes have; what is stored is not asked for again; bytes of two
 * packs are never taken for one, since each section has its hash.
 */
export interface PackPorts {
  readonly platform: Platform;
  readonly store: LibraryStore;
  readonly transport: Transport;
}

/** So many bytes may be lost when the device dies in the middle of a pack. */
const STEP = 1024;

/** What is read of a pack while the rest is on its way: alerts stand near its beginning. */
const EARLY = 64 * 1024;

/** Told of the beginning of a pack as it grows, while it is small. Says whether it has seen enough. `foreign-root` and `rollback` end the pack. */
export type Early = (beginning: PackContent) => Promise<boolean>;

export interface ArrivedPack {
  readonly bytes: Uint8Array;
  readonly whole: boolean;
  /** Part of it came earlier: the library may have moved on since. */
  readonly resumed: boolean;
}

/**
 * The pack that leads from `base` to the newest publication, or all of a shelf from 0; undefined where there is none. All of a shelf that was begun,
 * since nothing led there from `base`, is gone on with.
 */
export const fetchPack = async (
  ports: PackPorts,
  shelf: string,
  base: number,
  early: Early,
  signal: AbortSignal,
): Promise<ArrivedPack | undefined> => {
  const part = await ports.store.part(shelf);
  if (part) {
    const keep = new Keeper(ports, shelf, () => part.path, early);
    const fits = [base, 0].some((from) => part.path.startsWith(`/c/from/${from}-`));
    const resumed = fits && (await goOn(keep, part, signal));
    if (resumed) return resumed;
    await ports.store.dropPart(shelf);
  }
  const path = base > 0 ? `/c/from/${base}/${shelf}.pack` : `/c/full/${shelf}.pack`;
  const keep = new Keeper(ports, shelf, (seq) => nameOf(base, seq, shelf), early);
  const fetched = await keep.fetch(path, 0, signal);
  return fetched && { bytes: fetched.bytes, whole: fetched.whole, resumed: false };
};

/** A pack's full name: its bytes behind the head are the same for good. From 0: all of the shelf. */
export const nameOf = (base: number, seq: number, shelf: string): string => `/c/from/${base}-${seq}/${shelf}.pack`;

/** Asks for what is missing of a pack; undefined where the tree has it no more. */
const goOn = async (keep: Keeper, { path, bytes }: PackPart, signal: AbortSignal): Promise<ArrivedPack | undefined> => {
  const fetched = await keep
    .begin(bytes)
    .then(() => keep.fetch(path, bytes.length, signal))
    .catch((error: unknown) => {
      // News came another way since it was begun: what is there now may be as new.
      if (codeOf(error, 'storage') !== 'rollback') throw error;
    });
  if (!fetched) return undefined;
  const start = bytes.subarray(0, fetched.at ?? 0);
  return { bytes: concat([start, fetched.bytes]), whole: fetched.whole, resumed: true };
};

/** Stores what arrives of a pack, and reads its beginning. */
class Keeper {
  readonly #ports: PackPorts;
  readonly #shelf: string;
  readonly #path: (seq: number) => string;
  readonly #early: Early;
  /** What is not stored yet, and where it begins. */
  #waiting: Uint8Array[] = [];
  #from = 0;
  /** Bytes of another try that are stored: less is no news. */
  #kept = 0;
  /** The beginning, until it has been looked at. */
  #beginning: Uint8Array | undefined = new Uint8Array(0);
  #name: string | undefined;

  constructor(ports: PackPorts, shelf: string, path: (seq: number) => string, early: Early) {
    this.#ports = ports;
    this.#shelf = shelf;
    this.#path = path;
    this.#early = early;
  }

  /** What was there before. */
  async begin(bytes: Uint8Array): Promise<void> {
    this.#from = bytes.length;
    await this.#look(bytes);
  }

  /** The file from `from` on; undefined where there is none. What came of one that was cut is stored. */
  async fetch(path: string, from: number, signal: AbortSignal): Promise<Extract<Fetched, { found: true }> | undefined> {
    const fetched = await this.#ports.transport.get(path, MAX_PACK, signal, { from, onPart: this.#take });
    if (!fetched.found) return undefined;
    if (!fetched.whole) await this.#save();
    return fetched;
  }

  readonly #take = async (at: number, part: Uint8Array, last: boolean): Promise<void> => {
    if (at === 0 && this.#from > 0) {
      // A server that knows no Range begins again: so do we.
      this.#kept = this.#from;
      this.#from = 0;
      this.#waiting = [];
      this.#beginning = new Uint8Array(0);
    }
    this.#waiting.push(part);
    // All of it is here: it is verified and stored in a moment.
    if (last) return;
    if (this.#beginning) await this.#look(concat([this.#beginning, part]));
    if (this.#waiting.reduce((sum, { length }) => sum + length, 0) >= STEP) await this.#save();
  };

  /** Stores what has come so far. Before its head has, a pack has no name that would stay. */
  async #save(): Promise<void> {
    const bytes = concat(this.#waiting);
    if (this.#name === undefined || this.#from + bytes.length <= this.#kept) return;
    await this.#ports.store.savePart(this.#shelf, this.#name, this.#from, bytes).catch(() => {
      // A full phone: the pack may still come in one go.
    });
    this.#from += bytes.length;
    this.#waiting = [];
  }

  async #look(beginning: Uint8Array): Promise<void> {
    this.#beginning = beginning;
    try {
      const content = await readPack(this.#ports.platform, beginning);
      const head = findSection(content, SectionType.head);
      if (!head) return;
      this.#name ??= this.#path(parseSigned(head, headSchema, 'head').signed.seq);
      if ((await this.#early(content)) || beginning.length > EARLY) this.#beginning = undefined;
    } catch (error) {
      // Nobody wants more of it, and it may come at each try: what there is of it is not gone on with.
      if (isUnwanted(codeOf(error, 'storage'))) {
        await this.#ports.store.dropPart(this.#shelf);
        throw error;
      }
      // What is wrong with it is said once it is read as a whole. Of the first few bytes nothing can be said yet.
      if (beginning.length >= PACK_MAGIC.length) this.#beginning = undefined;
    }
  }
}
