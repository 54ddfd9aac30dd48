import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import { edited, openBox, type Release, testCase, tinyLibrary } from '../../../support/fixtures.ts';

const rowsOf = async (...libraries: ReturnType<typeof tinyLibrary>[]) => {
  const box = await openBox();
  let rows: Record<string, string> = {};
  for (const library of libraries) {
    const { shelves } = await box.publish(library);
    rows = Object.fromEntries(
      [...shelves].flatMap(([lang, shelf]) =>
        shelf.rows.map((row) => [`${lang}/${row.id}`, row.tombstone ? `gone ${row.rev}` : `rev ${row.rev}`]),
      ),
    );
  }
  return rows;
};

const plain = tinyLibrary();
const other = edited(plain, [testCase('pump', 'fr', 'eau')]);
const without = edited(plain, [], ['fr/pump']);

describe('revisions', () => {
  it('begin at 1 and stay where nothing changes', async () => {
    const first = await rowsOf(plain);
    expect(new Set(Object.values(first))).toEqual(new Set(['rev 1']));
    expect(await rowsOf(plain, plain, plain)).toEqual(first);
  });

  it('grow with each change, of that variant only', async () => {
    expect(await rowsOf(plain, other)).toMatchObject({ 'fr/pump': 'rev 2', 'en/pump': 'rev 1', 'fr/phone': 'rev 1' });
    expect(await rowsOf(plain, other, plain)).toMatchObject({ 'fr/pump': 'rev 3' });
  });

  it('go on over a takedown, which leaves one tombstone', async () => {
    expect(await rowsOf(plain, without)).toMatchObject({ 'fr/pump': 'gone 2', 'en/pump': 'rev 1' });
    expect(await rowsOf(plain, without, without)).toMatchObject({ 'fr/pump': 'gone 2' });
    expect(await rowsOf(plain, without, plain)).toMatchObject({ 'fr/pump': 'rev 3' });
  });
});

it('a row names its item’s canonical bytes, and a tombstone none', async () => {
  const box = await openBox();
  const { shelves } = await box.publish(plain);
  for (const { row, item, body } of shelves.get('fr')?.items ?? []) {
    expect(canonicalBytes(item)).toEqual(Uint8Array.from(body));
    expect(row.bytes).toBe(body.length);
    expect(item.rev).toBe(row.rev);
    expect(box.history.body(row.sha256 ?? '')).toBe(body);
  }
  const gone = (await box.publish(without)).shelves.get('fr')?.rows.find(({ tombstone }) => tombstone);
  expect(gone).toEqual({ id: 'pump', kind: 'case', lang: 'fr', rev: 2, bytes: 0, priority: 0, tombstone: true });
});

describe('what stands in for a language', () => {
  const tableFor = async (items: ReturnType<typeof tinyLibrary>, languages: readonly string[]) => {
    const { table } = await (await openBox()).publish(items, { languages });
    const shelves = JSON.parse(new TextDecoder().decode(table)) as Record<string, { fallback?: string[] }>;
    return Object.fromEntries(Object.entries(shelves).map(([lang, { fallback }]) => [lang, fallback]));
  };
  const chain = [
    ...['fr', 'en', 'ha'].map((lang) => testCase('pump', lang)),
    ...['fr', 'en'].map((lang) => testCase('phone', lang)),
    testCase('radio', 'en'),
  ];

  it('is nothing where it lacks nothing', async () => {
    expect(await tableFor(plain, ['fr', 'en'])).toEqual({ fr: undefined, en: undefined });
  });

  it('is the shortest chain that closes its gaps, the closest language first', async () => {
    expect(await tableFor(chain, ['fr', 'en', 'ha', 'dje'])).toEqual({
      fr: ['en'],
      en: undefined,
      ha: ['fr', 'en'],
      dje: ['ha', 'fr', 'en'],
    });
  });

  it('is no language that has nothing to add', async () => {
    expect(await tableFor(plain, ['fr', 'en', 'ha', 'dje'])).toMatchObject({ dje: ['fr'], ha: ['fr'] });
  });
});

describe('a collection', () => {
  const three = [...plain, testCase('sheet', 'fr'), testCase('sheet', 'en'), testCase('other', 'fr')];
  const filed = { sheet: 'iati', other: 'iati' };
  const states = ({ shelves }: Release) =>
    Object.fromEntries(
      [...shelves].map(([name, { rows }]) => [
        name,
        rows.filter(({ id }) => id === 'sheet').map(({ rev, tombstone }) => (tombstone ? -rev : rev)),
      ]),
    );

  it('is a shelf of its own in each language, and its texts say their own language', async () => {
    const { shelves, table } = await (await openBox()).publish(three, { filed, languages: ['fr', 'en', 'ha'] });
    expect([...shelves.keys()]).toEqual(['fr', 'fr-xiati', 'en', 'en-xiati', 'ha', 'ha-xiati']);
    const items = shelves.get('fr-xiati')?.items ?? [];
    expect(items.map(({ row, item }) => [row.id, row.lang, item.lang])).toEqual([
      ['sheet', 'fr-xiati', 'fr'],
      ['other', 'fr-xiati', 'fr'],
    ]);
    expect(shelves.get('fr')?.rows.map(({ id }) => id)).not.toContain('sheet');
    const entries = JSON.parse(new TextDecoder().decode(table)) as Record<
      string,
      { items: number; fallback?: string[] }
    >;
    // The same collection in the closest language stands in, and never the rest of the library.
    expect(entries['ha-xiati']).toMatchObject({ items: 0, fallback: ['fr-xiati'] });
    expect(entries['en-xiati']).toMatchObject({ items: 1, fallback: ['fr-xiati'] });
    expect(entries['fr-xiati']?.fallback).toBeUndefined();
    expect(entries.en?.fallback).toBeUndefined();
  });

  it('that an item enters or leaves: a tombstone where it was, and the same text where it is', async () => {
    const box = await openBox();
    expect(states(await box.publish(three))).toEqual({ fr: [1], en: [1] });
    const inside = await box.publish(three, { filed });
    expect(states(inside)).toEqual({ fr: [-2], 'fr-xiati': [1], en: [-2], 'en-xiati': [1] });
    expect(states(await box.publish(three, { filed }))).toEqual(states(inside));
    // Newer than its tombstone, wherever it goes.
    const back = await box.publish(three);
    expect(states(back)).toEqual({ fr: [3], 'fr-xiati': [-2], en: [3], 'en-xiati': [-2] });
    expect(states(await box.publish(three))).toEqual(states(back));
  });

  it('that an item enters after changes: its revisions go on', async () => {
    const box = await openBox();
    const changed = edited(three, [testCase('sheet', 'fr', 'eau')]);
    await box.publish(three);
    await box.publish(changed);
    expect(states(await box.publish(changed, { filed }))).toMatchObject({ fr: [-3], 'fr-xiati': [2] });
    expect(states(await box.publish(three, { filed }))).toMatchObject({ fr: [-3], 'fr-xiati': [3] });
  });

  it('that is gone stays as an empty shelf, so that phones take its texts down', async () => {
    const box = await openBox();
    await box.publish(three, { filed });
    const { table, shelves } = await box.publish(plain);
    expect(JSON.parse(new TextDecoder().decode(table))['fr-xiati']).toMatchObject({ items: 0, bytes: 0 });
    expect(shelves.get('fr-xiati')?.rows).toMatchObject([{ tombstone: true }, { tombstone: true }]);
  });
});
