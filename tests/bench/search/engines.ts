import { create, insertMultiple, save, search } from '@orama/orama';
import flexsearch from 'flexsearch';
import Fuse from 'fuse.js';
import lunr from 'lunr';
import MiniSearch from 'minisearch';
import { Batch } from '../../../src/core/search/batch.ts';
import { TextIndex } from '../../../src/core/search/text-index.ts';
import { eachTerm, forgivesTypo, wantedOf } from '../../../src/core/search/words.ts';
import type { BenchItem } from './corpus.ts';

/**
 * The engines, each as its own users would set it up for the same wishes: every word, the last one as a beginning, one typing error from four
 * letters on. Where an API takes a tokenizer it gets ours; `as it comes` is with the defaults.
 */

/** An index that was built. */
export interface Built {
  /** Ids of all items that match, best first. */
  search(query: string): readonly string[];
  /** The same without typing errors, where the engine can do without. */
  readonly withoutTypos?: (query: string) => readonly string[];
  /** Bytes of what its users would store. */
  stored(): number;
}

export interface BenchEngine {
  readonly name: string;
  readonly note: string;
  /** Asks only so many of each 25 queries: it takes too long for all. */
  readonly share?: number;
  build(items: readonly BenchItem[]): Promise<Built>;
}

const termsOf = (text: string): string[] => {
  const terms: string[] = [];
  eachTerm(text, (term) => terms.push(term));
  return terms;
};
/** A query's terms; the last may be a beginning. Of several readings the first, as a tokenizer gives one. */
const queryTerms = (text: string): string[] =>
  wantedOf(text).flatMap(([reading]) => (reading ?? []).map(({ term }) => term));
const isPair = (term: string): boolean => /^[\u3005-\ud7ff]/.test(term);
const forgives = (term: string): boolean => forgivesTypo(term) && !isPair(term);
const bytesOf = (value: unknown): number =>
  Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
const FIELDS = ['title', 'summary', 'body'];
const BOOST = { title: 3, summary: 2 };

const relais: BenchEngine = {
  name: 'relais',
  note: 'src/core/search',
  async build(items) {
    let n = 0;
    const index = new TextIndex(() => String(n++));
    const drain = (steps: Generator<void, void>): void => {
      while (!steps.next().done);
    };
    // As on a device: part by part, made one in slices.
    for (let i = 0; i < items.length; ) {
      const batch = new Batch();
      for (; i < items.length && batch.terms < 12_000; i++) {
        const { id, title, summary, body } = items[i] as BenchItem;
        const texts = [
          { text: title, weight: 3 as const },
          { text: summary, weight: 2 as const },
          { text: body, weight: 0 as const },
        ];
        batch.add({ key: id, hash: id, texts, codes: [] });
      }
      index.addBatch(batch);
      drain(index.compact(false));
    }
    drain(index.compact(true));
    const find = (query: string, typos: boolean) => {
      const words = wantedOf(query);
      const asked = typos
        ? words
        : words.map((word) => word.map((one) => one.map((term) => ({ ...term, typo: false }))));
      return index.search(asked).map(({ key }) => key);
    };
    return {
      search: (query) => find(query, true),
      withoutTypos: (query) => find(query, false),
      stored: () => index.parts().reduce((sum, { bytes, gone }) => sum + bytes.length + bytesOf(gone), 0),
    };
  },
};

const miniSearch = (name: string, note: string, ours: boolean): BenchEngine => ({
  name,
  note,
  share: 0.5,
  async build(items) {
    const index = new MiniSearch<BenchItem>({
      fields: FIELDS,
      ...(ours && { tokenize: termsOf, processTerm: (term: string) => term }),
    });
    index.addAll(items);
    const find = (query: string, typos: boolean) =>
      index
        .search(query, {
          boost: BOOST,
          combineWith: 'AND',
          prefix: (_, i, terms) => i === terms.length - 1,
          fuzzy: (term) => (typos && forgives(term) ? 1 : false),
          ...(ours && { tokenize: queryTerms }),
        })
        .map(({ id }) => String(id));
    return {
      search: (query) => find(query, true),
      withoutTypos: (query) => find(query, false),
      stored: () => bytesOf(JSON.stringify(index)),
    };
  },
});

