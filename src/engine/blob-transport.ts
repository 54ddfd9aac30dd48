import type { Platform } from '../core/platform.ts';
import type { BlobTransport } from '../core/sync/ports.ts';
import type { Meter } from '../core/sync/traffic.ts';
import { type Carrier, codeOfStatus, counted, deadlines, refusePage, startOf, watched } from './link.ts';
import { fetchTransport } from './transport.ts';

/** `BlobTransport` over fetch, to one origin. */
export const fetchBlobs = (
  platform: Platform,
  origin: string,
  meter: Meter,
  carrier: Carrier = globalThis,
): BlobTransport => ({
  get: fetchTransport(platform, origin, meter, carrier).get,
  read: (path, from, to, take, outer) => {
    /** What the store said: a full phone is no lost link. */
    let refused: unknown;
    return watched(platform, outer, 0, async (signal, beat): Promise<boolean> => {
      const headers = { Range: `bytes=${from}-${to - 1}` };
      const response = await counted(meter, origin + path, { headers, signal }, carrier);
      if (response.status === 404) return false;
      if (response.status !== 200 && response.status !== 206) throw codeOfStatus(response);
      refusePage(response);
      let at = startOf(response, from);
      const reader = response.body?.getReader();
      if (!reader) return true;
      for (;;) {
        beat(deadlines.stall);
        const next = await reader.read().catch(() => undefined);
        if (next === undefined || next.done) return true;
        meter.body(next.value.length, at + next.value.length, undefined);
        const more = await take(at, next.value).catch((error: unknown) => {
          void reader.cancel().catch(() => {});
          refused = error;
          throw error;
        });
        if (more === 'enough') {
          void reader.cancel().catch(() => {});
          return true;
        }
        at += next.value.length;
      }
    })
      .catch((error: unknown) => {
        throw refused ?? error;
      })
      .finally(() => meter.end());
  },
});
