import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excerptOf, type Stretch } from '../../../../src/core/search/snippet.ts';
import { wantedOf } from '../../../../src/core/search/words.ts';

/** What a result shows: the words where they stand, and text that is the item's own. */

const shown = (query: string, title: string, summary: string, ...rest: string[]) =>
  excerptOf(
    [{ text: title, weight: 3 }, { text: summary, weight: 2 }, ...rest.map((text) => ({ text, weight: 0 as const }))],
    wantedOf(query),
  );
const marked = (stretches: readonly Stretch[]): string =>
  stretches.map(({ text, hit }) => (hit ? `[${text}]` : text)).join('');

describe('an excerpt', () => {
  it.each([
    ['LAIT', 'Le lait', 'Le [lait]'],
    ['elevage', 'L’élevage', 'L’[élevage]'],
    ['bauna', 'Ɓauna ɗaya', '[Ɓauna] ɗaya'],
    ['vach', 'La vache, les vaches', 'La [vache], les [vaches]'],
    ['liat', 'Le lait', 'Le [lait]'],
    ['مدرسه', 'في المدرسة مَدْرَسَة', 'في المدرسة [مَدْرَسَة]'],
    ['हिंदी', 'यह हिन्दी है', 'यह [हिन्दी] है'],
    ['牛奶合作', '我们的牛奶合作社和牛肉', '我们的[牛奶合作]社和牛肉'],
    ['ラジオ', '村のラジオ局', '村の[ラジオ]局'],
    ['e', 'e\u0301te\u0301', '[e\u0301te\u0301]'],
  ])('of %s in "%s"', (query, title, expected) => {
    expect(marked(shown(query, title, '').title)).toBe(expected);
  });

  it('shows the passage with the most words, and the summary where there is none', () => {
    const texts = ['Le lait seul.', 'Le lait et la vache.', 'La vache.'] as const;
    expect(marked(shown('lait vache', 'x', 'Rien.', ...texts).passage)).toBe('Le [lait] et la [vache].');
    expect(marked(shown('titre', 'titre', 'Un résumé.', ...texts).passage)).toBe('Un résumé.');
  });

  it('cuts a long text at spaces around the first word, and says so', () => {
    const text = `${'avant '.repeat(40)}le mot rare ${'après '.repeat(40)}`;
    const passage = marked(shown('rare', 'x', '', text).passage);
    expect(passage).toMatch(/^… avant (avant )*le mot \[rare\] après .*après? ?…$/);
    expect(passage.length).toBeLessThan(165);
  });

  it('shows nothing but what the text says, whatever is asked', () => {
    const letters = [...'aé ɓا\u064e कि\u094d牛奶ข\u0e31 😀’.\u0301'];
    const text = fc.array(fc.constantFrom(...letters), { maxLength: 400 }).map((all) => all.join(''));
    fc.assert(
      fc.property(text, text, (query, body) => {
        const { passage, title } = shown(query.slice(0, 12), body, '', body);
        expect(title.map((one) => one.text).join('')).toBe(body);
        const plain = passage.map((one) => one.text).join('');
        expect(body).toContain(plain.replace(/^… /, '').replace(/…$/, ''));
        // No letter is torn from the half of it.
        expect(plain.isWellFormed()).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
