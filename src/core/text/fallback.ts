/** Which language stands in for another, and what old and regional codes of languages mean. */

/** Codes that were replaced, and one that people use for a group of languages; old phones still send them. */
const REPLACED: Readonly<Record<string, string>> = { in: 'id', iw: 'he', ji: 'yi', jw: 'jv', mo: 'ro', tl: 'fil' };

/** Closest first. What is not here falls back to the library's first language. */
const STANDS_IN: Readonly<Record<string, readonly string[]>> = {
  dje: ['ha', 'fr', 'en'],
  ff: ['ha', 'fr', 'en'],
  ttq: ['ha', 'fr', 'en'],
  taq: ['ha', 'fr', 'en'],
  kr: ['ha', 'fr', 'en'],
  gux: ['ha', 'fr', 'en'],
  ses: ['fr', 'en'],
  ha: ['fr', 'en'],
  bm: ['fr', 'en'],
  mos: ['fr', 'en'],
  wo: ['fr', 'en'],
  ht: ['fr', 'en'],
  mg: ['fr', 'en'],
  ln: ['fr', 'en'],
  ar: ['fr', 'en'],
  gu: ['hi', 'en'],
  mr: ['hi', 'en'],
  ne: ['hi', 'en'],
  hi: ['en'],
  bn: ['en'],
  ur: ['hi', 'en'],
  sw: ['en'],
  qu: ['es', 'en'],
  ay: ['es', 'en'],
  gn: ['es', 'en'],
  pt: ['es', 'en'],
  es: ['en', 'fr'],
};

/**
 * A language tag as the library writes it: the first of `known` that `tag`, its current code, or either without its last parts is
 * (`in` -> `id`, `ha-NE` -> `ha`). Undefined where none is.
 */
export const knownLanguage = (tag: string, known: readonly string[]): string | undefined => {
  const [code = '', ...parts] = tag.replaceAll('_', '-').split('-');
  const lower = code.toLowerCase();
  for (const language of [lower, REPLACED[lower] ?? lower]) {
    for (let left = parts.length; left >= 0; left--) {
      const wanted = [language, ...parts.slice(0, left)].join('-').toLowerCase();
      const found = known.find((one) => one.toLowerCase() === wanted);
      if (found !== undefined) return found;
    }
  }
  return undefined;
};

/**
 * Languages of `known` in the order in which they stand in for `lang`, itself first where it is one of them. The whole of `known` in the
 * end, so that what exists in one language only is still found.
 */
export const fallbackOf = (lang: string, known: readonly string[]): readonly string[] => {
  const own = knownLanguage(lang, known) ?? lang;
  const chain = [own, ...(STANDS_IN[own.split('-')[0] ?? ''] ?? []), ...known];
  return [...new Set(chain)].filter((one) => known.includes(one));
};

/** What is there in the language closest to `lang`. */
export const inLanguageOf = <T>(texts: Readonly<Record<string, T>>, lang: string): T | undefined => {
  const [found] = fallbackOf(lang, Object.keys(texts));
  return found === undefined ? undefined : texts[found];
};
