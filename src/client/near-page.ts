import type { NearAsk, NearReply } from '../core/api/near.ts';
import { nearOrigin } from '../core/protocol/near.ts';

/** What such a request is called in the settings of browsers, newest first: it was one permission before it was two. */
const PERMISSIONS = ['local-network', 'local-network-access'];

const isDenied = async (): Promise<boolean> => {
  for (const name of PERMISSIONS) {
    const status = await navigator.permissions?.query({ name: name as PermissionName }).catch(() => undefined);
    if (status) return status.state === 'denied';
  }
  return false;
};

/**
 * Carries what the data worker asks of a hub on this Wi-Fi. The browser asks the person at the first one.
 *
 * Invariant: nothing goes anywhere but to an address inside the network that the device is in, whatever the worker says.
 */
export const serveNear = (port: MessagePort): void => {
  const running = new Map<number, AbortController>();

  const answer = async (id: number, url: string, init: RequestInit, signal: AbortSignal): Promise<void> => {
    try {
      if (nearOrigin(url) === undefined) throw new TypeError('not near');
      const local = { ...init, redirect: 'manual', signal, targetAddressSpace: 'local' } as const;
      const response = await fetch(url, local);
      const ended = new TransformStream({ flush: () => void running.delete(id) });
      const body = response.body?.pipeThrough(ended) ?? null;
      if (!body) running.delete(id);
      // A redirect that is not followed has no status: it is a portal's.
      const reply: NearReply = { id, status: response.status || 302, headers: [...response.headers], body };
      port.postMessage(reply, body ? [body] : []);
    } catch {
      running.get(id)?.abort();
      running.delete(id);
      const failed = (await isDenied()) ? 'denied' : 'no-link';
      port.postMessage({ id, failed } satisfies NearReply);
    }
  };

  port.onmessage = ({ data: { id, url, init } }: MessageEvent<NearAsk>): void => {
    if (!init) {
      running.get(id)?.abort();
      running.delete(id);
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    void answer(id, url, init, controller.signal);
  };
};
