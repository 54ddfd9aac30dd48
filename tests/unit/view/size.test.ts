import { describe, expect, it } from 'vitest';
import { viewContext } from '../../../server/publish/site.ts';
import { costText, lengthText, sizeText } from '../../../src/view/size.ts';

const v = viewContext('fr');
/** As `Intl` writes it, with plain spaces. */
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');
const bundle = { bytes: 400e6, price: '500 F', from: '2026-11-01' };

it('a size is that of the bundle: a megabyte has a million bytes', () => {
  expect([1, 999_999, 1e6, 1_449_000, 25e6, 2e9].map((bytes) => plain(sizeText(v, bytes)))).toEqual([
    '1 ko',
    '1 000 ko',
    '1 Mo',
    '1,4 Mo',
    '25 Mo',
    '2 Go',
  ]);
});

it('a length is in seconds, from a minute on in minutes', () => {
  expect([0.4, 31, 59.9, 60, 150].map((seconds) => plain(lengthText(v, seconds)))).toEqual([
    '0 s',
    '31 s',
    '59 s',
    '1 min',
    '3 min',
  ]);
});

describe('what a tap costs', () => {
  const cost = (
    ...args: [bytes: number, link?: { speed?: number }, bundle?: { bytes: number; price: string; from: string }]
  ) => plain(costText(v, ...args));

  it('is time alone below a megabyte, at 50 kbit a second or as the link has shown', () => {
    expect(cost(25_000)).toBe('4 s');
    expect(cost(25_000, { speed: 1_000 })).toBe('25 s');
    expect(cost(25_000, { speed: 1e6 })).toBe('1 s');
    expect(cost(999_999, {}, bundle)).toBe('3 min');
  });

  it('is also bytes and a share of the price from a megabyte on', () => {
    expect(cost(1e6)).toBe('3 min · 1 Mo');
    expect(cost(4e6, {}, bundle)).toBe('11 min · 4 Mo · 5 F');
    expect(cost(1e6, {}, bundle)).toBe('3 min · 1 Mo · 1,3 F');
    expect(cost(200e6, { speed: 1e6 }, { ...bundle, price: 'GHS 10,50' })).toBe('3 min · 200 Mo · GHS 5,3');
  });

  it('reads prices as people write them', () => {
    const price = (words: string): string => cost(4e6, {}, { ...bundle, price: words });
    expect(price('1 000 F')).toBe('11 min · 4 Mo · 10 F');
    expect(price('1\u202f000 F')).toBe('11 min · 4 Mo · 10 F');
    expect(price('1.000 FCFA')).toBe('11 min · 4 Mo · 10 FCFA');
    expect(price('1,250 Ks')).toBe('11 min · 4 Mo · 13 Ks');
    expect(price('२०० ₹')).toBe('11 min · 4 Mo · 2 ₹');
    // More than one number: nobody can tell which.
    for (const words of ['2 x 500 F', '1,000.50', '500 F / 30 jours']) expect(price(words)).toBe('11 min · 4 Mo');
  });

  it('has no price where nobody can tell it', () => {
    for (const price of ['', 'cadeau']) expect(cost(4e6, {}, { ...bundle, price })).toBe('11 min · 4 Mo');
    expect(cost(4e6, {}, { ...bundle, bytes: 0 })).toBe('11 min · 4 Mo');
  });
});
