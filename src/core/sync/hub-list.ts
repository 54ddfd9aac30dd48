import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { HUBS_PATH, type Hub, hubOf, MAX_HUBS_BYTES, verifyHubs } from '../protocol/hubs.ts';
import type { HubListStore, Transport } from './ports.ts';

/** The list of delegated hubs: asked for with each publication, and else once a day. */
const STAYS_FRESH_MS = 86_400_000;

export const isHubListDue = async (store: HubListStore, now: number): Promise<boolean> => {
  const head = (await store.library())?.head;
  const before = await store.hubs();
  return head !== undefined && !(before?.seq === head.seq && Math.abs(now - before.at) < STAYS_FRESH_MS);
};

export interface HubListPorts {
  readonly platform: Platform;
  readonly store: HubListStore;
  readonly transport: Pick<Transport, 'get'>;
}

/** Takes the list from a link or an archive, unless it is damaged, or older than the one that is here: revocations stay. */
export const takeHubs = async ({ platform, store, transport }: HubListPorts, signal: AbortSignal): Promise<void> => {
  const state = await store.library();
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
  const before = (await store.hubs())?.list;
  const list = fetched.found ? fetched.bytes : undefined;
  const isNewer = (await numberOf(list)) >= Math.max(1, await numberOf(before));
  await store.saveHubs({ list: isNewer ? list : before, at: platform.now(), seq: state.head?.seq ?? 0 });
};

/** The hub with this key id, where the list that is here lets it speak for the library. A list that the newest root does not vouch for names none. */
export const knownHub = async (platform: Platform, store: HubListStore, id: string): Promise<Hub | undefined> => {
  const [state, record] = await Promise.all([store.library(), store.hubs()]);
  if (!state?.head || !record?.list) return undefined;
  const hubs = await verifyHubs(platform, state.root, record.list).catch(() => undefined);
  return hubs && hubOf(platform, hubs, id, state.head.issued);
};
