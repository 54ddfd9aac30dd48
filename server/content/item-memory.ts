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
}

type Read = Pick<Entry, 'items' | 'warnings'>;

/**
 * Remembers what folders gave from one publication to the next: to read 10,000 texts anew for one that changed takes longer than all else.
 *
 * Invariant: what is recalled is what reading would give. Everything that reading depends on is the folder's files, the answers of `items.has`,
 * and the `context` that the memory was made for (languages, forms, drawings, the build).
 */
export class ItemMemory {
  readonly #context: string;
  readonly #before: Readonly<Record<string, Entry>>;
  readonly #now: Record<string, Entry> = {};

  /** `stored`: what `toBytes` gave; anything else is no memory. */
  constructor(context: unknown, stored: Uint8Array | undefined) {
    this.#context = JSON.stringify(context);
    this.#before = parse(stored, this.#context);
  }

  toBytes(): Uint8Array {
    return Buffer.from(JSON.stringify({ context: this.#context, entries: this.#now }));
  }

  /**
   * What the folder of `id`, whose files have this hash, gives: recalled, or else by `read`, which asks for other items only through the set
   * that it is given. `read` returns undefined for what is not to be remembered: with problems, or with parts that are more than data.
   */
  recall(id: string, hash: string, items: Has, read: (items: Has) => Read | undefined): Read | undefined {
    const before = this.#before[id];
    if (before?.hash === hash && before.asked.every(([other, there]) => items.has(other) === there)) {
      this.#now[id] = before;
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
    if (result) this.#now[id] = { hash, asked: [...asked], ...result };
    return result;
  }
}

/** As much of a set as readers of items need. */
export type Has = Pick<ReadonlySet<string>, 'has'>;

const parse = (stored: Uint8Array | undefined, context: string): Readonly<Record<string, Entry>> => {
  if (!stored) return {};
  try {
    const value = JSON.parse(Buffer.from(stored).toString('utf8')) as {
      context: string;
      entries: Record<string, Entry>;
    };
    return value.context === context ? value.entries : {};
  } catch {
    return {};
  }
};
