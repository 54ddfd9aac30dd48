/**
 * Messages between the data worker and its page about a hub on this Wi-Fi. Browsers let a page of https ask such a hub over plain http, and no worker
 * (Chromium 156): the page carries each request. Not part of the wire version.
 */

/** From the worker, with the port on which the rest is said. */
export const NEAR_PORT = 'relais-near';

/** `init`: of `fetch`, without what cannot be sent to another realm; absent: nobody waits for that request any more. */
export interface NearAsk {
  readonly id: number;
  readonly url: string;
  readonly init?: Readonly<Record<string, unknown>>;
}

export type NearReply =
  /** The beginning of an answer. `body`: the stream of the rest, or null. */
  | {
      readonly id: number;
      readonly status: number;
      readonly headers: [string, string][];
      readonly body: unknown;
      readonly failed?: undefined;
    }
  /** `denied`: the person, or a setting of theirs, lets the app reach no such address. */
  | { readonly id: number; readonly failed: 'denied' | 'no-link' };
