import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { neededShelves } from '../../../../src/core/protocol/head.ts';
import { languageTag } from '../../../../src/core/protocol/shapes.ts';
import { collectionOf, languageOf, languagesFirst, shelfName } from '../../../../src/core/protocol/shelf.ts';

describe('the name of a shelf', () => {
  it.each([
    ['fr', undefined, 'fr'],
    ['fr', 'iati', 'fr-xiati'],
    ['ha-NE', 'ab', 'ha-NE-xab'],
    ['zh-Hant', 'sheets1', 'zh-Hant-xsheets1'],
  ] as const)('%s, collection %s: %s', (lang, collection, name) => {
    expect(shelfName(lang, collection)).toBe(name);
    expect([languageOf(name), collectionOf(name)]).toEqual([lang, collection]);
    // Who knows no collections checks for a tag, and reads on.
    expect(v.is(languageTag, name)).toBe(true);
  });

  it.each(['fr', 'ha-NE', 'qps-plocm', 'fr-x', 'fr-xa', 'xh', 'xal-RU', 'fr-Xiati'])('%s is a language', (name) => {
    expect([languageOf(name), collectionOf(name)]).toEqual([name, undefined]);
  });
});

it('languages come before collections, and else in their order', () => {
  expect(languagesFirst(['fr-xiati', 'ha', 'ha-xiati', 'fr'])).toEqual(['ha', 'fr', 'fr-xiati', 'ha-xiati']);
});

it('what stands in for a language comes before its collections, and what stands in for those behind them', () => {
  const entry = { hash: 'x'.repeat(43), items: 1, bytes: 1 };
  const table = { ha: { ...entry, fallback: ['fr'] }, 'ha-xiati': { ...entry, fallback: ['fr-xiati'] }, fr: entry };
  expect(neededShelves(['ha', 'ha-xiati'], table)).toEqual(['ha', 'fr', 'ha-xiati', 'fr-xiati']);
});
