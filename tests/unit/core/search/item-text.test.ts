import { describe, expect, it } from 'vitest';
import type { LibraryItem } from '../../../../src/core/protocol/item.ts';
import { codesOf, textsOf } from '../../../../src/core/search/item-text.ts';
import { testCase } from '../../../support/fixtures.ts';

const item = (more: object): LibraryItem => ({ ...testCase('pump', 'fr'), rev: 1, ...more }) as LibraryItem;
const read = (one: LibraryItem): string =>
  textsOf(one)
    .map(({ text }) => text)
    .join('\n');

describe('what is searched of an item', () => {
  it('is the title, the summary, the place and every block that is read', () => {
    const body = [
      { t: 'h', l: 2, c: ['Un titre'] },
      { t: 'p', c: ['Du ', { t: 'b', c: ['lait ', { t: 'i', c: ['frais'] }] }, { t: 'cite', s: 'visit' }] },
      { t: 'ul', c: [['une vache'], [{ t: 'a', href: 'radio', c: ['la radio'] }]] },
      { t: 'table', head: [['Jour']], rows: [[['lundi'], ['mardi']]] },
      { t: 'note', k: 'unsure', c: [{ t: 'p', c: ['pas certain'] }] },
      { t: 'figure', files: [], preview: '', alt: 'Une femme au centre', c: ['Qui paie qui'] },
      { t: 'formula', lines: ['kilos = litres'] },
      { t: 'register', title: 'Registre', columns: ['Membre'], example: [['Zara']], lines: 12 },
      { t: 'of a later app', c: ['unknown'] },
    ];
    const text = read(item({ body, place: 'Tillia' }));
    for (const words of [
      'pump',
      'Tillia',
      'Un titre',
      'Du lait frais',
      'une vache',
      'la radio',
      'Jour',
      'lundi',
      'pas certain',
      'Une femme au centre',
      'Qui paie qui',
      'kilos',
      'Registre',
      'Membre',
      'Zara',
      'Visit',
    ]) {
      expect(text).toContain(words);
    }
    expect(text).not.toContain('unknown');
  });

  it.each<[string, object, string[]]>([
    [
      'sheet',
      {
        fields: [
          {
            key: 'a',
            label: 'Budget',
            value: { t: 'money', amount: 2460000, currency: 'USD', estimate: true },
            note: 'déduit',
          },
          { key: 'b', label: 'Axes', value: { t: 'codes', v: [{ code: 'C7', title: 'Applications' }] } },
        ],
      },
      ['Budget', '2460000 USD', 'déduit', 'C7 Applications'],
    ],
    ['guide', { who: 'Le comité', time: 'deux jours', tools: ['un seau'] }, ['Le comité', 'deux jours', 'un seau']],
    ['bulletin', { area: 'Autour de Tillia' }, ['Autour de Tillia']],
    ['story', { community: 'Les femmes de Goudel' }, ['Les femmes de Goudel']],
    ['reference', { terms: [{ term: 'Débit', says: 'la vitesse du réseau' }] }, ['Débit', 'la vitesse du réseau']],
  ])('is what only a %s has', (kind, more, words) => {
    const text = read(item({ kind, ...more }));
    for (const word of words) expect(text).toContain(word);
  });

  it('puts the title first and marks what stands out', () => {
    expect(textsOf(item({ title: 'Le puits' }))[0]).toEqual({ text: 'Le puits', weight: 3 });
    expect(textsOf(item({})).filter(({ weight }) => weight === 2).length).toBeGreaterThanOrEqual(3);
  });

  it('is filed under its kind and its tags, in small letters', () => {
    expect(codesOf(item({ tags: ['need:money', 'wsis:C7'] }))).toEqual(['kind:case', 'need:money', 'wsis:c7']);
  });
});
