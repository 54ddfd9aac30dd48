import type { AppCost } from './app-cost.ts';

/** Messages between page and service worker. Not part of the wire version. */

/** Tag of `sync` and `periodicsync` events. */
export const SYNC_TAG = 'relais-sync';

/** The page of what goes by hand, in whatever language: where the system leads that opens a file with the app, or hands one over (manifest). */
export const HAND_PATH = '/-/carry';
/** A cache that holds such a file until a person has opened it. */
export const HANDED_CACHE = 'relais-handed';
/** Its name, encoded as in an address. */
export const HANDED_NAME = 'X-Name';

export type ToServiceWorker =
  /** The person took the offered update. */
  | { readonly type: 'activate' }
  /** This page was loaded past the service worker: take it. */
  | { readonly type: 'claim' }
  | Warm;

/** The page is up: fetch the rest of the app, one file at a time, its language first; or only say what is there, where the link is not for that. */
export interface Warm {
  readonly type: 'warm';
  readonly lang: string;
  readonly mayFetch: boolean;
}

export type ToPage =
  /** Answer to `warm`: the app's files that are cached now. */
  | { readonly type: 'warm'; readonly urls: readonly string[] }
  /** What the service worker took from the link: told to one page, which has the book. */
  | ({ readonly type: 'cost' } & AppCost);
