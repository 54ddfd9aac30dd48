import { expect, it } from 'vitest';
import { withFixedSpaces } from '../../../../server/content/typography.ts';

const shown = (text: string, lang = 'fr'): string => withFixedSpaces(text, lang).replaceAll('\u00a0', '~');

it.each([
  ['Il dit « oui » : pourquoi ?', 'Il dit «~oui~»~: pourquoi~?'],
  ['Vite ! Et ; puis', 'Vite~! Et~; puis'],
  ['340 000 postes, 1 003 villages, 12 000 000', '340~000 postes, 1~003 villages, 12~000~000'],
  ['en juin 2004 et 2007', 'en juin 2004 et 2007'],
  ['62 % des gens (13 %) : tous', '62~% des gens (13~%)~: tous'],
  ['title: "Le lait : peser"', 'title: "Le lait~: peser"'],
])('%s', (text, fixed) => {
  expect(shown(text)).toBe(fixed);
});

it('leaves alone what is no sentence, and other languages', () => {
  for (const source of ['| a | b |\n|---|:---:|\n| :--- | x |', '- [ ] x\n: y', '> [!note] x', 'summary: >-\n  a'])
    expect(shown(source)).toBe(source);
  expect(shown('Quoi : 340 000 ?', 'en')).toBe('Quoi : 340 000 ?');
});
