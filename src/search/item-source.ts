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

/** Shelf and number of a record. */
const nameOf = (shelf: string, n: number): string => JSON.stringify([shelf, n]);

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
    const cards = await library.read(['cards'], (at) =>
      Promise.all(texts.map(({ shelf, id }) => at('cards').get([shelf, id]))),
    );
    const records = new Map<string, { readonly key: [string, number]; readonly ids: Set<string> }>();
    for (const card of cards) {
      if (!card) continue;
      const name = nameOf(card.shelf, card.n);
      const record = records.get(name) ?? { key: [card.shelf, card.n], ids: new Set() };
      record.ids.add(card.id);
      records.set(name, record);
    }
    for (const { key, ids } of records.values()) {
      const record = await library.get('records', key);
      yield (record?.bodies ?? []).flatMap(({ id, hash, body }) => {
        if (!ids.has(id)) return [];
        const item = JSON.parse(fromUtf8(body)) as ItemBody;
        // What was stored before items were filed under something has no field for it.
        return isReadable(item)
          ? [{ text: { shelf: key[0], id, hash }, item: { ...item, tags: item.tags ?? [] } }]
          : [];
      });
    }
  },
});
