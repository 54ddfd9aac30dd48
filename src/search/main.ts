import type { EngineKit } from '../engine/main.ts';
import { SearchDb } from '../store/search-db.ts';
import { engineSource } from './item-source.ts';
import { LibrarySearch } from './library-search.ts';

/** Entry of `search-[hash].js`: one classic file, that only those load who search. */
declare const self: typeof globalThis & { relaisSearch?: SearchKit };

/** What the file leaves in its realm: `self.relaisSearch`. */
export interface SearchKit {
  create(kit: EngineKit): LibrarySearch;
}

self.relaisSearch = {
  create: (kit) =>
    new LibrarySearch({
      source: engineSource(kit),
      store: new SearchDb(),
      freshId: kit.engine.freshId,
      pause: () => new Promise((resolve) => setTimeout(resolve)),
      now: () => performance.now(),
    }),
};
