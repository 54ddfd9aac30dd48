import { describe, expect, it } from 'vitest';
import {
  countsOf,
  fleschKincaid,
  type JudgedLanguage,
  kandelMoles,
  LIMITS,
  runningText,
  tooHard,
} from '../../../../server/content/reading-age.ts';

/** How hard a text is to read, by two formulas whose values are known. */

const syllables = (word: string, lang: JudgedLanguage): number => countsOf([word], lang).syllables;

describe('syllables', () => {
  it.each([
    ['le', 1],
    ['les', 1],
    ['marche', 1],
    ['femmes', 1],
    ['que', 1],
    ['langue', 1],
    ['eau', 1],
    ['journée', 2],
    ['question', 2],
    ['village', 2],
    ['oiseau', 2],
    ['argent', 2],
    ['souvent', 2],
    ['téléphone', 3],
    ['seulement', 3],
    ['qualité', 3],
  ])('of the French %s: %i', (word, count) => {
    expect(syllables(word, 'fr')).toBe(count);
  });

  it.each([
    ['the', 1],
    ['made', 1],
    ['asked', 1],
    ['yes', 1],
    ['wanted', 2],
    ['table', 2],
    ['people', 2],
    ['boxes', 2],
    ['prices', 2],
    ['village', 2],
    ['money', 2],
    ['community', 4],
  ])('of the English %s: %i', (word, count) => {
    expect(syllables(word, 'en')).toBe(count);
  });
});

describe('the formulas', () => {
  // 20 words a sentence, 1.5 syllables a word: worked out by hand.
  const counts = { sentences: 5, words: 100, syllables: 150 };

  it('give what they give on paper', () => {
    expect(kandelMoles(counts)).toBeCloseTo(207 - 20.3 - 110.4, 6);
    expect(fleschKincaid(counts)).toBeCloseTo(7.8 + 17.7 - 15.59, 6);
  });

  it('judge "The cat sat on the mat." as the textbooks do: grade -1.45', () => {
    expect(fleschKincaid(countsOf(['The cat sat on the mat.'], 'en'))).toBeCloseTo(-1.45, 6);
  });
});

it('counts sentences, words and syllables, and no figures', () => {
  expect(countsOf(['Le puits est là. On paie 500 F !', '1 / 3'], 'fr')).toEqual({
    sentences: 2,
    words: 7,
    syllables: 7,
  });
});

it('reads what is running text, and leaves out headings, tables, arithmetic and registers', () => {
  expect(
    runningText([
      { t: 'h', l: 2, c: ['Titre'] },
      { t: 'p', c: ['Un ', { t: 'b', c: ['mot'] }, { t: 'cite', s: 'a' }, '.'] },
      { t: 'ul', c: [['Entrée.']] },
      { t: 'note', k: 'note', c: [{ t: 'p', c: ['À noter.'] }] },
      { t: 'table', head: [['a']], rows: [[['b']]] },
      { t: 'formula', lines: ['a = b'] },
      { t: 'register', title: 'r', columns: ['c'], example: [['d']], lines: 1 },
    ]),
  ).toEqual(['Un mot.', 'Entrée.', 'À noter.']);
});

const times = (text: string, count: number): string[] => Array.from({ length: count }, () => text);

describe('a text that is too hard', () => {
  it.each([
    ['fr', 'L’institutionnalisation des infrastructures communautaires nécessite une concertation interministérielle.'],
    [
      'en',
      'Institutional infrastructure necessitates interministerial consultation regarding community sustainability.',
    ],
  ] as const)('is told of in %s, with its value and the limit', (lang, sentence) => {
    const limit = lang === 'fr' ? LIMITS.fr.easeAtLeast : LIMITS.en.gradeAtMost;
    expect(tooHard(times(sentence, 15), lang)).toMatch(new RegExp(`^Hard to read: .*\\b${limit} or `));
  });

  it.each([
    ['fr', 'On trait la vache le matin. On pèse le lait au village.'],
    ['en', 'We milk the cow in the morning. We weigh the milk in the village.'],
  ] as const)('is not what is plain in %s', (lang, sentences) => {
    expect(tooHard(times(sentences, 10), lang)).toBeUndefined();
  });

  it('is not judged by fewer than a hundred words', () => {
    expect(tooHard(['Interministérielle concertation institutionnelle.'], 'fr')).toBeUndefined();
  });
});
