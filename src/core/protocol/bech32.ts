import { RelaisError } from '../errors.ts';

/** Bech32 (BIP 173) without its length limit, as age uses it for keys. */

const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

const polymod = (values: readonly number[]): number => {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((g, i) => {
      if ((top >>> i) & 1) check ^= g;
    });
  }
  return check >>> 0;
};

const expand = (prefix: string): number[] => {
  const codes = Array.from(prefix, (char) => char.charCodeAt(0));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
};

/** Regroups bits; without `pad`, left-over bits must be zero. */
const regroup = (data: Iterable<number>, from: number, to: number, pad: boolean): number[] => {
  let buffer = 0;
  let bits = 0;
  const out: number[] = [];
  for (const value of data) {
    buffer = (buffer << from) | value;
    bits += from;
    while (bits >= to) {
      bits -= to;
      out.push((buffer >>> bits) & ((1 << to) - 1));
    }
    buffer &= (1 << bits) - 1;
  }
  if (pad && bits > 0) out.push((buffer << (to - bits)) & ((1 << to) - 1));
  if (!pad && (bits >= from || buffer !== 0)) throw new RelaisError('malformed', { what: 'bech32' });
  return out;
};

export const bech32Encode = (prefix: string, data: Uint8Array): string => {
  const words = regroup(data, 8, 5, true);
  const check = polymod([...expand(prefix), ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const sum = Array.from({ length: 6 }, (_, i) => (check >>> (5 * (5 - i))) & 31);
  return `${prefix}1${[...words, ...sum].map((word) => CHARSET[word]).join('')}`;
};

/** The data of a lower-case Bech32 string with this prefix. Throws `malformed`. */
export const bech32Decode = (prefix: string, text: string): Uint8Array => {
  const words = Array.from(text.slice(prefix.length + 1), (char) => CHARSET.indexOf(char));
  const valid =
    text.startsWith(`${prefix}1`) &&
    words.length > 6 &&
    !words.includes(-1) &&
    polymod([...expand(prefix), ...words]) === 1;
  if (!valid) throw new RelaisError('malformed', { what: 'bech32' });
  return Uint8Array.from(regroup(words.slice(0, -6), 5, 8, false));
};
