import type { Block } from '../../src/core/protocol/item.ts';
import { plainText } from './markdown.ts';

/**
 * How hard a text is to read, by the length of its sentences and of its words.
 *
 * - French: the ease of Kandel and Moles, 207 − 1.015 × words per sentence − 73.6 × syllables per word. L. Kandel, A. Moles, "Application de l'indice de
 *   Flesch à la langue française", Cahiers d'études de radio-télévision 19 (1958), 253-274. 100 is very easy, 0 very hard.
 * - English: the grade of Flesch and Kincaid, 0.39 × words per sentence + 11.8 × syllables per word − 15.59. J. P. Kincaid and others, "Derivation of new
 *   readability formulas", Naval Technical Training Command, Research Branch Report 8-75 (1975). A year of American schooling; age is five or six more.
 *
 * Both were made for running text of a hundred words and more, and know nothing of meaning: they show where to look, not whether a text is good.
 */

/**
 * Beyond these a text is told of: the one place where they stand. Flesch calls an ease of 70 to 80 fairly easy, and sets it beside the seventh grade, that is
 * twelve years: the same bound in both languages.
 */
export const LIMITS = { fr: { easeAtLeast: 70 }, en: { gradeAtMost: 7 } } as const;

/** Most words of one sentence, in the same languages: see `markdown.ts`. */
export const LONGEST_SENTENCE = 30;

/** Too few words for either formula. */
const FEWEST_WORDS = 100;

/** The languages that there is a formula for. */
export type JudgedLanguage = keyof typeof LIMITS;
export const isJudged = (lang: string): lang is JudgedLanguage => lang in LIMITS;

export interface Counts {
  readonly sentences: number;
  readonly words: number;
  readonly syllables: number;
}

/** Ease after Kandel and Moles. */
export const kandelMoles = ({ sentences, words, syllables }: Counts): number =>
  207 - 1.015 * (words / sentences) - 73.6 * (syllables / words);

/** Grade after Flesch and Kincaid. */
export const fleschKincaid = ({ sentences, words, syllables }: Counts): number =>
  0.39 * (words / sentences) + 11.8 * (syllables / words) - 15.59;

const VOWELS = /[aeiouyàâäéèêëîïôöùûüÿœæ]+/g;

/**
 * Syllables of a French word: groups of vowels, a mute e at the end and the u of "qu" left out. The mute "-ent" of verbs is counted, since nothing tells it
 * from that of "argent".
 */
const frenchSyllables = (word: string): number => {
  const heard = word.replace(/([qg])u(?=[eéèêiîaâoô])/g, '$1').replace(/([aeiouyàâäéèêëîïôöùûüœæ].*)es?$/, '$1');
  return Math.max(1, heard.match(VOWELS)?.length ?? 0);
};

/** Syllables of an English word: one or two vowels in a row, a mute ending ("made", "pages", "asked", not "wanted") left out. */
const englishSyllables = (word: string): number => {
  const heard = word.replace(/(?:[^laeiouyscxz]es|(?<![aeiouytd])ed|[^laeiouy]e)$/, '').replace(/^y/, '');
  return Math.max(1, heard.match(/[aeiouy]{1,2}/g)?.length ?? 0);
};

const SYLLABLES = { fr: frenchSyllables, en: englishSyllables };

/** Sentences, words and syllables of texts, none of which goes on in the next. Figures and codes are no words here: nobody spells them out alike. */
export const countsOf = (texts: readonly string[], lang: JudgedLanguage): Counts => {
  let [sentences, words, syllables] = [0, 0, 0];
  for (const text of texts) {
    for (const sentence of text.split(/(?<=[.!?…:;])\s+/)) {
      const found = sentence.toLowerCase().match(/\p{L}+/gu) ?? [];
      if (found.length === 0) continue;
      sentences++;
      words += found.length;
      for (const word of found) syllables += SYLLABLES[lang](word);
    }
  }
  return { sentences, words, syllables };
};

/** The running text of a body: paragraphs and lists. Headings, tables, arithmetic and registers are no sentences. */
export const runningText = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block) => {
    if (block.t === 'p') return [plainText(block.c)];
    if (block.t === 'ul' || block.t === 'ol') return block.c.map(plainText);
    return block.t === 'note' ? runningText(block.c) : [];
  });

/** What to tell an author about a text that is harder than its limit; undefined where it is not, or is too short to judge. */
export const tooHard = (texts: readonly string[], lang: JudgedLanguage): string | undefined => {
  const counts = countsOf(texts, lang);
  if (counts.words < FEWEST_WORDS) return undefined;
  if (lang === 'fr') {
    const ease = Math.round(kandelMoles(counts));
    const { easeAtLeast } = LIMITS.fr;
    return ease < easeAtLeast ? `Hard to read: an ease of ${ease}, and ${easeAtLeast} or more is easy.` : undefined;
  }
  const grade = Math.round(fleschKincaid(counts) * 10) / 10;
  const { gradeAtMost } = LIMITS.en;
  return grade > gradeAtMost
    ? `Hard to read: for school year ${grade}, and ${gradeAtMost} or less is easy.`
    : undefined;
};
