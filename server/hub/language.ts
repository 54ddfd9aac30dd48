import { knownLanguage } from '../../src/core/text/fallback.ts';

/** The language of a page from `Accept-Language` (RFC 9110): the first that the library has, old and regional codes understood; else its first language. */
export const pickLanguage = (header: string, languages: readonly string[]): string => {
  const wanted = header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const q = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find(Boolean);
      return { tag: tag.toLowerCase(), q: q === undefined ? 1 : Number(q) };
    })
    .filter(({ tag, q }) => tag !== '' && q > 0)
    .sort((a, b) => b.q - a.q);
  for (const { tag } of wanted) {
    const found = knownLanguage(tag, languages);
    if (found !== undefined) return found;
  }
  return languages[0] ?? 'fr';
};
