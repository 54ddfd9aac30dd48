import { fileAddress } from '../client/app-files.ts';
import { direction } from '../i18n/direction.ts';
import { formatters } from '../i18n/formatters.ts';
import type { Strings } from '../i18n/pseudo.ts';
import { translator } from '../i18n/translator.ts';
import { INTERFACE, isDraft, wordsFor } from '../i18n/words.ts';
import type { ViewContext } from '../view/context.ts';
import { words as chosenWords } from './shell/settings.ts';

/**
 * Interface strings, each language in two files that come when they are needed: what a first page says, and what the parts of the app say that come
 * later. The build cuts them (vite.config.ts).
 */
const first = import.meta.glob<Strings>(['../../locales/*.json', '!../../locales/{notes,review}.json'], {
  import: 'default',
});
const later = import.meta.glob<Strings>(['../../locales/*.json', '!../../locales/{notes,review}.json'], {
  query: '?later',
  import: 'default',
});

/** Whether some part has come that needs the later words: from then on every language brings them. */
let wantsLater = false;

const stringsOf = async (words: string): Promise<Strings> => {
  const path = `../../locales/${words}.json`;
  const load = first[path];
  if (!load) throw new Error(`no words for ${words}`);
  const [strings, more = {}] = await Promise.all([load(), wantsLater ? later[path]?.() : {}]);
  const merged: Record<string, Strings[string]> = { ...strings };
  for (const [name, group] of Object.entries(more))
    merged[name] = { ...(strings[name] as Strings), ...(group as Strings) };
  return merged;
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

/** From here on contexts have the later words too. Returns whether they did not before. */
export const wantLater = (): boolean => {
  if (wantsLater) return false;
  wantsLater = true;
  loaded.clear();
  return true;
};

/** They did not come: the next part that needs them asks again. */
export const unwantLater = (): void => {
  wantsLater = false;
  loaded.clear();
};

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
  icon: fileAddress('sprite.svg'),
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