const flexSearch: BenchEngine = {
  name: 'FlexSearch',
  note: 'our terms; it has no typing errors, and begins words anywhere in the query',
  async build(items) {
    const index = new flexsearch.Index({ tokenize: 'forward', encode: termsOf });
    for (const [i, { title, summary, body }] of items.entries()) index.add(i, `${title}\n${summary}\n${body}`);
    let stored = 0;
    await index.export((key: string, data: string) => {
      stored += bytesOf(key) + (data === undefined ? 0 : bytesOf(data));
    });
    return {
      search: (query) =>
        (index.search(queryTerms(query).join(' '), { limit: items.length }) as number[]).map(
          (i) => (items[i] as BenchItem).id,
        ),
      stored: () => stored,
    };
  },
};

const orama: BenchEngine = {
  name: 'Orama',
  note: 'our terms; tolerance 1 for the whole query, which it takes for all words',
  share: 0.2,
  async build(items) {
    const db = create({
      schema: { title: 'string', summary: 'string', body: 'string' },
      components: {
        tokenizer: {
          language: 'english',
          normalizationCache: new Map(),
          tokenize: (raw: string) => [...new Set(termsOf(raw))],
        },
      },
    });
    const stored = items.map(({ id, title, summary, body }) => ({ id, title, summary, body }));
    await insertMultiple(db, stored, 1000);
    const find = (query: string, tolerance: number) => {
      const found = search(db, {
        term: query,
        properties: FIELDS as never,
        boost: BOOST,
        tolerance,
        threshold: 0,
        limit: items.length,
      });
      return (found as { hits: { id: string }[] }).hits.map(({ id }) => id);
    };
    return {
      search: (query) => find(query, 1),
      withoutTypos: (query) => find(query, 0),
      stored: () => {
        // The texts themselves are in it: other engines leave them out.
        const { docs: _, ...saved } = save(db) as { docs: unknown };
        return bytesOf(saved);
      },
    };
  },
};

const lunrEngine: BenchEngine = {
  name: 'lunr',
  note: 'our terms; its index cannot be changed',
  share: 0.2,
  async build(items) {
    const index = lunr(function () {
      this.ref('id');
      this.field('title', { boost: 3 });
      this.field('summary', { boost: 2 });
      this.field('body');
      this.pipeline.reset();
      this.searchPipeline.reset();
      this.tokenizer = ((text: string) => termsOf(String(text)).map((term) => new lunr.Token(term, {}))) as never;
      for (const item of items) this.add(item);
    });
    const find = (query: string, typos: boolean) => {
      const terms = queryTerms(query);
      return index
        .query((built) => {
          for (const [i, term] of terms.entries()) {
            const presence = lunr.Query.presence.REQUIRED;
            const isLast = i === terms.length - 1;
            const wildcard = isLast ? lunr.Query.wildcard.TRAILING : lunr.Query.wildcard.NONE;
            // A clause cannot have both: the beginning of a word, or one with an error.
            const editDistance = typos && forgives(term) ? 1 : 0;
            if (isLast && editDistance > 0) built.term(term, { presence: lunr.Query.presence.OPTIONAL, wildcard });
            built.term(
              term,
              isLast && editDistance > 0
                ? { presence: terms.length > 1 ? presence : lunr.Query.presence.OPTIONAL, editDistance }
                : { presence, wildcard, editDistance },
            );
          }
        })
        .map(({ ref }) => ref);
    };
    return {
      search: (query) => find(query, true),
      withoutTypos: (query) => find(query, false),
      stored: () => bytesOf(index),
    };
  },
};

const fuse: BenchEngine = {
  name: 'Fuse',
  note: 'takes no tokenizer; looks through all texts each time, so it is asked one of 25 queries',
  share: 0.04,
  async build(items) {
    const keys = [{ name: 'title', weight: 3 }, { name: 'summary', weight: 2 }, 'body'];
    const index = new Fuse(items, { keys, ignoreLocation: true, ignoreDiacritics: true, threshold: 0.2 });
    const find = (text: string) => {
      const words = text.split(' ').map((word) => ({ $or: FIELDS.map((field) => ({ [field]: word })) }));
      return index.search({ $and: words }).map(({ item }) => item.id);
    };
    return { search: find, stored: () => bytesOf(Fuse.createIndex(FIELDS, [...items])) };
  },
};

export const ENGINES: readonly BenchEngine[] = [
  relais,
  miniSearch('MiniSearch', 'our terms; two letters swapped are two errors to it', true),
  miniSearch('MiniSearch as it comes', 'its own words, folded to small letters', false),
  flexSearch,
  orama,
  lunrEngine,
  fuse,
];
