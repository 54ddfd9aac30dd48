import type { Platform } from '../platform.ts';
import { toHex } from './bytes.ts';
import { canonicalBytes } from './canonical.ts';

/** A UUIDv8 (RFC 9562) from a SHA-256: the same content always gets the same id. */
export const idFromHash = (sha256: Uint8Array): string => {
  const b = Uint8Array.from(sha256.subarray(0, 16));
  b[6] = ((b[6] as number) & 0x0f) | 0x80;
  b[8] = ((b[8] as number) & 0x3f) | 0x80;
  const hex = toHex(b);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/**
 * The id of an answer, from the random token that its words got when they were typed: whether the device seals it or the centre, it is the same answer,
 * and arrives once.
 */
export const idOfToken = async (platform: Platform, token: string): Promise<string> =>
  idFromHash(await platform.sha256(canonicalBytes({ token })));

/** Luhn check digit of a string of digits: catches every single wrong digit and most swaps. */
const checkDigit = (digits: string): number => {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return (10 - (sum % 10)) % 10;
};

/** The number that a person keeps: 8 digits, the last a check digit, from the random end of an answer's id. */
export const numberOf = (id: string): string => {
  const digits = String(Number.parseInt(id.slice(-12), 16) % 10_000_000).padStart(7, '0');
  return `${digits}${checkDigit(digits)}`;
};

/** Whether a typed number (digits only) can be one of ours. */
export const isNumber = (digits: string): boolean =>
  /^\d{8}$/.test(digits) && checkDigit(digits.slice(0, 7)) === Number(digits[7]);
