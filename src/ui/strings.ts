import { direction } from '../i18n/direction.ts';
import { formatters } from '../i18n/formatters.ts';
import type { Strings } from '../i18n/pseudo.ts';
import { translator } from '../i18n/translator.ts';
import { INTERFACE, isDraft, wordsFor } from '../i18n/words.ts';
import type { ViewContext } from '../view/context.ts';
import { words as chosenWords } from './shell/settings.ts';

declare const __SPRITE_URL__: string;

/** Interface strings, each language a file of its own that comes when it is needed. */
const files = import.meta.glob<Strings>(['../../locales/*.json', '!../../locales/{notes,review}.json'], {
  import: 'default',
});

const stringsOf = async (words: string): Promise<Strings> => {
  const file = files[`../../locales/${words}.json`];
  if (!file) throw new Error(`no words for ${words}`);
  return file();
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
  const known = library ?? INTERFACE;
  return (
    navigator.languages.map((tag) => tag.split('-')[0] ?? '').find((lang) => known.includes(lang)) ?? known[0] ?? 'fr'
  );
};

const loaded = new Map<string, Promise<ViewContext>>();

/** The language whose words a page of texts in `lang` speaks. */
export const wordsOf = (lang: string): string => wordsFor(lang, chosenWords.value);

/** What views need in a language, with the words of another. Rejects where these do not come. */
export const contextIn = async (lang: string, words: string): Promise<ViewContext> => ({
  lang,
  words,
  dir: direction(words),
  draft: isDraft(words),
  // Plurals are those of the words.
  t: translator(words, await stringsOf(words)),
  icon: __SPRITE_URL__,
  // Dates stand in sentences: they speak the language of the words.
  formatters: formatters(words),
});

/** So long a page waits for its own words before it speaks French. */
const WORDS_WAIT_MS = 3_000;

/** What views need in a language. Where its words do not come, French ones, which every saved app has: a page is never left blank. */
export const contextFor = async (lang: string): Promise<ViewContext> => {
  const words = wordsOf(lang);
  const key = `${lang} ${words}`;
  const made = loaded.get(key) ?? contextIn(lang, words);
  loaded.set(key, made);
  // A file that did not come is asked for again next time.
  made.catch(() => loaded.delete(key));
  if (words === 'fr') return made;
  const late = new Promise<never>((_, reject) => setTimeout(reject, WORDS_WAIT_MS));
  return Promise.race([made, late]).catch(() => contextIn(lang, 'fr'));
};
