/** Nested interface strings, as `locales/*.json` hold them. */
export interface Strings {
  readonly [key: string]: string | Strings;
}

const PLAIN = 'AaCcEeGgIiLlNnOoRrSsTtUuYyZz';
const ACCENTED = 'ÅåÇçÉéĞğÎîŁłÑñÖöŘřŠšŢţÛûÝýŽž';
/** What must reach the translator as it is: values, nested keys, tags. */
const KEPT = /(\{\{[^}]*\}\}|\$t\([^)]*\)|<[^>]*>)/;
/** Right-to-left isolate and its end: they set the direction without reversing the letters, unlike an override. */
const OPEN = '\u2067';
const CLOSE = '\u2069';

function accent(text: string): string {
  return Array.from(text, (letter) => ACCENTED[PLAIN.indexOf(letter)] ?? letter).join('');
}

function disguise(text: string): string {
  const parts = text.split(KEPT);
  const own = parts.filter((_, index) => index % 2 === 0);
  const missing = Math.ceil(own.join('').length * 0.3);
  // Padding of real words, so that it also wraps like words do.
  const padding =
    missing > 0
      ? ` ${'łöñğ '
          .repeat(Math.ceil(missing / 5))
          .slice(0, missing)
          .trim()}`
      : '';
  return OPEN + parts.map((part, index) => (index % 2 === 0 ? accent(part) : part)).join('') + padding + CLOSE;
}

/**
 * The pseudo locale `qps-plocm`, made from English: accented, about 30 % longer, and in right-to-left isolates, so
 * that a test sees strings that are not translated, cut off, or laid out for one direction only.
 */
export function pseudo(strings: Strings): Strings {
  const entries = Object.entries(strings).map(([key, value]) => [
    key,
    typeof value === 'string' ? disguise(value) : pseudo(value),
  ]);
  return Object.fromEntries(entries) as Strings;
}
