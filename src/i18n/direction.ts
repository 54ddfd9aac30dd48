/** Scripts written from right to left, as ISO 15924 names them in a tag such as `ha-Arab`. */
const RTL_SCRIPTS = new Set(['adlm', 'arab', 'hebr', 'mand', 'nkoo', 'rohg', 'samr', 'syrc', 'thaa']);

/** Languages whose usual script is one of those; a list, since `Intl.Locale` text info is missing on old phones. */
const RTL_LANGUAGES = new Set(
  'ar arc arz ary azb bal bqi ckb dv fa glk he ks lrc mzn nqo pnb prs ps sd shu syr ug ur yi'.split(' '),
);

/** Reading direction of a BCP 47 tag. A script in the tag decides, then the language. */
export function direction(lang: string): 'ltr' | 'rtl' {
  const parts = lang.toLowerCase().split(/[-_]/);
  if (parts.includes('plocm')) return 'rtl';
  const script = parts.slice(1).find((part) => part.length === 4 && /^[a-z]+$/.test(part));
  if (script !== undefined) return RTL_SCRIPTS.has(script) ? 'rtl' : 'ltr';
  return RTL_LANGUAGES.has(parts[0] ?? '') ? 'rtl' : 'ltr';
}
