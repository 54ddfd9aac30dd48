/** Messages between page and service worker. Not part of the wire version. */

/** Tag of `sync` and `periodicsync` events. */
export const SYNC_TAG = 'relais-sync';

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

/** Answer to `warm`: the app's files that are cached now. */
export type ToPage = { readonly type: 'warm'; readonly urls: readonly string[] };
