import { pluralTag } from './plurals.ts';
import type { Strings } from './pseudo.ts';

/** An interface string by key, with values put in. A key that is missing comes back as it is: tests look for that. */
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/**
 * Interface strings of one language, in i18next's JSON format (v4): nested keys, plural forms as endings, values in `{{}}`. Values are not escaped: views
 * make text nodes. Numbers among them have the digits and separators of the language. i18next itself is 14 kB that every first visit would wait for; tests
 * hold this to what it says.
 */
export const translator = (lang: string, strings: Strings): Translate => {
  const tag = pluralTag(lang);
  const plural = new Intl.PluralRules(tag);
  const number = new Intl.NumberFormat(tag);
  const textOf = (key: string): string | undefined => {
    let at: Strings[string] | undefined = strings;
    for (const part of key.split('.')) at = typeof at === 'object' ? at[part] : undefined;
    return typeof at === 'string' ? at : undefined;
  };
  const formOf = (key: string, count: number): string | undefined =>
    (count === 0 ? textOf(`${key}_zero`) : undefined) ??
    textOf(`${key}_${plural.select(count)}`) ??
    textOf(`${key}_other`);
  return (key, values = {}) => {
    const { count } = values;
    const text = (typeof count === 'number' ? formOf(key, count) : undefined) ?? textOf(key) ?? key;
    return text.replace(/\{\{(\w+)\}\}/g, (holder, name: string) => {
      const value = values[name];
      return typeof value === 'number' ? number.format(value) : (value ?? holder);
    });
  };
};

/** Languages by the names that their speakers give them. */
export const languageName = (lang: string): string => {
  const known = NAMES[lang];
  if (known !== undefined) return known;
  try {
    return new Intl.DisplayNames([lang], { type: 'language' }).of(lang) ?? lang;
  } catch {
    return lang;
  }
};

/** Where browsers write small letters, or know no name. */
const NAMES: Readonly<Record<string, string>> = {
  fr: 'Français',
  en: 'English',
  es: 'Español',
  pt: 'Português',
  ha: 'Hausa',
  dje: 'Zarma',
  ff: 'Fulfulde',
  ttq: 'Tamajaq',
  kr: 'Kanuri',
  bm: 'Bamanankan',
  mos: 'Mooré',
  'qps-plocm': '[Pseudo]',
};
