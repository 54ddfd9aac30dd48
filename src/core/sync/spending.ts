import { dayOf, type Hold, type Policy } from '../protocol/network.ts';

/** What the link may be used for, as the person of this device set it. Every code path asks here, the service worker's too. */

/**
 * What for. `asked`: a person tapped for it. `answers`: they exist nowhere else. `news`: the library's text. `media`: pictures that a page
 * shows. `app`: the app's own files.
 */
export type Purpose = 'asked' | 'answers' | 'news' | 'media' | 'app';

export interface Spent {
  /** Bytes up and down, today. */
  readonly today: number;
  /** The same since the bundle was bought. */
  readonly ofBundle: number;
}

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
