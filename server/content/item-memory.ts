import { createHash } from 'node:crypto';
import type { LibraryItem } from '../../src/core/protocol/item.ts';
import type { ContentWarning } from './problems.ts';
import type { Authored } from './read-content.ts';

/** What reading an item's folder gave, and what it depended on besides the folder's own files. */
interface Entry {
  /** Of the folder's files. */
  readonly hash: string;
  /** Ids that it asked for, and whether the library had them. */
  readonly asked: readonly (readonly [string, boolean])[];
  readonly items: readonly Authored<LibraryItem>[];
  readonly warnings: readonly ContentWarning[];
  /** The collection that it is in. */
  readonly collection?: string;
}

type Read = Pick<Entry, 'items' | 'warnings' | 'collection'>;

/** Where the pieces of a memory are kept, by name. They may be lost, and come back damaged. */
export interface MemoryPieces {
  get(name: string): Uint8Array | undefined;
  put(name: string, bytes: Uint8Array): void;
}

/** Few enough to write them all at once, and so many that one is small beside the whole. */
const PIECES = 64;

/**
 * Remembers what folders gave from one publication to the next: to read 10,000 texts anew for one that changed takes longer than all else.
 *
 * Invariants: what is recalled is what reading would give. Everything that reading depends on is the folder's files, the answers of `items.has`,
 * and the `context` that the memory was made for (languages, forms, drawings, the build). A piece whose bytes are not those that were written
 * is no memory; a piece in which nothing changed is not written again.
 */
export class ItemMemory {
  readonly #context: string;
  readonly #pieces: MemoryPieces;
  readonly #before = new Map<string, ReadonlyMap<string, Entry>>();
  readonly #now = new Map<string, Map<string, Entry>>();

  constructor(context: unknown, pieces: MemoryPieces) {
    this.#context = sha256(JSON.stringify(context));
    this.#pieces = pieces;
    for (let n = 0; n < PIECES; n++) {
      const entries = parse(pieces.get(String(n)), this.#context);
      if (entries) this.#before.set(String(n), entries);
    }
  }

  /** Keeps what was read and recalled. */
  keep(): void {
    for (const name of new Set([...this.#before.keys(), ...this.#now.keys()])) {
      const before = this.#before.get(name);
      const now = this.#now.get(name) ?? new Map<string, Entry>();
      if (before?.size === now.size && [...now].every(([id, entry]) => before.get(id) === entry)) continue;
      const text = JSON.stringify({ context: this.#context, entries: [...now] });
      this.#pieces.put(name, Buffer.from(`${sha256(text)}\n${text}`));
    }
  }

  /**
   * What the folder of `id`, whose files have this hash, gives: recalled, or else by `read`, which asks for other items only through the set
   * that it is given. `read` returns undefined for what is not to be remembered: with problems, or with parts that are more than data.
   */
  recall(id: string, hash: string, items: Has, read: (items: Has) => Read | undefined): Read | undefined {
    const name = pieceOf(id);
    const now = this.#now.get(name) ?? new Map<string, Entry>();
    this.#now.set(name, now);
    const before = this.#before.get(name)?.get(id);
    if (before?.hash === hash && before.asked.every(([other, there]) => items.has(other) === there)) {
      now.set(id, before);
      return before;
    }
    const asked = new Map<string, boolean>();
    const result = read({
      has(other) {
        const there = items.has(other);
        asked.set(other, there);
        return there;
      },
    });
    if (result) now.set(id, { hash, asked: [...asked], ...result });
    return result;
  }
}

/** As much of a set as readers of items need. */
export type Has = Pick<ReadonlySet<string>, 'has'>;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

const pieceOf = (id: string): string => String(createHash('sha256').update(id).digest().readUInt8(0) % PIECES);

/** The entries of a piece; undefined where it is damaged, or was written in another context. */
const parse = (stored: Uint8Array | undefined, context: string): ReadonlyMap<string, Entry> | undefined => {
  const [hash, text] = stored ? Buffer.from(stored).toString('utf8').split('\n', 2) : [];
  if (text === undefined || sha256(text) !== hash) return undefined;
  // Ours, byte for byte: JSON has no line breaks of its own.
  const piece = JSON.parse(text) as { readonly context: string; readonly entries: readonly [string, Entry][] };
  return piece.context === context ? new Map(piece.entries) : undefined;
};
