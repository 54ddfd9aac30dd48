import { RelaisError } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { HUBS_PATH, MAX_HUBS_BYTES, verifyHubs } from '../../src/core/protocol/hubs.ts';
import type { Transport } from '../../src/core/sync/ports.ts';
import type { MirrorStore } from './mirror-store.ts';

/** The list of delegated hubs: asked for with each publication, and else once a day. */
const STAYS_FRESH_MS = 86_400_000;

export const isHubListDue = (store: MirrorStore, now: number): boolean => {
  const { head } = store.state() ?? {};
  const before = store.hubs();
  return head !== undefined && !(before?.seq === head.seq && Math.abs(now - before.at) < STAYS_FRESH_MS);
};

export interface HubListPorts {
  readonly platform: Platform;
  readonly store: MirrorStore;
  readonly transport: Pick<Transport, 'get'>;
}

/** Takes the list from a link or an archive, unless it is damaged, or older than the one that is here: revocations stay. */
export const takeHubs = async ({ platform, store, transport }: HubListPorts, signal: AbortSignal): Promise<void> => {
  const state = store.state();
  if (!state) return;
  const fetched = await transport.get(HUBS_PATH, MAX_HUBS_BYTES, signal);
  if (fetched.found && !fetched.whole) throw new RelaisError('no-link', { what: 'cut', bytes: fetched.bytes.length });
  const numberOf = async (list: Uint8Array | undefined): Promise<number> =>
    list
      ? verifyHubs(platform, state.root, list).then(
          ({ n }) => n,
          () => 0,
        )
      : 0;
  const before = store.hubs()?.list;
  const list = fetched.found ? fetched.bytes : undefined;
  const isNewer = (await numberOf(list)) >= Math.max(1, await numberOf(before));
  store.saveHubs({ list: isNewer ? list : before, at: platform.now(), seq: state.head?.seq ?? 0 });
};
