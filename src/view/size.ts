import type { Bundle, Link } from '../core/protocol/network.ts';
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

/** The share of so many bytes in the price of a bundle, in the words of that price: of `500 F` for 400 MB, 4 MB are `5 F`. */
function shareOf({ formatters }: ViewContext, { bytes: all, price }: Bundle, bytes: number): string | undefined {
  const [number] = /\d+(?:[.,]\d+)?/.exec(price) ?? [];
  if (number === undefined || all <= 0) return undefined;
  return price.replace(number, rounded(formatters, (Number(number.replace(',', '.')) * bytes) / all));
}

const rounded = ({ number }: ViewContext['formatters'], value: number): string =>
  number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
