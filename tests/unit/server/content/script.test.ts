import { expect, it } from 'vitest';
import { lines, MATTER, problemsIn, read, TEXT, withLine } from './content-folder.ts';

/** `script` in the front matter of a notice: what a presenter says. */

const NOTICE = lines(
  'kind: bulletin',
  'picture: radio',
  'order: 1',
  'urgency: 2',
  'issued: "2026-05-01"',
  'until: "2026-06-01"',
  'sources: [{ id: visit, title: Visite, certainty: says }]',
);
const withScript = (...script: string[]) => ({
  'content/pump/item.yml': NOTICE,
  'content/pump/fr.md': lines(...withLine(MATTER, 6, 'area: Tillia', 'script:', ...script, '---'), ...TEXT),
});

it('comes with the notice as it was written', () => {
  const { items } = read(withScript('  greeting: Fofo.', '  do: [Un., Deux.]'));
  expect(items.find(({ id }) => id === 'pump')).toMatchObject({ script: { greeting: 'Fofo.', do: ['Un.', 'Deux.'] } });
  const { items: without } = read({
    ...withScript(),
    'content/pump/fr.md': lines(...withLine(MATTER, 6, 'area: Tillia', '---'), ...TEXT),
  });
  expect(without.find(({ id }) => id === 'pump')).not.toHaveProperty('script');
});

it.each([
  ['more than three acts', ['  do: [Un, Deux, Trois, Quatre]'], /more than three acts/],
  ['no act at all', ['  do: []'], /do/],
  ['a part that is too long', [`  what: ${'a'.repeat(301)}`], /longer than 300 characters/],
  ['a part that there is not', ['  bye: Adieu'], /Unknown field "script\.bye"/],
])('%s: refused with file and line', (_, script, told) => {
  const problems = problemsIn(withScript(...script));
  expect(problems).toHaveLength(1);
  expect(problems[0]?.file).toBe('content/pump/fr.md');
  expect(problems[0]?.line).toBe(8);
  expect(`${problems[0]?.what} ${problems[0]?.remedy}`).toMatch(told);
});

it('is for notices only', () => {
  const files = { 'content/pump/fr.md': lines(...withLine(MATTER, 6, 'script: { what: Oui. }', '---'), ...TEXT) };
  expect(problemsIn(files)).toHaveLength(1);
});
