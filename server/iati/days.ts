import { isDay } from './values.ts';

/** Dates that are as exact as they are known, as the days that IATI needs. */

const DAY = 86_400_000;
const iso = (time: number): string => new Date(time).toISOString().slice(0, 10);
const time = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** `2004-06` as its first day, or its last where it is an end. */
export const asDay = (date: string, end: boolean): string => {
  const [year = '', month, day] = date.split('-');
  if (day !== undefined) return date;
  if (month === undefined) return end ? `${year}-12-31` : `${year}-01-01`;
  return end ? iso(Date.UTC(Number(year), Number(month), 0)) : `${year}-${month}-01`;
};

export interface Span {
  readonly from: string;
  readonly to: string;
  readonly value: string;
}

/**
 * A sum for several years as one for each, by days; what rounding to hundredths leaves is in the last. `from` and `to`
 * are its first and last day. As it is where a day is none, or where it fits into a year.
 */
export const splitYears = (from: string, to: string, value: string): readonly Span[] => {
  if (!isDay(from) || !isDay(to) || from > to) return [{ from, to, value }];
  const starts: number[] = [];
  const [year = 0, month = 0, day = 0] = from.split('-').map(Number);
  for (let i = 0; Date.UTC(year + i, month - 1, day) <= time(to); i++) starts.push(Date.UTC(year + i, month - 1, day));
  if (starts.length < 2) return [{ from, to, value }];
  const end = time(to) + DAY;
  const total = Math.round(Number(value) * 100);
  let shared = 0;
  return starts.map((start, i) => {
    const next = starts[i + 1] ?? end;
    const part = i === starts.length - 1 ? total - shared : Math.round((total * (next - start)) / (end - time(from)));
    shared += part;
    return { from: iso(start), to: iso(next - DAY), value: String(part / 100) };
  });
};
