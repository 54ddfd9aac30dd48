import type { NearAsk, NearReply } from '../core/api/near.ts';
import { RelaisError } from '../core/errors.ts';
import type { Carrier } from './link.ts';

/** Statuses whose answers have no body, and may be given none. */
const BODILESS = new Set([204, 205, 304]);

/** Requests to a hub on this Wi-Fi, which the page at the other end of `port` carries. They reject with `no-link`; its `why` may be `denied`. */
export const nearCarrier = (port: MessagePort): Carrier => {
  const waiting = new Map<number, (reply: NearReply) => void>();
  let last = 0;
  port.onmessage = ({ data }: MessageEvent<NearReply>): void => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  return {
    fetch: (url, { signal, ...init }) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        // Also while the body comes: the page ends it.
        const stop = (): void => {
          waiting.delete(id);
          port.postMessage({ id, url } satisfies NearAsk);
          reject(new RelaisError('no-link', { why: 'stopped' }));
        };
        if (signal?.aborted) return reject(new RelaisError('no-link', { why: 'stopped' }));
        signal?.addEventListener('abort', stop, { once: true });
        waiting.set(id, (reply) => {
          if (reply.failed) return reject(new RelaisError('no-link', { why: reply.failed }));
          const { status, headers } = reply;
          const body = BODILESS.has(status) ? null : (reply.body as ReadableStream<Uint8Array<ArrayBuffer>> | null);
          resolve(new Response(body, { status, headers }));
        });
        port.postMessage({ id, url, init: init as NearAsk['init'] & {} } satisfies NearAsk);
      }),
  };
};
