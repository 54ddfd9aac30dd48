/** What the link may be used for, as the person of this device set it. Every code path asks here, the service worker's too. */

/** Megabytes that were bought. */
export interface Bundle {
  readonly bytes: number;
  /** What it cost, in the words of who bought it: "500 F". */
  readonly price: string;
  /** ISO days, the last one included. `until` may be unknown. */
  readonly from: string;
  readonly until?: string;
}

export interface Policy {
  /** Each kilobyte counts: pictures wait for a tap. */
  readonly saving?: boolean;
  /** Nothing goes or comes before the person says so. */
  readonly paused?: boolean;
  readonly bundle?: Bundle;
  /** Bytes a day that may be used without a tap. */
  readonly daily?: number;
  /** Hours of the day in which the link is cheap, 0 to 24 of the device's clock: from the first up to the second, over midnight too. */
  readonly hours?: { readonly from: number; readonly to: number };
}

/**
 * What for. `asked`: a person tapped for it. `answers`: they exist nowhere else. `news`: the library's text. `media`: pictures that a page
 * shows. `app`: the app's own files.
 */
export type Purpose = 'asked' | 'answers' | 'news' | 'media' | 'app';

/** Why something has to wait. */
export type Hold = 'paused' | 'hours' | 'daily' | 'bundle' | 'saving';

export interface Spent {
  /** Bytes up and down, today. */
  readonly today: number;
  /** The same since the bundle was bought. */
  readonly ofBundle: number;
}

/** The ISO day of a time (milliseconds since 1970), by the device's clock and zone. */
export const dayOf = (now: number): string => {
  const date = new Date(now);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** Bytes that are left of a bundle; undefined where there is none that holds today. */
export const leftOf = ({ bundle }: Policy, spent: Spent, today: string): number | undefined =>
  bundle && bundle.from <= today && today <= (bundle.until ?? today)
    ? Math.max(0, bundle.bytes - spent.ofBundle)
    : undefined;

const isCheap = ({ hours }: Policy, now: number): boolean => {
  if (!hours || hours.from === hours.to) return true;
  const at = new Date(now).getHours();
  const { from, to } = hours;
  return from < to ? from <= at && at < to : from <= at || at < to;
};

/** What keeps the link from being used for this; undefined: it may. */
export const holdOf = (policy: Policy, spent: Spent, now: number, purpose: Purpose): Hold | undefined => {
  if (purpose === 'asked') return undefined;
  if (policy.paused) return 'paused';
  // A kilobyte, and nothing is more worth it.
  if (purpose === 'answers') return undefined;
  if (purpose === 'media' && policy.saving) return 'saving';
  if (!isCheap(policy, now)) return 'hours';
  if (policy.daily !== undefined && spent.today >= policy.daily) return 'daily';
  return leftOf(policy, spent, dayOf(now)) === 0 ? 'bundle' : undefined;
};
