import { direction } from '../i18n/direction.ts';
import type { ViewContext } from './context.ts';

/**
 * Whoever hears a page, and whatever sets it, has to know the language of each part. A page is in the language of the interface's words; texts of the
 * library may be in another, and inside them stand words of the interface again.
 */

/** For an element that holds a text in `lang`, on the page. */
export const ownLanguage = (v: ViewContext, lang: string) => (lang === v.words ? {} : { lang, dir: direction(lang) });

/** For an element that holds words of the interface, inside a text in `lang`. */
export const pageLanguage = (v: ViewContext, lang: string) => (lang === v.words ? {} : { lang: v.words, dir: v.dir });
