/** Messages between page and service worker. Not part of the wire version. */

/** Tag of `sync` and `periodicsync` events. */
export const SYNC_TAG = 'relais-sync';

export type ToServiceWorker =
  /** The person took the offered update. */
  | { readonly type: 'activate' }
  /** The page is up: fetch the rest of the app, one file at a time. */
  | { readonly type: 'warm' };
