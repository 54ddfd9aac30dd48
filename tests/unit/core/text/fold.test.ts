import { describe, expect, it } from 'vitest';
import { toAsciiDigits } from '../../../../src/core/text/digits.ts';
import { containsWords, fold } from '../../../../src/core/text/fold.ts';

describe('folding', () => {
  it.each([
    ['Élevage', 'elevage'],
    ['cœur', 'coeur'],
    ['l’eau', 'leau'],
    ['Ɓauna ɗaya ƙarfe ƴaƴa', 'bauna daya karfe yaya'],
    ['ŋwaɲe ǝɣɛɔ', 'nwane egeo'],
    ['مُحَمَّد', 'محمد'],
    ['المدرسة', 'المدرسه'],
    ['إلى أين', 'الي اين'],
    ['٢٠٠٢', '2002'],
    ['২০০২', '2002'],
    ['हिन्दी चाँद क़लम', 'हिंदी चांद कलम'],
    ['ഹിന്ദി ਪੰਜਾਬੀ', 'ഹിന്ദി ਪੰਜਾਬੀ'],
    ['ዓለም ፀሐይ', 'ኣለም ጸሀይ'],
    ['ＦＡＯ', 'fao'],
  ])('%s -> %s', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  it.each(['किताब', 'દૂધ', 'দুধ', 'हिंदी'])('leaves the marks of %s, which are letters', (word) => {
    expect(fold(word).normalize('NFC')).toBe(word.normalize('NFC'));
    expect([...fold(word)].length).toBe([...word.normalize('NFC')].length);
  });

  it('is the same for composed and decomposed text', () => {
    for (const word of ['é', 'ড়', 'क़', 'ọ']) expect(fold(word.normalize('NFD'))).toBe(fold(word.normalize('NFC')));
  });

  it('finds words in any order, and everything for nothing', () => {
    expect(containsWords('Le lait d’Akashganga', 'AKASH lait')).toBe(true);
    expect(containsWords('Le lait d’Akashganga', 'vache')).toBe(false);
    expect(containsWords('Le lait', '  ')).toBe(true);
  });
});

describe('digits', () => {
  it.each([
    ['4729 1806', '47291806'],
    ['٤٧٢٩-١٨٠٦', '47291806'],
    ['৪৭২৯১৮০৬', '47291806'],
    ['४७२९ १८०६', '47291806'],
    ['߄߇߂߉', '4729'],
    ['𞥔𞥗', '47'],
    ['n° 12', '12'],
    ['', ''],
  ])('%s -> %s', (text, digits) => {
    expect(toAsciiDigits(text)).toBe(digits);
  });
});
