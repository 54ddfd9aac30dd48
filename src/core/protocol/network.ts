import type { ScreenFit } from './media.ts';

/** What the link carries and what it may carry, as this device counts and keeps it. Stays on the device. */

/** Bytes: payload as it was, and an estimate of what HTTP and TLS add. */
export interface Traffic {
  readonly up: number;
  readonly down: number;
  readonly requests: number;
}

/** What the link carried on one day of the machine's clock. */
export interface TrafficRecord extends Traffic {
  /** ISO day. */
  readonly day: string;
}

/** What the link has delivered lately, as measured; absent where nothing could tell yet. */
export interface Link {
  /** Bytes a second, of bodies. */
  speed?: number;
  /** Milliseconds from a request to the beginning of its answer. */
  roundTrip?: number;
}

/** How far the answer that is under way has come. */
export interface Progress {
  /** Bytes of the file that are here, those of earlier tries among them. */
  readonly done: number;
  /** Bytes of the whole file; undefined where the answer does not say. */
  readonly total: number | undefined;
  /** Bytes a second of this answer so far; 0 before the first second is over. */
  readonly speed: number;
}

/** Megabytes that were bought. */
export interface Bundle {
  readonly bytes: number;
  /** What it cost, in the words of who bought it: "500 F". */
  readonly price: string;
  /** ISO days, the last one included. `until` may be unknown. */
  readonly from: string;
  readonly until?: string;
}

/** Pictures and recordings that come before anybody looks at them, and are kept. */
export interface Ahead {
  /** Of each picture the file for this screen. */
  readonly pictures?: ScreenFit;
  readonly recordings?: true;
}

/** What the person of this device set about the link. */
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
  readonly ahead?: Ahead;
  /** A hub on the person's own Wi-Fi, which comes first: `http://192.168.1.5:8080` (`nearOrigin`). */
  readonly near?: string;
}

/** Why something has to wait. */
export type Hold = 'paused' | 'hours' | 'daily' | 'bundle' | 'saving';

/** What the link was used for, and what it may be used for. */
export interface NetworkView {
  readonly policy: Policy;
  readonly today: Traffic;
  readonly month: Traffic;
  /** Bytes that are left of a bundle that holds today. */
  readonly left: number | undefined;
  /** What keeps news from coming by themselves. */
  readonly hold: Hold | undefined;
}

/** What is on the device of the pictures and recordings that its texts name. */
export interface AheadView {
  readonly pictures: Share;
  readonly recordings: Share;
  /** Bytes of all that is here, to a leaf. */
  readonly stored: number;
  /** One is on its way. */
  readonly busy: boolean;
  /** There is too little room for another one. */
  readonly full: boolean;
}

/** Files of one kind. */
export interface Share {
  readonly have: number;
  readonly all: number;
  /** Bytes of those that are missing. */
  readonly missing: number;
}

/** The ISO day of a time (milliseconds since 1970), by the device's clock and zone. */
export const dayOf = (now: number): string => {
  const date = new Date(now);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};
