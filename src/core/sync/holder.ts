import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { isVouchedBy, parseVouch } from '../protocol/vouch.ts';
import { isHubListDue, knownHub, takeHubs } from './hub-list.ts';
import type { HubListStore, Transport } from './ports.ts';

/** Who it is that holds answers: a hub in between that the library knows signs for what it says. */

export interface HolderPorts {
  readonly platform: Platform;
  readonly store: HubListStore;
  readonly transport: Pick<Transport, 'get'>;
}

/**
 * The name of the hub that signed for these answers; undefined where nobody did, or where it cannot be found out now: any hub may pass answers
 * on, since it can open none. Throws `revoked` where the library does not let that hub speak for it (any more), and `tampered` or `malformed`
 * where the signature is not its own, or is for other answers.
 */
export const holderOf = async (
  ports: HolderPorts,
  vouch: unknown,
  held: readonly { readonly id: string; readonly hash: string }[],
  signal: AbortSignal,
): Promise<string | undefined> => {
  if (vouch === undefined || held.length === 0) return undefined;
  const { platform, store } = ports;
  const document = parseVouch(vouch);
  const { by } = document.signed;
  if (await isHubListDue(store, platform.now())) await takeHubs(ports, signal).catch(() => {});
  // Under this publication nobody could be asked yet, or there is no publication.
  if (await isHubListDue(store, platform.now())) return undefined;
  if (!(await store.library())?.head) return undefined;
  const hub = await knownHub(platform, store, by);
  if (!hub) throw new RelaisError('revoked', { hub: by });
  if (!(await isVouchedBy(platform, document, hub.key, held)))
    throw new RelaisError('tampered', { what: 'vouch', hub: by });
  return hub.name;
};
