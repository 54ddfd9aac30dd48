import type { Unwatch } from '../core/api/worker-api.ts';
import { fromUtf8 } from '../core/protocol/bytes.ts';
import { type ItemBody, isReadable, type LibraryItem } from '../core/protocol/item.ts';
import type { EngineKit } from '../engine/main.ts';

/** An item's text as it is on the device. */
export interface StoredText {
  readonly shelf: string;
  readonly id: string;
  readonly hash: string;
}

/** What the search needs from the library. */
export interface ItemSource {
  /** Tells all texts for reading, now and whenever they change. */
  watch(listener: (texts: readonly StoredText[]) => void): Unwatch;
  /** Reads items, some at a time; those that are gone meanwhile are left out. */
  read(
    texts: readonly StoredText[],
  ): AsyncGenerator<readonly { readonly text: StoredText; readonly item: LibraryItem }[]>;
}

/** The engine's database as a source. */
export const engineSource = ({ engine: { library }, views }: EngineKit): ItemSource => ({
  watch: (listener) =>
    views.watch(
      () => Promise.all([library.library(), library.all('shelves'), library.all('catalogue')]),
      ([state, shelves, buckets]) => {
        const inUse = new Set(views.shelvesInUse(state, shelves));
        const kept = buckets.filter(({ shelf }) => inUse.has(shelf));
        const texts = kept.flatMap(({ shelf, rows }) =>
          rows.flatMap(({ id, kind, sha256 }) =>
            sha256 === undefined || kind === 'form' || kind === 'centre' ? [] : [{ shelf, id, hash: sha256 }],
          ),
        );
        listener(texts);
      },
    ),

  async *read(texts) {
    for (const shelf of new Set(texts.map((text) => text.shelf))) {
      const wanted = new Set(texts.flatMap((text) => (text.shelf === shelf ? text.id : [])));
      const cards = await library.cards(shelf);
      for (const n of new Set(cards.flatMap((card) => (wanted.has(card.id) ? card.n : [])))) {
        const record = await library.get('records', [shelf, n]);
        yield (record?.bodies ?? []).flatMap(({ id, hash, body }) => {
          if (!wanted.has(id)) return [];
          const item = JSON.parse(fromUtf8(body)) as ItemBody;
          // What was stored before items were filed under something has no field for it.
          return isReadable(item) ? [{ text: { shelf, id, hash }, item: { ...item, tags: item.tags ?? [] } }] : [];
        });
      }
    }
  },
});
