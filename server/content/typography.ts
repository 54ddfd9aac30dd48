/** Spaces that no line may end at, where authors type ordinary ones: nobody has the key for them. Everything else stays as it was written. */

const FRENCH: readonly (readonly [RegExp, string])[] = [
  [/« /g, '«\u00a0'],
  // After a letter, digit or bracket only: ` :` also stands in the rules of tables.
  [/(?<=[\p{L}\p{N}»).\]%]) (?=[»:;!?%](?!\S*-))/gu, '\u00a0'],
  // 340 000
  [/(?<=\d) (?=\d{3}(?!\d))/g, '\u00a0'],
];

/** The source of a text, front matter or Markdown, with the unbreakable spaces of its language. Lines and their order stay. */
export const withFixedSpaces = (source: string, lang: string): string =>
  lang === 'fr' ? FRENCH.reduce((text, [pattern, fixed]) => text.replace(pattern, fixed), source) : source;
