import { expect, it } from 'vitest';
import { pickLanguage } from '../../../../server/hub/language.ts';

const both = ['fr', 'en'];

it.each([
  ['en', both, 'en'],
  ['en-GB', both, 'en'],
  ['EN-gb', both, 'en'],
  ['ha, en;q=0.5', both, 'en'],
  ['en;q=0.5, fr;q=0.9', both, 'fr'],
  ['en;q=0.5,fr;q=0.9', ['en', 'fr'], 'fr'],
  ['en, fr', both, 'en'],
  ['en;q=0, fr;q=0.1', both, 'fr'],
  ['en;q=0', both, 'fr'],
  ['en; q=0.8, fr; q=0.9', ['en', 'fr'], 'fr'],
  ['eng', both, 'fr'],
  ['*', both, 'fr'],
  ['', both, 'fr'],
  [';;;,,q=', both, 'fr'],
  ['pt-BR', ['fr', 'pt-BR'], 'pt-BR'],
  ['en', [], 'fr'],
] as const)('"%s" of %j is %s', (header, languages, expected) => {
  expect(pickLanguage(header, languages)).toBe(expected);
});
