import type { Bundle, Link } from '../core/protocol/network.ts';
import { toAsciiDigits } from '../core/text/digits.ts';
import type { ViewContext } from './context.ts';

/** Bytes for people who pay for them: a megabyte has a million, as on the bundle. */
export function sizeText({ t, formatters }: ViewContext, bytes: number): string {
  if (bytes < MEGABYTE) return t('network.kb', { size: formatters.number(Math.ceil(bytes / 1e3)) });
  return bytes < 1e9
    ? t('network.mb', { size: rounded(formatters, bytes / MEGABYTE) })
    : t('network.gb', { size: rounded(formatters, bytes / 1e9) });
}

/** A length as people say it: `31 s`, `2 min`. */
export function lengthText(v: ViewContext, seconds: number): string {
  return seconds < 60
    ? v.t('media.seconds', { seconds: v.formatters.number(Math.floor(seconds)) })
    : v.t('media.minutes', { minutes: v.formatters.number(Math.round(seconds / 60)) });
}

/** From here on readers are told bytes and a price too. */
const MEGABYTE = 1e6;

/** Bytes a second where nothing was measured: the link that all of this is made for, 50 kbit/s. */
const TYPICAL_SPEED = 6_250;

/** What a tap that fetches so many bytes costs: its time and, from a megabyte on, its size, and its share of what the bundle cost. */
export function costText(v: ViewContext, bytes: number, { speed }: Readonly<Link> = {}, bundle?: Bundle): string {
  const time = lengthText(v, Math.max(1, Math.ceil(bytes / (speed ?? TYPICAL_SPEED))));
  if (bytes < MEGABYTE) return time;
  const price = bundle && shareOf(v, bundle, bytes);
  return [time, sizeText(v, bytes), ...(price ? [price] : [])].join(' · ');
}

/** A number as people write prices: `500`, `1 000`, `1,000`, `10,50`. */
const PRICE = /\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+|\d+(?:[.,]\d{1,2})?/;

/**
 * The share of so many bytes in the price of a bundle, in the words of that price: of `500 F` for 400 MB, 4 MB are `5 F`. Undefined where the
 * price is no number, or more than one.
 */
function shareOf({ formatters }: ViewContext, { bytes: all, price }: Bundle, bytes: number): string | undefined {
  const words = price.replaceAll(/\p{Nd}/gu, toAsciiDigits);
  const [number] = PRICE.exec(words) ?? [];
  if (number === undefined || all <= 0 || /\d/.test(words.replace(number, ''))) return undefined;
  const value = /\D\d{3}/.test(number) ? Number(toAsciiDigits(number)) : Number(number.replace(',', '.'));
  return words.replace(number, rounded(formatters, (value * bytes) / all));
}

const rounded = ({ number }: ViewContext['formatters'], value: number): string =>
  number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
