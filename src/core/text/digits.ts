/** Digits of any script as 0-9: people type a number as their keyboard and language write it. Everything else is dropped. */
export const toAsciiDigits = (text: string): string => {
  let out = '';
  for (const char of text) {
    if (!/\p{Nd}/u.test(char)) continue;
    // Every decimal script has its ten digits in a row, zero first: count back to the first.
    let code = char.codePointAt(0) ?? 0;
    let digit = 0;
    while (digit < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - 1)) && !ZEROS.has(code)) {
      code--;
      digit++;
    }
    out += digit;
  }
  return out;
};

/** Zeros that directly follow the nine of another script. */
const ZEROS = new Set([0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1a90]);
