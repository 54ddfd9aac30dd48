import { createHash } from 'node:crypto';

/**
 * A key as letters for paper: 14 groups of five, each of four signs and one that tells whether the group, at its place, was copied right;
 * the last group is a check of the whole. The 32 signs are those of Crockford: no I, L, O or U, and what looks alike is read alike.
 */

const SIGNS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** In front of the letters where they stand in one line, so that it is known what they are. */
const PREFIX = 'RELAIS-1';
const GROUPS = 14;
const DATA = 4;

/** Multiplication in the field of 32 elements (x^5 + x^2 + 1). */
const times = (a: number, b: number): number => {
  let product = 0;
  for (let bit = 0; bit < 5; bit++) if ((b >> bit) & 1) product ^= a << bit;
  for (let bit = 8; bit >= 5; bit--) if ((product >> bit) & 1) product ^= 0b100101 << (bit - 5);
  return product;
};

/** Another weight for each place: a wrong sign, two that changed places, and two groups that changed places all show. */
const WEIGHTS = [2, 4, 8, 16] as const;
const PLACE = 5;

const checkOf = (data: readonly number[], place: number): number =>
  WEIGHTS.reduce((sum, weight, i) => sum ^ times(weight, data[i] ?? 0), times(PLACE, place + 1));

/** 256 bits as 52 signs, of which the first has no more than 1 bit of them. */
const toSigns = (seed: Uint8Array): number[] => {
  let rest = BigInt(`0x${Buffer.from(seed).toString('hex')}`);
  const out: number[] = [];
  for (let i = 0; i < (GROUPS - 1) * DATA; i++) {
    out.unshift(Number(rest & 31n));
    rest >>= 5n;
  }
  return out;
};

const fromSigns = (signs: readonly number[]): Uint8Array | undefined => {
  const value = signs.reduce((sum, sign) => (sum << 5n) | BigInt(sign), 0n);
  return value >> 256n === 0n ? new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex')) : undefined;
};

const wholeCheck = (seed: Uint8Array): number[] => {
  const digest = createHash('sha256').update('relais/paper\n').update(seed).digest();
  return Array.from({ length: DATA }, (_, i) => (digest[i] ?? 0) & 31);
};

/** The groups of a key of 32 bytes. */
export const toGroups = (seed: Uint8Array): readonly string[] => {
  const signs = [...toSigns(seed), ...wholeCheck(seed)];
  return Array.from({ length: GROUPS }, (_, place) => {
    const data = signs.slice(place * DATA, (place + 1) * DATA);
    return [...data, checkOf(data, place)].map((sign) => SIGNS[sign]).join('');
  });
};

/** All of it in one line, as the QR code has it. */
export const toLine = (seed: Uint8Array): string => `${PREFIX}:${toGroups(seed).join('-')}`;

/** What the letters of a paper turned out to be. */
export type PaperReading =
  | { readonly seed: Uint8Array }
  /** Numbers of the groups that were copied wrong, from 1. */
  | { readonly wrong: readonly number[] }
  /** Signs that are there, of the 70 that are needed. */
  | { readonly length: number }
  /** Each group is right, and the whole is not: two mistakes in one group hid each other. */
  | { readonly mixed: true };

/** Reads letters as somebody typed them: capitals, blanks, dashes, line ends and the numbers of the groups ("3.") do not matter. */
export const readLetters = (typed: string): PaperReading => {
  const line = new RegExp(`${PREFIX}:([0-9A-Za-z-]+)`).exec(typed)?.[1];
  const text = (line ?? typed)
    .replace(/(^|\s)\d{1,2}[.)](?=\s|$)/g, ' ')
    .toUpperCase()
    .replace(/[\s\-–—_.,:;]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  if (text.length !== GROUPS * (DATA + 1)) return { length: text.length };
  const groups = Array.from({ length: GROUPS }, (_, place) =>
    Array.from(text.slice(place * (DATA + 1), (place + 1) * (DATA + 1)), (sign) => SIGNS.indexOf(sign)),
  );
  const wrong = groups.flatMap((group, place) =>
    group.includes(-1) || group[DATA] !== checkOf(group.slice(0, DATA), place) ? [place + 1] : [],
  );
  if (wrong.length > 0) return { wrong };
  const signs = groups.flatMap((group) => group.slice(0, DATA));
  const seed = fromSigns(signs.slice(0, -DATA));
  const isWhole = seed && wholeCheck(seed).every((sign, i) => sign === signs.at(i - DATA));
  return isWhole ? { seed } : { mixed: true };
};

/** One sentence for the person who typed, or undefined where the letters are right. */
export const whatIsWrong = (reading: PaperReading): string | undefined => {
  if ('seed' in reading) return undefined;
  if ('length' in reading)
    return `That is ${reading.length} signs; a spare key has 70, in 14 groups of 5. Look for a group that is missing or typed twice.`;
  if ('mixed' in reading)
    return 'Each group looks right, and together they are no key: compare all of them with the paper once more.';
  const [first, ...more] = reading.wrong;
  return more.length === 0
    ? `Group ${first} is wrong. Compare it with the paper, sign by sign, and type all groups again.`
    : `Groups ${reading.wrong.join(', ')} are wrong. Compare them with the paper, sign by sign, and type all groups again.`;
};
