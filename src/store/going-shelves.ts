import { fromUtf8 } from '../core/protocol/bytes.ts';
import { neededShelves, type ShelfTable } from '../core/protocol/head.ts';
import { languageOf } from '../core/protocol/shelf.ts';
import type { LibraryState } from '../core/sync/ports.ts';
import type { ShelfRecord } from './library-schema.ts';

/** Which shelves leave a device together. */

/** What is wanted no more with a shelf: of a language its collections too. */
export const droppedWith = (name: string, shelves: readonly ShelfRecord[]): readonly string[] => [
  name,
  ...shelves
    .filter((shelf) => shelf.order < 0 && shelf.name !== name && languageOf(shelf.name) === name)
    .map((shelf) => shelf.name),
];

/** The shelves that go once some are wanted no more: they, and what stands in for their gaps, unless another that is wanted needs them. */
export const goingWith = (
  names: readonly string[],
  state: LibraryState | undefined,
  shelves: readonly ShelfRecord[],
): readonly string[] => {
  const table = state?.table ? (JSON.parse(fromUtf8(state.table)) as ShelfTable) : {};
  const others = shelves.filter((shelf) => shelf.order < 0 && !names.includes(shelf.name));
  const needed = neededShelves(
    others.map((shelf) => shelf.name),
    table,
  );
  return neededShelves(names, table).filter((shelf) => !needed.includes(shelf));
};
