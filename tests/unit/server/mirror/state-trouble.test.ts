import { expect, it } from 'vitest';
import { reasonOf, wrongShelves } from '../../../../server/mirror/state-trouble.tsx';
import { viewContext } from '../../../../server/publish/site.ts';
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

it.each([
  ['a page of somebody else', 'portal', { what: 'portal' }, true],
  ['nothing of a library', 'no-link', { status: 404 }, true],
  ['a server that fails', 'no-link', { status: 502, bytes: 150 }, false],
  ['a beginning that was cut', 'no-link', { what: 'no head' }, false],
  ['one that is busy', 'busy', { status: 503 }, false],
] as const)('an address that answers with %s', (_, code, details, isStrange) => {
  const last = {
    at: 1,
    by: 'background',
    ok: false,
    code,
    details: JSON.stringify(details),
    sent: 0,
    changed: 0,
  } as const;
  const reason = reasonOf(viewContext('en'), 'answered', last);
  expect(reason).toBe(isStrange ? 'What answers there is no library.' : undefined);
});
