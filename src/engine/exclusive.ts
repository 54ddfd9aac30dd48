import type { Platform } from '../core/platform.ts';
import { toBase64Url } from '../core/protocol/bytes.ts';
import type { LeaseStore } from './device-stores.ts';

/** How long a sync may hold the right to sync if its page dies. */
const LEASE_MS = 60_000;
const LOCK = 'relais-sync';

/** What is used of Web Locks. */
export interface Locks {
  request<T>(name: string, options: { readonly ifAvailable: true }, work: (lock: unknown) => Promise<T>): Promise<T>;
}

/**
 * Runs `work` if no other page or worker of this origin syncs now; else returns undefined at once. Web Locks where there are any, and a
 * lease row in the database everywhere: a lock ends with its page, a lease with its time.
 */
export const exclusively = async <T>(
  platform: Platform,
  store: LeaseStore,
  work: () => Promise<T>,
  locks: Locks | null = navigator.locks,
): Promise<{ readonly result: T } | undefined> => {
  if (!locks) return leased(platform, store, work);
  return locks.request(LOCK, { ifAvailable: true }, async (lock) =>
    // Holding the lock, a lease that is still there belongs to a page that died.
    lock ? { result: await work() } : undefined,
  );
};

const leased = async <T>(
  platform: Platform,
  store: LeaseStore,
  work: () => Promise<T>,
): Promise<{ readonly result: T } | undefined> => {
  const holder = toBase64Url(platform.randomBytes(16));
  const take = (): Promise<boolean> => store.takeLease(holder, platform.now(), LEASE_MS);
  if (!(await take())) return undefined;
  let cancel = (): void => {};
  let isOver = false;
  let renewal: Promise<void> = Promise.resolve();
  const renew = (): void => {
    if (isOver) return;
    cancel = platform.after(LEASE_MS / 2, () => {
      renewal = take().then(renew, renew);
    });
  };
  renew();
  try {
    return { result: await work() };
  } finally {
    isOver = true;
    cancel();
    // One that is under way would take the lease once more after it was dropped.
    await renewal;
    await store.dropLease(holder);
  }
};
