import { describe, expect, it } from 'vitest';
import { paceOf, secondsFor, wordsIn } from '../../../../src/core/text/speech.ts';

/** Seconds that a text takes on the radio. */

describe('words', () => {
  it.each([
    ['Le puits est fermé.', 4],
    ['  Deux   espaces\net une ligne ', 5],
    ['« Bonjour » — ici : Tillia !', 3],
    ['12 500 F', 3],
    ['البئر مغلقة اليوم', 3],
    ['কূপ আজ বন্ধ।', 3],
    ['', 0],
    ['… — ?', 0],
  ])('%j has %i', (text, count) => {
    expect(wordsIn(text)).toBe(count);
  });
});

it('counts words × 60 / words a minute, rounded up', () => {
  expect(secondsFor(Array.from({ length: 90 }, () => 'mot').join(' '), 120)).toBe(45);
  expect(secondsFor('un', 120)).toBe(1);
  expect(secondsFor('un deux trois', 100)).toBe(2);
  expect(secondsFor('', 120)).toBe(0);
});

it('reads every language at the pace to start from, until somebody has timed it', () => {
  expect(['fr', 'ha-NE', 'dje', 'xx'].map(paceOf)).toEqual([120, 120, 120, 120]);
});
