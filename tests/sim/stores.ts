import type { Courier } from '../../src/core/sync/ports.ts';
import type { DeviceAnswers, DeviceLibrary } from '../../src/engine/device-stores.ts';
import type { MemoryLibrary } from '../../src/store/memory-library.ts';
import type { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { listOf } from '../support/list-of.ts';
import type { Tab } from './device.ts';

/** The stores of a device as one tab sees them: each operation is one event, which may fail, or be the last. */

export type TabLibrary = DeviceLibrary & Pick<MemoryLibrary, 'want' | 'signedAlerts'>;
export type TabAnswers = DeviceAnswers & Courier & Pick<MemoryOutbox, 'retry'>;

const LIBRARY = {
  open: 'read',
  catchUp: 'write',
  library: 'read',
  wanted: 'read',
  shelf: 'read',
  buckets: 'read',
  bodies: 'read',
  part: 'read',
  alerts: 'read',
  signedAlerts: 'read',
  hubs: 'read',
  item: 'read',
  sync: 'read',
  lastSyncs: 'read',
  policy: 'read',
  book: 'read',
  spend: 'write',
  saveLibrary: 'write',
  want: 'write',
  commitShelf: 'write',
  advance: 'write',
  saveAlerts: 'write',
  saveHubs: 'write',
  savePart: 'write',
  dropPart: 'write',
  forget: 'write',
  ended: 'write',
  takeLease: 'write',
  dropLease: 'write',
} as const;

const ANSWERS = {
  unsent: 'read',
  receipts: 'read',
  withoutReceipt: 'read',
  carriedBytes: 'read',
  countWaiting: 'read',
  carry: 'write',
  passedOn: 'write',
  device: 'write',
  freeze: 'write',
  settle: 'write',
  needsAttention: 'write',
  retry: 'write',
} as const;

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

const overQueue = (tab: Tab, store: object, kinds: Readonly<Record<string, 'read' | 'write'>>): unknown => {
  const methods = store as Methods;
  const made = Object.entries(kinds).map(([name, kind]) => [
    name,
    (...args: readonly unknown[]) => tab.operate(name, kind, () => methods[name]?.apply(store, args as never)),
  ]);
  return { ...Object.fromEntries(made), on: () => {} };
};

export const tabLibrary = (tab: Tab, store: MemoryLibrary): TabLibrary => overQueue(tab, store, LIBRARY) as TabLibrary;

export const tabAnswers = (tab: Tab, store: MemoryOutbox): TabAnswers => ({
  ...(overQueue(tab, store, ANSWERS) as TabAnswers),
  async *waiting() {
    yield* await tab.operate('waiting', 'read', () => listOf(store.waiting()));
  },
});
