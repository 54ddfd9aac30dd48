import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SearchState } from '../../../src/core/api/worker-api.ts';
import type { LibraryItem } from '../../../src/core/protocol/item.ts';
import { languageOf } from '../../../src/core/protocol/shelf.ts';
import type { StoredPart } from '../../../src/core/search/text-index.ts';
import type { ItemSource, StoredText } from '../../../src/search/item-source.ts';
import { LibrarySearch } from '../../../src/search/library-search.ts';
import { SearchDb } from '../../../src/store/search-db.ts';
import { testCase } from '../../support/fixtures.ts';

/** The index follows the library: item by item, from start to start, and whatever becomes of the disk. */

/** A library in memory, whose texts are `{shelf}/{id}` with a hash. */
class FakeLibrary implements ItemSource {
  readonly #items = new Map<string, { readonly text: StoredText; readonly item: LibraryItem }>();
  readonly #listeners = new Set<(texts: readonly StoredText[]) => void>();
  /** Keys of what was read. */
  readonly reads: string[] = [];

  put(shelf: string, id: string, words: string, title = id): void {
    const item = { ...(testCase(id, languageOf(shelf), words) as LibraryItem), rev: 1, title };
    this.#items.set(`${shelf}/${id}`, {
      text: { shelf, id, hash: createHash('sha256').update(`${words} ${title}`).digest('base64url') },
      item,
    });
  }
  drop(shelf: string, id: string): void {
    this.#items.delete(`${shelf}/${id}`);
  }
  tell(): void {
    for (const listener of this.#listeners) listener([...this.#items.values()].map(({ text }) => text));
  }
  watch(listener: (texts: readonly StoredText[]) => void): () => void {
    this.#listeners.add(listener);
    queueMicrotask(() => listener([...this.#items.values()].map(({ text }) => text)));
    return () => this.#listeners.delete(listener);
  }
  async *read(texts: readonly StoredText[]) {
    for (const { shelf, id } of texts) {
      const found = this.#items.get(`${shelf}/${id}`);
      this.reads.push(`${shelf}/${id}`);
      yield found ? [found] : [];
    }
  }
}

let opened = 0;
let library: FakeLibrary;
let name: string;
beforeEach(() => {
  library = new FakeLibrary();
  library.put('fr', 'milk', 'La coopérative pèse le lait');
  library.put('fr', 'radio', 'La radio parle du lait et du manioc');
  library.put('en', 'milk', 'The cooperative weighs the milk');
  library.put('en', 'phone', 'The phone of the village, for milk prices');
  name = `search-${opened++}`;
});

const start = (
  store: ConstructorParameters<typeof LibrarySearch>[0]['store'] = new SearchDb(name),
  pauses: string[] = [],
) => {
  let n = 0;
  let time = 0;
  return new LibrarySearch({
    source: library,
    store,
    freshId: () => `${name}-${opened}-${Math.random()}-${n++}`,
    pause: async () => {
      pauses.push('pause');
      await new Promise((resolve) => setTimeout(resolve));
    },
    // Each look at the clock takes longer than a slice: between any two steps there is a pause.
    now: () => (time += 20),
  });
};
/** Resolves once all of the library is in the index. */
const whole = (search: LibrarySearch, least = 0): Promise<SearchState> =>
  new Promise((resolve) => {
    const end = search.watch((state) => {
      if (!state.whole || state.revision <= least) return;
      resolve(state);
      queueMicrotask(() => end());
    });
  });
const find = async (search: LibrarySearch, words: string, lang = 'fr', codes: readonly string[] = []) =>
  (await search.search({ words, lang, codes, limit: 20 })).hits.map(({ card }) => `${card.lang}/${card.id}`);

describe('the search', () => {
  it('finds what the library has, the reader’s language first, an item once', async () => {
    const search = start();
    await whole(search);
    expect(await find(search, 'lait')).toEqual(['fr/milk', 'fr/radio']);
    expect(await find(search, 'milk', 'en')).toEqual(['en/milk', 'en/phone']);
    expect(await find(search, 'milk', 'fr')).toEqual(['fr/milk', 'en/phone']);
    expect(await find(search, 'cooperative', 'en')).toEqual(['en/milk']);
    expect(await find(search, 'cooperative', 'ha')).toEqual(['fr/milk']);
    expect(await find(search, 'lait', 'fr', ['kind:guide'])).toEqual([]);
    expect(await find(search, 'lait', 'fr', ['kind:case'])).toHaveLength(2);
  });

  it('finds what is in a collection as near to the reader as its language is, and by the collection', async () => {
    library.put('en-xdocs', 'sheet', 'A sheet of lait in English');
    library.put('fr-xdocs', 'sheet', 'Une fiche sur le lait');
    library.put('en', 'more', 'Lait, as they say');
    const search = start();
    await whole(search);
    expect(await find(search, 'lait', 'fr')).toEqual(expect.arrayContaining(['fr/sheet', 'en/more']));
    expect((await find(search, 'lait', 'fr')).at(-1)).toBe('en/more');
    expect(await find(search, 'lait', 'en')).toContain('en/sheet');
    expect(await find(search, 'lait', 'fr', ['collection:docs'])).toEqual(['fr/sheet']);
  });

  it('shows the words where they stand, marked', async () => {
    const search = start();
    await whole(search);
    const { hits, total } = await search.search({ words: 'lait coop', lang: 'fr', codes: [], limit: 20 });
    expect(total).toBe(1);
    expect(hits[0]?.passage.filter(({ hit }) => hit).map(({ text }) => text)).toEqual(['coopérative', 'lait']);
    expect(hits[0]?.passage.map(({ text }) => text).join('')).toContain('La coopérative pèse le lait');
  });

  it('gives others their turn while it reads', async () => {
    const pauses: string[] = [];
    const search = start(new SearchDb(name), pauses);
    await whole(search);
    expect(pauses.length).toBeGreaterThanOrEqual(4);
  });

  it('answers while it is still being made, and tells of more', async () => {
    for (let i = 0; i < 50; i++) library.put('fr', `more-${i}`, `Le lait numéro ${i}`);
    const search = start();
    const states: SearchState[] = [];
    search.watch((state) => states.push(state));
    const first = await find(search, 'lait');
    expect(first.length).toBeLessThan(52);
    await whole(search);
    expect((await search.search({ words: 'lait', lang: 'fr', codes: [], limit: 5 })).total).toBe(52);
    expect(states.some(({ whole: all }) => !all)).toBe(true);
    expect(states.at(-1)).toMatchObject({ whole: true, share: 1 });
  });

  it('reads only what changed, and drops what went', async () => {
    const search = start();
    const { revision } = await whole(search);
    library.reads.length = 0;
    library.put('fr', 'radio', 'La radio parle du sorgho');
    library.put('fr', 'well', 'Le puits et sa margelle');
    library.drop('en', 'phone');
    library.tell();
    await whole(search, revision + 1);
    expect(library.reads.sort()).toEqual(['fr/radio', 'fr/well']);
    expect(await find(search, 'sorgho')).toEqual(['fr/radio']);
    expect(await find(search, 'manioc')).not.toContain('fr/radio');
    expect(await find(search, 'margelle')).toEqual(['fr/well']);
    expect(await find(search, 'phone', 'en')).toEqual([]);
  });
});

describe('the stored index', () => {
  it('serves the next start, which reads nothing again', async () => {
    await whole(start());
    library.reads.length = 0;
    const search = start();
    await whole(search);
    expect(library.reads).toEqual([]);
    expect(await find(search, 'lait')).toEqual(['fr/milk', 'fr/radio']);
  });

  it('is brought up to date with what changed between two starts', async () => {
    await whole(start());
    library.reads.length = 0;
    library.put('fr', 'radio', 'La radio parle du sorgho');
    library.drop('fr', 'milk');
    const search = start();
    await whole(search);
    expect(library.reads).toEqual(['fr/radio']);
    expect(await find(search, 'sorgho')).toEqual(['fr/radio']);
    expect(await find(search, 'coopérative', 'fr')).toEqual(['en/milk']);
  });

  const parts = (): Promise<readonly StoredPart[]> => new SearchDb(name).load('2/1s');
  const damage = async (change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): Promise<void> => {
    const stored = await parts();
    expect(stored.length).toBeGreaterThan(0);
    await new SearchDb(name).save(
      '2/1s',
      stored.map((part) => ({ ...part, id: `${part.id}x`, bytes: change(part.bytes) })),
    );
  };

  it.each<[string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>]>([
    ['was cut', (bytes) => bytes.slice(0, bytes.length / 2)],
    ['is empty', () => new Uint8Array()],
    ['has a bit turned over', (bytes) => bytes.map((byte, i) => (i === 60 ? byte ^ 1 : byte))],
  ])('is made anew where it %s', async (_, change) => {
    await whole(start());
    await damage(change);
    library.reads.length = 0;
    const search = start();
    await whole(search);
    expect(library.reads).toHaveLength(4);
    expect(await find(search, 'lait')).toEqual(['fr/milk', 'fr/radio']);
    // And is whole again for the start after.
    library.reads.length = 0;
    await whole(start());
    expect(library.reads).toEqual([]);
  });

  it('is made anew where an older app left it', async () => {
    await whole(start());
    await new SearchDb(name).save('0/1s', await parts());
    library.reads.length = 0;
    await whole(start());
    expect(library.reads).toHaveLength(4);
  });
});

describe('a disk', () => {
  const full = { load: async () => [] };

  it('that is full: the search works from memory, and asks the disk no more', async () => {
    let writes = 0;
    const save = async (): Promise<void> => {
      writes++;
      throw new DOMException('no room', 'QuotaExceededError');
    };
    const search = start({ ...full, save });
    const { revision } = await whole(search);
    expect(await find(search, 'lait')).toEqual(['fr/milk', 'fr/radio']);
    library.put('fr', 'well', 'Le puits et sa margelle');
    library.tell();
    await whole(search, revision + 1);
    expect(await find(search, 'margelle')).toEqual(['fr/well']);
    expect(writes).toBe(1);
  });

  it('that cannot be read: the index is made in memory', async () => {
    const load = async (): Promise<never> => {
      throw new DOMException('lost', 'UnknownError');
    };
    const search = start({ load, save: load });
    await whole(search);
    expect(await find(search, 'lait')).toEqual(['fr/milk', 'fr/radio']);
  });
});

describe('SearchDb', () => {
  const part = (id: string, byte: number, gone: readonly number[] = []): StoredPart => ({
    id,
    bytes: new Uint8Array([byte]),
    gone,
  });

  it('gives back what was saved last, and nothing of what was there before', async () => {
    const store = new SearchDb(name);
    expect(await store.load('1')).toEqual([]);
    await store.save('1', [part('a', 1), part('b', 2)]);
    await store.save('1', [part('b', 2, [0, 3]), part('c', 3)]);
    expect(await store.load('1')).toEqual([part('b', 2, [0, 3]), part('c', 3)]);
    expect(await store.load('2')).toEqual([]);
  });

  it('writes the bytes of a part once', async () => {
    const store = new SearchDb(name);
    await store.save('1', [part('a', 1)]);
    await store.save('1', [part('a', 9, [0])]);
    expect(await store.load('1')).toEqual([part('a', 1, [0])]);
  });
});
