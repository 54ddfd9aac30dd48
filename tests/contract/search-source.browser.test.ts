import { afterEach, expect, it, vi } from 'vitest';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import type { EngineKit } from '../../src/engine/main.ts';
import * as views from '../../src/engine/views.ts';
import { engineSource, type StoredText } from '../../src/search/item-source.ts';
import type { LibraryDb } from '../../src/store/library-db.ts';
import { temporaryLibrary } from './databases.ts';
import { bucketsOf, putOf, sampleItem, sampleState } from './samples.ts';

/** What the search is told of the library on a device. */

let ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const put = async (library: LibraryDb, shelf: string, ids: readonly string[]): Promise<void> => {
  const all = await Promise.all(ids.map((id) => putOf(sampleItem(id, 1, shelf))));
  await library.commitShelf({ shelf, baseSeq: 1, hash: shelf, buckets: await bucketsOf(all), put: all, remove: [] });
};

it('is every text of the languages that are read here and of those that stand in for them, and no other', async () => {
  const { db: library, remove } = temporaryLibrary();
  const of = (fallback: readonly string[]) => ({ hash: 'x', items: 1, bytes: 0, fallback });
  const save = (table: object): Promise<void> =>
    library.saveLibrary({ ...sampleState(1), table: canonicalBytes(table) as Uint8Array<ArrayBuffer> });
  await save({ fr: of([]), ha: of(['fr']), en: of([]) });
  await library.want('ha');
  for (const shelf of ['ha', 'fr', 'en']) await put(library, shelf, ['pump', 'well']);
  let told: readonly StoredText[] = [];
  const source = engineSource({ engine: { library }, views } as unknown as EngineKit);
  ends = [
    source.watch((texts) => {
      told = texts;
    }),
    remove,
  ];
  const shelves = (): readonly string[] => [...new Set(told.map(({ shelf }) => shelf))].sort();
  await vi.waitFor(() => expect(shelves()).toEqual(['fr', 'ha']), 5_000);
  expect(told).toHaveLength(4);
  // What stood in is needed no more: it is not brought up to date, and not found.
  await save({ fr: of([]), ha: of([]), en: of([]) });
  await vi.waitFor(() => expect(shelves()).toEqual(['ha']), 5_000);
  const items = [];
  for await (const some of source.read(told)) items.push(...some.map(({ item }) => item.title));
  expect(items.sort()).toEqual(['pump (ha)', 'well (ha)']);
});
