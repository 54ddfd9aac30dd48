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

/** The language of a page whose address names none: the last one read here, or the first of the browser's that there is. */
export const startLanguage = (): string => {
  try {
    const last = localStorage.getItem(KEY);
    if (last) return last;
  } catch {
    // As above.
  }
  return navigator.languages.map((tag) => tag.split('-')[0] ?? '').find((lang) => lang in files) ?? 'fr';
};

const loaded = new Map<string, Promise<ViewContext>>();

/** The language whose words a page in `lang` speaks: French where it has none of its own. */
export const wordsOf = (lang: string): string => (lang in files ? lang : 'fr');

/** What views need in a language. A language without strings of its own speaks French. */
export const contextFor = (lang: string): Promise<ViewContext> => {
  const known = loaded.get(lang);
  if (known) return known;
  const made = files[wordsOf(lang)]?.().then(
    ({ default: strings }): ViewContext => ({
      lang,
      dir: direction(lang),
      t: translator(lang, strings),
      icon: __SPRITE_URL__,
      // Dates stand in sentences: they speak the language of the words.
      formatters: formatters(wordsOf(lang)),
    }),
  ) as Promise<ViewContext>;
  loaded.set(lang, made);
  // A file that did not come is asked for again next time.
  made.catch(() => loaded.delete(lang));
  return made;
};
