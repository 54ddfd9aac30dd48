import { expect, it } from 'vitest';
import { wrongShelves } from '../../../../server/mirror/state-trouble.tsx';
import type { ShelfTable } from '../../../../src/core/protocol/head.ts';

const entry = { hash: 'A'.repeat(43), items: 1, bytes: 1 };
const table = Object.fromEntries(['fr', 'ha', 'fr-xiati'].map((name) => [name, entry])) as unknown as ShelfTable;

it('what of SHELVES the library lacks is told with what it has', () => {
  expect(wrongShelves(['fr', 'sn'], table)).toEqual({ wrong: ['sn'], all: ['fr', 'ha'] });
  expect(wrongShelves(['fr', 'fr-xiatti'], table)).toEqual({ wrong: ['fr-xiatti'], all: ['fr', 'ha', 'fr-xiati'] });
});

it('nothing is told where all is there, or nobody knows yet', () => {
  expect(wrongShelves([], table)).toBeUndefined();
  expect(wrongShelves(['sn'], {})).toBeUndefined();
  // The collection has nothing of its own in that language.
  expect(wrongShelves(['ha', 'ha-xiati'], table)).toBeUndefined();
});
