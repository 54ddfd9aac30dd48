import { describe, expect, it } from 'vitest';
import { LONGEST_BREATH, sentencesOf } from '../../../../src/core/text/sentences.ts';

/** Sentences of every script that the library speaks, by the runtime's rules and without them. */

const cut = (text: string, lang: string, segmenter?: null): string[] =>
  sentencesOf(text, lang, segmenter).map(({ from, to }) => text.slice(from, to));

const SCRIPTS: readonly (readonly [string, string, readonly string[]])[] = [
  ['fr', 'On pèse le lait. Combien ? Bien !', ['On pèse le lait.', 'Combien ?', 'Bien !']],
  ['fr', '  Le litre vaut 1.03 kilo. Oui.  ', ['Le litre vaut 1.03 kilo.', 'Oui.']],
  ['ha', 'Ƙauye ya yi kyau. Ɓera ya gudu!', ['Ƙauye ya yi kyau.', 'Ɓera ya gudu!']],
  ['ar', 'البئر مغلقة اليوم. متى تفتح؟ غدا.', ['البئر مغلقة اليوم.', 'متى تفتح؟', 'غدا.']],
  ['ur', 'کنواں بند ہے۔ کل آئیں۔', ['کنواں بند ہے۔', 'کل آئیں۔']],
  ['hi', 'दूध तौलते हैं। कितना है? ठीक।', ['दूध तौलते हैं।', 'कितना है?', 'ठीक।']],
  ['bn', 'কূপ আজ বন্ধ। কাল আসুন।', ['কূপ আজ বন্ধ।', 'কাল আসুন।']],
  ['gu', 'દૂધ સારું છે. હા.', ['દૂધ સારું છે.', 'હા.']],
  ['am', 'ውሃው ንጹህ ነው። ነገ ይምጡ።', ['ውሃው ንጹህ ነው።', 'ነገ ይምጡ።']],
  ['zh', '今天井关了。明天来吧！', ['今天井关了。', '明天来吧！']],
];

describe.each([
  ['the runtime’s rules', undefined],
  ['punctuation alone', null],
] as const)('by %s', (_, segmenter) => {
  it.each(SCRIPTS)('%s: %s', (lang, text, sentences) => {
    expect(cut(text, lang, segmenter)).toEqual(sentences);
  });
});

it('goes on after a name’s initial and a page’s number', () => {
  expect(cut('Voir A. Diallo, p. 12. Puis rien.', 'fr')).toEqual(['Voir A. Diallo, p. 12.', 'Puis rien.']);
});

it('leaves out what has neither letter nor digit', () => {
  expect(cut('— … ?', 'fr')).toEqual([]);
  expect(cut('', 'fr')).toEqual([]);
});

it('cuts what takes more than one breath after a comma, never inside a number', () => {
  const half = 'On porte le lait au centre du village avant le lever du soleil et on attend son tour, ';
  const parts = cut(`${half}${half}${half}puis 12,5 litres.`, 'fr');
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.every((part) => part.length <= LONGEST_BREATH)).toBe(true);
  expect(parts.slice(0, -1).every((part) => part.endsWith(','))).toBe(true);
  expect(parts.join(' ')).toBe(`${half}${half}${half}puis 12,5 litres.`);
});

it('cuts what has no comma between words, and what has no words anywhere, but in no character', () => {
  const words = Array.from({ length: 60 }, () => 'mot').join(' ');
  expect(cut(words, 'fr').join(' ')).toBe(words);
  const signs = '𞤀'.repeat(100);
  expect(cut(signs, 'ff').join('')).toBe(signs);
  expect(cut(signs, 'ff').every((part) => !/[\uD800-\uDBFF]$/.test(part))).toBe(true);
});

it('takes a tag that the runtime refuses', () => {
  expect(cut('Un. Deux.', 'not a tag')).toEqual(['Un.', 'Deux.']);
});
