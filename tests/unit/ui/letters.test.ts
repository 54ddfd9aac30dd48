import { expect, it } from 'vitest';
import { LETTER_LANGUAGES } from '../../../src/core/text/letters.ts';
import { hasLetters } from '../../../src/ui/letters/letters.ts';

it('knows before the letters come which languages have some', () => {
  for (const lang of LETTER_LANGUAGES)
    expect([lang, hasLetters(lang), hasLetters(`${lang}-NE`)]).toEqual([lang, true, true]);
  for (const lang of ['fr', 'en', 'ar', 'hau', 'bn', '']) expect([lang, hasLetters(lang)]).toEqual([lang, false]);
});
