import { direction } from '../i18n/direction.ts';
import { formatters } from '../i18n/formatters.ts';
import type { Strings } from '../i18n/pseudo.ts';
import { translator } from '../i18n/translator.ts';
import type { ViewContext } from '../view/context.ts';

declare const __SPRITE_URL__: string;

/** Interface strings, each language a file of its own that comes when it is needed. */
const files: Readonly<Record<string, () => Promise<{ readonly default: Strings }>>> = {
  fr: () => import('../../locales/fr.json'),
  en: () => import('../../locales/en.json'),
};

const KEY = 'relais-lang';

/** Remembers the language that this device reads in. */
export const rememberLanguage = (lang: string): void => {
  try {
    localStorage.setItem(KEY, lang);
  } catch {
    // Storage is refused: the browser's languages decide next time.
  }
};

const lastLanguage = (): string | null => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
};

/**
 * The language of a page whose address names none: the last one read here, or the first of the browser's that has words. Where the library's
 * languages are known, one of them.
 */
export const startLanguage = (library?: readonly string[]): string => {
  const last = lastLanguage();
  if (last !== null && (library?.includes(last) ?? true)) return last;
  const known = library ?? Object.keys(files);
  return (
    navigator.languages.map((tag) => tag.split('-')[0] ?? '').find((lang) => known.includes(lang)) ?? known[0] ?? 'fr'
  );
};

const loaded = new Map<string, Promise<ViewContext>>();

/** The language whose words a page in `lang` speaks: French where it has none of its own. */
export const wordsOf = (lang: string): string => (lang in files ? lang : 'fr');

const contextIn = async (lang: string, words: string): Promise<ViewContext> => {
  const file = files[words] ?? files.fr;
  if (!file) throw new Error(`no words for ${words}`);
  const { default: strings } = await file();
  return {
    lang,
    dir: direction(lang),
    // Plurals are those of the words: where French ones stand in, French ones.
    t: translator(words, strings),
    icon: __SPRITE_URL__,
    // Dates stand in sentences: they speak the language of the words.
    formatters: formatters(words),
  };
};

/** So long a page waits for its own words before it speaks French. */
const WORDS_WAIT_MS = 3_000;

/** What views need in a language. Where its words do not come, French ones, which every saved app has: a page is never left blank. */
export const contextFor = async (lang: string): Promise<ViewContext> => {
  const words = wordsOf(lang);
  const made = loaded.get(lang) ?? contextIn(lang, words);
  loaded.set(lang, made);
  // A file that did not come is asked for again next time.
  made.catch(() => loaded.delete(lang));
  if (words === 'fr') return made;
  const late = new Promise<never>((_, reject) => setTimeout(reject, WORDS_WAIT_MS));
  return Promise.race([made, late]).catch(() => contextIn(lang, 'fr'));
};
