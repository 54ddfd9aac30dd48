import type { Platform } from '../core/platform.ts';
import { dayOf, type Hold, type Policy, type Traffic, type TrafficRecord } from '../core/protocol/network.ts';
import { holdOf, type Purpose, type Spent } from '../core/sync/spending.ts';
import { sumOf } from '../core/sync/traffic.ts';
import type { BookStore } from './device-stores.ts';

/** What the link was used for on this device, and what it may be used for. */

/** Bytes in both directions since a day, that day included. */
export const bytesSince = (records: readonly TrafficRecord[], day: string): number => {
  const { up, down } = sumOf(records.filter((record) => record.day >= day));
  return up + down;
};

export const spentOf = (policy: Policy, records: readonly TrafficRecord[], now: number): Spent => ({
  today: bytesSince(records, dayOf(now)),
  ofBundle: policy.bundle ? bytesSince(records, policy.bundle.from) : 0,
});

/** The browser's own switch, where it has one: whoever set it for all pages meant this one too. */
const asksToSave = (): boolean =>
  (navigator as { connection?: { readonly saveData?: boolean } }).connection?.saveData === true;

export class Spending {
  readonly #platform: Platform;
  readonly #library: BookStore;
  readonly #isFree: boolean;

  /** `isFree`: nothing that goes over this link costs anything, so that only a pause holds it back. */
  constructor(platform: Platform, library: BookStore, isFree = false) {
    this.#platform = platform;
    this.#library = library;
    this.#isFree = isFree;
  }

  /** What keeps the link from being used for this; undefined: it may. What cannot be read holds nothing back. */
  async hold(purpose: Purpose): Promise<Hold | undefined> {
    if (purpose === 'asked') return undefined;
    const now = this.#platform.now();
    const stored = await this.#library.policy().catch((): Policy => ({}));
    if (this.#isFree) return stored.paused ? 'paused' : undefined;
    const policy = asksToSave() ? { ...stored, saving: true } : stored;
    return holdOf(policy, spentOf(policy, await this.#library.book().catch(() => []), now), now, purpose);
  }

  /** Puts what was carried into the book. A full phone loses count, and nothing else. */
  async record(traffic: Traffic): Promise<void> {
    if (traffic.requests > 0 && !this.#isFree)
      await this.#library.spend(dayOf(this.#platform.now()), traffic).catch(() => {});
  }
}
