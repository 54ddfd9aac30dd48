import type { SearchAnswer, SearchHit, SearchQuestion, SearchState, Unwatch } from '../core/api/worker-api.ts';
import { cardOf } from '../core/protocol/card.ts';
import type { LibraryItem } from '../core/protocol/item.ts';
import { languageOf } from '../core/protocol/shelf.ts';
import { Batch } from '../core/search/batch.ts';
import { documentOf, keyOf, textsOf } from '../core/search/item-text.ts';
import { excerptOf } from '../core/search/snippet.ts';
import { type Match, type StoredPart, TextIndex } from '../core/search/text-index.ts';
import { wantedOf, wordsVersion } from '../core/search/words.ts';
import { fallbackOf } from '../core/text/fallback.ts';
import type { ItemSource, StoredText } from './item-source.ts';

/** Where an index is kept. */
export interface IndexStore {
  load(version: string): Promise<readonly StoredPart[]>;
  save(version: string, parts: readonly StoredPart[]): Promise<void>;
}

export interface SearchPorts {
  readonly source: ItemSource;
  readonly store: IndexStore;
  readonly freshId: () => string;
  /** Lets others have their turn; resolves when it is ours again. */
  readonly pause: () => Promise<void>;
  /** Milliseconds, for how long a slice takes. */
  readonly now: () => number;
}

/** So long, in milliseconds, nobody else of the worker has a turn. */
const SLICE_MS = 12;
/** So many terms become a part: to sort them takes less than a slice on a common phone. */
const TERMS_A_PART = 6_000;
/** So many documents are made anew at most, where the page goes before all are done. */
const SAVE_AFTER = 1_000;
/** As much of a hash as tells one text from another. */
const HASH_LETTERS = 16;
/** Items whose words are remembered: the same ones are shown again with the next letter. */
const MOST_REMEMBERED = 60;
const VERSION = 2;
/** So long the first question waits for the library. */
const OPEN_MS = 3_000;

/**
 * Full text search of the library on this device, brought up to date as the library changes.
 *
 * Invariants: only one run changes the index at a time, and never for longer than a slice at once; a question is answered from the index as it
 * is; what is stored is only ever a copy: where it cannot be read it is made anew, where it cannot be written the index in memory goes on.
 */
export class LibrarySearch {
  readonly #ports: SearchPorts;
  #index: TextIndex;
  #texts: readonly StoredText[] | undefined;
  /** The library changed since a run began. */
  #isStale = false;
  #run: Promise<void> | undefined;
  #opened: Promise<void> | undefined;
  #isStorable = true;
  #state: SearchState = { whole: false, share: 0, revision: 0 };
  readonly #listeners = new Set<(state: SearchState) => void>();
  readonly #items = new Map<string, LibraryItem>();

  constructor(ports: SearchPorts) {
    this.#ports = ports;
    this.#index = new TextIndex(ports.freshId);
  }

  /** Tells how much of the library is in the index, now and whenever that changes; begins to follow the library. */
  watch(listener: (state: SearchState) => void): Unwatch {
    this.#listeners.add(listener);
    listener(this.#state);
    void this.#open();
    return () => this.#listeners.delete(listener);
  }

  /** The items that have all words and codes. Answers from what is in the index by now. */
  async search({ words: query, lang, codes, limit }: SearchQuestion): Promise<SearchAnswer> {
    await this.#open();
    const words = wantedOf(query);
    const matches = this.#index.search(
      words,
      codes.map((code) => [code]),
    );
    const ranked = this.#rank(matches, lang);
    const shown = ranked.slice(0, limit).map(({ key }) => key);
    await this.#remember(shown);
    const hits = shown.flatMap((key): SearchHit[] => {
      const item = this.#items.get(key);
      return item ? [{ card: cardOf(item), ...excerptOf(textsOf(item), words) }] : [];
    });
    return { hits, total: ranked.length };
  }

