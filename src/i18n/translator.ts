import i18next from 'i18next';
import { pluralTag } from './plurals.ts';
import type { Strings } from './pseudo.ts';

/** An interface string by key, with values put in. A key that is missing comes back as it is: tests look for that. */
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/**
 * Interface strings of one language over i18next. Values are not escaped: views make text nodes. Numbers among them have the digits and separators
 * of the language.
 */
export const translator = (lang: string, strings: Strings): Translate => {
  const instance = i18next.createInstance();
  const tag = pluralTag(lang);
  void instance.init({
    lng: tag,
    resources: { [tag]: { translation: strings as Record<string, unknown> } },
    initAsync: false,
  });
  const number = new Intl.NumberFormat(tag);
  return (key, values = {}) =>
    instance.t(key, { ...values, skipInterpolation: true }).replace(/\{\{(\w+)\}\}/g, (holder, name: string) => {
      const value = values[name];
      return typeof value === 'number' ? number.format(value) : (value ?? holder);
    });
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
