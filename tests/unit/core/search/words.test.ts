import { describe, expect, it } from 'vitest';
import { eachTerm, PAIR, wantedOf } from '../../../../src/core/search/words.ts';

/** What texts of every script are cut into, and what a query asks for. */

const termsOf = (text: string): string[] => {
  const terms: string[] = [];
  eachTerm(text, (term) => terms.push(term));
  return terms;
};
const pairsOf = (text: string): string[] => termsOf(text).filter((term) => term.startsWith(PAIR));

describe('terms', () => {
  it.each([
    [
      'French',
      'L’élevage, c’est l’œuvre de Cœur-de-Lion.',
      'lelevage elevage cest est loeuvre oeuvre de coeur de lion',
    ],
    ['French, a word with an apostrophe inside', 'aujourd’hui', 'aujourdhui'],
    ['Hausa', 'Ɓauna ɗaya, ƙarfe ’yan ʼyaʼya', 'bauna daya karfe yan yaya'],
    ['Zarma', 'ŋwaari ɲaize', 'nwaari naize'],
    ['Tamajaq and Kanuri', 'ǝlmǝd ɣur ɍo', 'elmed gur ro'],
    ['Bambara', 'kɛnɛya dɔgɔtɔrɔ', 'keneya dogotoro'],
    ['Swahili', 'ng’ombe ngombe', 'ngombe ngombe'],
    ['Yoruba', 'ẹ̀kọ́ Ọṣun', 'eko osun'],
    ['Vietnamese', 'Tiếng Việt đường', 'tieng viet duong'],
    ['Turkish and German', 'İstanbul ılık Straße', 'istanbul ilik strasse'],
    ['Greek', 'λόγος ΛΟΓΟΣ', 'λογοσ λογοσ'],
    ['Arabic', 'أَلْمَدْرَسَةُ الـمدرسة إلى آخر مؤسسة', 'المدرسه المدرسه الي اخر موسسه'],
    ['Urdu and Persian', 'کتاب ہے یہ', 'كتاب هي يه'],
    ['Hindi', 'हिन्दी हिंदी चाँद चांद क़लम कलम', 'हिंदी हिंदी चांद चांद कलम कलम'],
    ['Hindi with joiners', 'क्\u200dष शक्\u200cति', 'क्ष शक्ति'],
    ['Bengali', 'চাঁদ বাড়ি দুধ', 'চাদ বাডি দুধ'],
    ['Gujarati', 'દૂધ હિન્દી', 'દૂધ હિંદી'],
    ['Amharic, letters of one sound', 'ሐኪም ሃኪም ዓለም አለም ሠራ ሰራ ፀሐይ ጸሀይ', 'ሀኪም ሃኪም ኣለም አለም ሰራ ሰራ ጸሀይ ጸሀይ'],
    ['Hangul', '한국어 농부', '한국어 농부'],
    ['digits', '2 002 ٢٠٠٢ ২০০২ २००२ 3G C7 m²', '2 002 2002 2002 2002 3g c7 m'],
    ['wide and joined forms', 'ＦＡＯ ﬁsh', 'fao fish'],
    ['Adlam', '𞤀𞤣𞤤𞤢𞤥', '𞤢𞤣𞤤𞤢𞤥'],
    ['nothing', ' … — ’ ', ''],
  ])('%s', (_, text, terms) => {
    expect(termsOf(text).join(' ')).toBe(terms);
    expect(termsOf(text.normalize('NFD')).join(' ')).toBe(terms);
  });

  it.each([
    ['Chinese', '牛奶合作社 2024年', '牛奶 奶合 合作 作社 社 2024 年'],
    ['Japanese', '村のラジオ局', '村の のラ ラジ ジオ オ局 局'],
    ['Japanese, narrow', 'ﾗｼﾞｵ', 'ラジ ジオ オ'],
    ['Chinese outside the first plane', '𠀀𠀁', '𠀀𠀁 𠀁'],
    ['Chinese beside Latin', 'AI学习', 'ai 学习 习'],
  ])('%s', (_, text, terms) => {
    expect(termsOf(text).join(' ')).toBe(terms);
  });

  it.each([
    ['Thai', 'วิทยุชุมชน'],
    ['Lao', 'ວິທະຍຸຊຸມຊົນ'],
    ['Khmer', 'ទឹកដោះគោ'],
    ['Burmese', 'နွားနို့'],
  ])('%s: words, and pairs of letters with their marks', (_, text) => {
    const words = [...new Intl.Segmenter('th', { granularity: 'word' }).segment(text)].map(({ segment }) => segment);
    expect(termsOf(text)).toEqual(expect.arrayContaining(words));
    expect(pairsOf(text).length).toBe([...text.matchAll(/.\p{M}*/gsu)].length);
  });

  it('says where each stands in the text', () => {
    const text = 'Du lait d’ânesse, 村のラジオ';
    eachTerm(text, (term, start, end) => {
      expect(termsOf(text.slice(start, end))).toContain(term);
    });
  });

  it('cuts what is no word off', () => {
    expect(termsOf('x'.repeat(1000))).toEqual(['x'.repeat(64)]);
  });
});

describe('a query', () => {
  it('takes the last word as the beginning of one, and forgives errors in words of four letters', () => {
    expect(wantedOf('lait vach')).toEqual([
      [[{ term: 'lait', prefix: false, typo: true }]],
      [[{ term: 'vach', prefix: true, typo: true }]],
    ]);
    expect(wantedOf('eau 2024 C7')).toEqual([
      [[{ term: 'eau', prefix: false, typo: false }]],
      [[{ term: '2024', prefix: false, typo: false }]],
      [[{ term: 'c7', prefix: true, typo: false }]],
    ]);
  });

  it('reads a word with an elision in two ways', () => {
    expect(wantedOf('l’élevage').map((readings) => readings.map(([one]) => one?.term))).toEqual([
      ['lelevage', 'elevage'],
    ]);
  });

  it('asks for every pair of Chinese characters, and for what begins with a single one', () => {
    const one = (term: string, prefix = false) => ({ term, prefix, typo: false });
    expect(wantedOf('合作社')).toEqual([[[one('合作'), one('作社')]]]);
    expect(wantedOf('牛')).toEqual([[[one('牛', true)]]]);
  });

  it('takes the beginning of a long run of Chinese characters: each pair is looked up on its own', () => {
    const [reading] = wantedOf('水'.repeat(500))[0] ?? [];
    expect(reading).toHaveLength(24);
  });

  it('reads Thai as words, and as pairs', () => {
    const [readings] = wantedOf('วิทยุชุมชน');
    expect(readings?.map((reading) => reading.some(({ term }) => term.startsWith(PAIR)))).toEqual([false, true]);
  });

  it('asks for nothing where there is no word', () => {
    for (const query of ['', '  ', '’', '…?!']) expect(wantedOf(query)).toEqual([]);
  });

  it('takes no more than twelve words', () => {
    expect(wantedOf('a '.repeat(50))).toHaveLength(12);
  });
});