  /** Each item once, in the closest language that has the words; errors last, then the reader's language first, then the best first. */
  #rank(matches: readonly Match[], lang: string): readonly Match[] {
    const langOf = (key: string): string => languageOf(key.slice(0, key.indexOf('/')));
    const chain = fallbackOf(lang, [...new Set(matches.map(({ key }) => langOf(key)))]);
    const places = new Map(chain.map((lang, i) => [lang, i]));
    const placeOf = ({ key }: Match): number => places.get(langOf(key)) ?? chain.length;
    const before = (a: Match, b: Match): number => Number(a.rough) - Number(b.rough) || placeOf(a) - placeOf(b);
    const closest = new Map<string, Match>();
    for (const match of matches) {
      const id = match.key.slice(match.key.indexOf('/') + 1);
      const other = closest.get(id);
      if (!other || before(match, other) < 0) closest.set(id, match);
    }
    return [...closest.values()].sort((a, b) => before(a, b) || b.score - a.score);
  }

  /** Reads the items of these keys, where they are not at hand. */
  async #remember(keys: readonly string[]): Promise<void> {
    const wanted = new Set(keys.filter((key) => !this.#items.has(key)));
    const texts = (this.#texts ?? []).filter(({ shelf, id }) => wanted.has(keyOf(shelf, id)));
    for await (const some of this.#ports.source.read(texts)) {
      for (const { text, item } of some) this.#items.set(keyOf(text.shelf, text.id), item);
    }
    for (const key of this.#items.keys()) {
      if (this.#items.size <= MOST_REMEMBERED) break;
      if (!keys.includes(key)) this.#items.delete(key);
    }
  }

  #open(): Promise<void> {
    this.#opened ??= this.#load();
    return this.#opened;
  }

  /** Resolves once the library's texts are known: the index may still lack some. */
  async #load(): Promise<void> {
    const { source, store, freshId } = this.#ports;
    try {
      this.#index = TextIndex.open(await store.load(versionOf()), freshId);
    } catch {
      // Damaged, or no storage: the index is made anew.
      this.#index = new TextIndex(freshId);
    }
    await new Promise<void>((resolve) => {
      // A database that does not answer must not keep the question waiting: the page would take the worker for dead.
      setTimeout(resolve, OPEN_MS);
      source.watch((texts) => {
        // Told at each sync, mostly with nothing new.
        if (this.#texts && isSame(this.#texts, texts)) return;
        this.#texts = texts;
        this.#items.clear();
        this.#isStale = true;
        void this.#follow();
        resolve();
      });
    });
  }

  #follow(): Promise<void> {
    this.#run ??= this.#bringUpToDate()
      // The database was lost, or is being removed: the next change of the library is the next try.
      .catch((error) => console.warn('search', String(error)))
      .finally(() => {
        this.#run = undefined;
        // What changed after the last look.
        if (this.#isStale) void this.#follow();
      });
    return this.#run;
  }

  async #bringUpToDate(): Promise<void> {
    const turn = this.#turns();
    while (this.#isStale) {
      this.#isStale = false;
      const texts = this.#texts ?? [];
      const keys = new Set(texts.map(({ shelf, id }) => keyOf(shelf, id)));
      const gone = [...this.#index.hashes.keys()].filter((key) => !keys.has(key));
      this.#index.remove(gone);
      const missing = texts.filter(({ shelf, id, hash }) => this.#index.hashes.get(keyOf(shelf, id)) !== markOf(hash));
      if (gone.length === 0 && missing.length === 0) {
        this.#tell(texts.length, 0);
        continue;
      }
      this.#tell(texts.length, missing.length);
      await this.#add(missing, texts.length, turn);
      await this.#compact(true, turn);
      await this.#save();
      this.#tell(texts.length, this.#isStale ? 1 : 0);
    }
  }

  /** Adds texts, until there are others to add. */
  async #add(texts: readonly StoredText[], all: number, turn: () => Promise<void>): Promise<void> {
    let batch = new Batch();
    let left = texts.length;
    let unsaved = 0;
    const flush = async (): Promise<void> => {
      this.#index.addBatch(batch);
      left -= batch.documents;
      unsaved += batch.documents;
      batch = new Batch();
      await this.#compact(false, turn);
      if (unsaved >= SAVE_AFTER) {
        unsaved = 0;
        await this.#save();
      }
      // What is in by now can be found; that all is in is told once it is stored.
      if (left > 0) this.#tell(all, left);
    };
    for await (const some of this.#ports.source.read(texts)) {
      for (const { text, item } of some) {
        batch.add(documentOf(text.shelf, markOf(text.hash), item));
        await turn();
      }
      if (batch.terms < TERMS_A_PART) continue;
      await flush();
      if (this.#isStale) return;
    }
    await flush();
  }

  async #compact(settled: boolean, turn: () => Promise<void>): Promise<void> {
    for (const steps = this.#index.compact(settled); !steps.next().done; ) await turn();
  }

  async #save(): Promise<void> {
    if (!this.#isStorable) return;
    try {
      await this.#ports.store.save(versionOf(), this.#index.parts());
    } catch (error) {
      // What is in memory serves as well, and the next start makes it anew. A full disk is not asked again.
      if ((error as Partial<DOMException>).name === 'QuotaExceededError') this.#isStorable = false;
    }
  }

  /** What is called between two steps: gives others their turn once a slice is over. */
  #turns(): () => Promise<void> {
    const { now, pause } = this.#ports;
    let began = now();
    return async () => {
      if (now() - began < SLICE_MS) return;
      await pause();
      began = now();
    };
  }

  #tell(all: number, left: number): void {
    const share = all === 0 ? 1 : (all - left) / all;
    this.#state = { whole: left === 0, share, revision: this.#state.revision + 1 };
    for (const listener of this.#listeners) listener(this.#state);
  }
}

const isSame = (one: readonly StoredText[], other: readonly StoredText[]): boolean =>
  one.length === other.length &&
  one.every(({ shelf, id, hash }, i) => other[i]?.hash === hash && other[i].id === id && other[i].shelf === shelf);

const markOf = (hash: string): string => hash.slice(0, HASH_LETTERS);

/** Another one, and the index is made anew. */
const versionOf = (): string => `${VERSION}/${wordsVersion()}`;
