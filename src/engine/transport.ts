import { isPage, portalError, RelaisError } from '../core/errors.ts';
import type { Platform } from '../core/platform.ts';
import { KEPT_FROM, OFFSET, uploadName, uploadTag } from '../core/protocol/upload.ts';
import { VOUCH_QUERY } from '../core/protocol/vouch.ts';
import type { Fetched, Transport } from '../core/sync/ports.ts';
import type { Meter } from '../core/sync/traffic.ts';
import {
  type Carrier,
  codeOfStatus,
  counted,
  parseJson,
  readBody,
  refusalOf,
  refusePage,
  startOf,
  watched,
} from './link.ts';

/** A batch of so many bytes may have been under way in another realm: whether some of it is there is asked before the first try. */
const LARGE = 16 * 1024;

/** `Transport` over fetch, to one origin. */
export const fetchTransport = (
  platform: Platform,
  origin: string,
  meter: Meter,
  carrier: Carrier = globalThis,
): Transport => ({
  get: (path, limit, outer, { from = 0, onPart } = {}) =>
    watched(platform, outer, 0, async (signal, beat): Promise<Fetched> => {
      const headers: HeadersInit = from > 0 ? { Range: `bytes=${from}-` } : {};
      const response = await counted(meter, origin + path, { headers, signal }, carrier);
      if (response.status === 404) return { found: false };
      // Nothing is behind what is here: it was all there is.
      if (response.status === 416 && from > 0) return { found: true, bytes: new Uint8Array(0), whole: true, at: from };
      if (response.status !== 200 && response.status !== 206) throw codeOfStatus(response);
      refusePage(response);
      return { found: true, ...(await readBody(response, limit, beat, meter, startOf(response, from), onPart)) };
    }).finally(() => meter.end()),

  postBatch: batchPoster(platform, origin, meter, carrier),
});

interface Sent {
  readonly url: string;
  readonly init: RequestInit & { readonly body: Uint8Array<ArrayBuffer> };
}

/** Statuses with which the rest of a batch is not taken, by the hub or by something in between that knows no such method. */
const NOT_TAKEN: ReadonlySet<number> = new Set([403, 404, 405, 411, 412, 501]);
/** What fails sooner, in milliseconds, has sent nothing. */
const SENT_MS = 50;
/** So often nobody answers how much is there, before all of it is sent without asking. */
const MOST_UNANSWERED = 2;

/** `POST /o/batch`; what broke off goes on from where the hub has it. Whatever keeps it from that, all of it is sent. */
const batchPoster = (platform: Platform, origin: string, meter: Meter, carrier: Carrier): Transport['postBatch'] => {
  /** What was sent last, some of it at least, and brought no reply. */
  let broken: string | undefined;
  let unanswered = 0;

  /** What the hub lacks of a batch of which it may have the beginning; undefined where all of it has to be sent. */
  const restOf = async (
    name: string | undefined,
    batch: Uint8Array<ArrayBuffer>,
    outer: AbortSignal,
  ): Promise<Sent | undefined> => {
    const isLikely = batch.length >= (name === broken ? KEPT_FROM : LARGE);
    if (name === undefined || !isLikely) return undefined;
    if (unanswered === MOST_UNANSWERED) {
      unanswered = 0;
      return undefined;
    }
    unanswered++;
    const url = `${origin}/o/batch/${name}`;
    const { status, headers } = await watched(platform, outer, 0, (signal) =>
      counted(meter, url, { method: 'HEAD', signal }, carrier),
    ).finally(() => meter.end());
    unanswered = 0;
    const offset = Number(headers.get(OFFSET));
    if (status !== 200 || !(offset > 0 && offset <= batch.length)) return undefined;
    // Another batch may have begun with the same answer.
    const tag = await uploadTag(platform, batch.subarray(0, offset));
    if (tag !== headers.get('etag')) return undefined;
    const init = { method: 'PATCH', headers: { [OFFSET]: String(offset), 'If-Match': tag }, body: batch.slice(offset) };
    return { url: `${url}?${VOUCH_QUERY}`, init };
  };

  /** The hub's reply; undefined where the rest of a batch was not taken. */
  const send = (name: string | undefined, { url, init }: Sent, outer: AbortSignal): Promise<unknown> => {
    const { length } = init.body;
    const began = platform.now();
    return watched(platform, outer, length, async (signal, beat): Promise<unknown> => {
      const response = await counted(meter, url, { ...init, signal }, carrier);
      const { bytes, whole } = await readBody(response, 1 << 20, beat, meter);
      const reply = whole ? parseJson(bytes) : undefined;
      // A portal or a proxy has statuses of its own: only a hub says `v`, and only a hub may refuse an answer.
      if (typeof reply?.v !== 'number') {
        if (init.method === 'PATCH' && NOT_TAKEN.has(response.status)) return undefined;
        const details = { status: response.status, bytes: length };
        throw isPage(bytes) ? portalError(details) : new RelaisError('no-link', { what: 'not a reply', ...details });
      }
      broken = undefined;
      if (response.status !== 200) throw refusalOf(response, length);
      return reply;
    })
      .catch((error: unknown) => {
        // Refused at once, as without any link, nothing of it was sent.
        if (error instanceof RelaisError && error.code === 'no-link' && Math.abs(platform.now() - began) >= SENT_MS)
          broken = name;
        throw error;
      })
      .finally(() => meter.end());
  };

  return async (batch, outer) => {
    const name = uploadName(batch);
    const rest = await restOf(name, batch, outer);
    const reply = rest && (await send(name, rest, outer));
    return (
      reply ?? send(name, { url: `${origin}/o/batch?${VOUCH_QUERY}`, init: { method: 'POST', body: batch } }, outer)
    );
  };
};
