import review from '../../locales/review.json';
import { fallbackOf } from '../core/text/fallback.ts';

/** Which language the interface speaks: chosen apart from the language of the texts, and the same unless somebody chooses. */

interface Reviewed {
  readonly state: string;
  /** Every word is there, those of the operator's pages too. */
  readonly complete?: boolean;
}

const LANGUAGES = review as Readonly<Record<string, Reviewed>>;

/** Languages that the interface has words in. */
export const INTERFACE: readonly string[] = Object.keys(LANGUAGES);

/** Those that stand in for others. */
export const COMPLETE: readonly string[] = INTERFACE.filter((lang) => LANGUAGES[lang]?.complete);

/** Words that nobody has read through: whoever uses them is told. */
export const isDraft = (lang: string): boolean => !COMPLETE.includes(lang);

/** The language of the words on a page of texts in `lang`: the chosen one, its own, or the closest complete one. */
export const wordsFor = (lang: string, chosen?: string): string => {
  if (chosen && INTERFACE.includes(chosen)) return chosen;
  const own = lang.split('-')[0] ?? lang;
  if (INTERFACE.includes(own)) return own;
  return fallbackOf(lang, COMPLETE)[0] ?? 'fr';
};
