/**
 * A language with the plural forms of another, for runtimes that do not know it: they would count as in American English without a word. After CLDR 48
 * where it has the language (ff, ha, wo, bm ...); those that CLDR lacks have one form for every number, as Indonesian has.
 */
const COUNTS_LIKE: Readonly<Record<string, string>> = {
  dje: 'id',
  ttq: 'id',
  taq: 'id',
  kr: 'id',
  gux: 'id',
  mos: 'id',
  ses: 'id',
  wo: 'id',
  bm: 'id',
  yo: 'id',
  ig: 'id',
  ff: 'fr',
  ln: 'hi',
  mg: 'hi',
  am: 'hi',
  ti: 'hi',
  hi: 'fr',
  gu: 'fr',
  bn: 'fr',
  ha: 'en',
  sw: 'en',
  es: 'en',
  pt: 'fr',
  ht: 'id',
  qu: 'id',
};

const isKnown = (lang: string): boolean => {
  try {
    return Intl.PluralRules.supportedLocalesOf(lang).length > 0;
  } catch {
    return false;
  }
};

/** The tag to count with: `lang` where this runtime knows its plurals, else a language that counts alike; French in the end. */
export const pluralTag = (lang: string, knows: (lang: string) => boolean = isKnown): string => {
  for (let tag: string | undefined = lang; tag !== undefined; tag = COUNTS_LIKE[tag.split('-')[0] ?? ''])
    if (knows(tag)) return tag;
  return 'fr';
};
