import { portalError, RelaisError } from '../core/errors.ts';
import type { Platform } from '../core/platform.ts';
import { concat } from '../core/protocol/bytes.ts';
import type { Reading } from '../core/sync/ports.ts';
import type { Meter } from '../core/sync/traffic.ts';

/**
 * A link is judged by what it delivers: the first byte within 15 s, then no silence longer than 20 s. What is sent first has a second for each
 * kilobyte: nobody hears of it while it goes.
 */
export const deadlines = { firstByte: 15_000, stall: 20_000, sentByte: 1 } as const;

/** What a hub's refusing status means for an answer: see "Device" in docs/protocol.md. Everything else is a link that does not work. */
export const refusalOf = (response: Response, bytes: number): RelaisError => {
  const { status } = response;
  if (status === 400 || status === 409 || status === 415 || status === 422)
    return new RelaisError('malformed', { status });
  if (status === 413) return new RelaisError('too-large', { status });
  return codeOfStatus(response, bytes);
};

/**
 * A status other than the wanted one, of whoever it is: a portal and a proxy have statuses of their own, and say nothing of the library. `bytes`:
 * what the try cost.
 */
export const codeOfStatus = ({ status, headers }: Response, bytes = 0): RelaisError => {
  if (status === 423 || status === 429 || status === 503) {
    return new RelaisError('busy', { status, bytes, retryAfter: Number(headers.get('retry-after')) || 0 });
  }
  // RFC 6585: a portal that says what it is.
  if (status === 511) return portalError({ status, bytes });
  return new RelaisError('no-link', { status, bytes });
};

/** Throws `no-link` where a page came: of a portal, with a status that says that all is well. */
export const refusePage = ({ status, headers }: Response): void => {
  if (/^text\/html/.test(headers.get('content-type') ?? '')) throw portalError({ status });
};

/** Runs `work` with a signal that ends with the caller's, or after `ms` without a call of `beat`. `bytes`: how many are sent. */
export const watched = async <T>(
  platform: Platform,
  outer: AbortSignal,
  bytes: number,
  work: (signal: AbortSignal, beat: (ms: number) => void) => Promise<T>,
): Promise<T> => {
  if (outer.aborted) throw new RelaisError('no-link', { why: String(outer.reason) });
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  outer.addEventListener('abort', stop, { once: true });
  let cancel = platform.after(deadlines.firstByte + bytes * deadlines.sentByte, stop);
  const beat = (ms: number): void => {
    cancel();
    cancel = platform.after(ms, stop);
  };
  try {
    return await work(controller.signal, beat);
  } catch (error) {
    if (error instanceof RelaisError) throw error;
    // Refused at once it cost nothing; given up after a while, all may have gone.
    const cost = controller.signal.aborted ? bytes : 0;
    throw new RelaisError('no-link', { why: String(error), ...(cost > 0 && { bytes: cost }) });
  } finally {
    cancel();
    outer.removeEventListener('abort', stop);
  }
};

/** Where a partial answer begins in its file; 0 for a whole one. Throws `no-link` where it begins somewhere else than asked. */
export const startOf = (response: Response, from: number): number => {
  if (response.status === 200) return 0;
  const [, start] = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '') ?? [];
  if (Number(start) !== from) throw new RelaisError('no-link', { what: 'range', from });
  return from;
};

/** Bytes of the whole file, as the answer says; undefined where it says nothing that can be counted on. */
const totalOf = ({ status, headers }: Response): number | undefined => {
  const [, range] = /\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
  const text = status === 206 ? range : headers.has('content-encoding') ? undefined : headers.get('content-length');
  return text ? Number(text) : undefined;
};

/**
 * Reads a body to its end or to where it was cut. Some browsers call a short one whole: its length is compared with what the answer said.
 * Throws `too-large`, and what `onPart` throws.
 */
export const readBody = async (
  response: Response,
  limit: number,
  beat: (ms: number) => void,
  meter: Meter,
  at = 0,
  onPart?: Reading['onPart'],
): Promise<{ readonly bytes: Uint8Array; readonly whole: boolean; readonly at: number }> => {
  const parts: Uint8Array[] = [];
  const total = totalOf(response);
  let end = at;
  const reader = response.body?.getReader();
  if (!reader) return { bytes: new Uint8Array(0), whole: true, at };
  for (;;) {
    beat(deadlines.stall);
    const next = await reader.read().catch(() => undefined);
    if (next === undefined) return { bytes: concat(parts), whole: false, at };
    if (next.done) return { bytes: concat(parts), whole: total === undefined || end >= total, at };
    meter.body(next.value.length, end + next.value.length, total);
    if (end + next.value.length > limit) {
      void reader.cancel().catch(() => {});
      throw new RelaisError('too-large', { limit });
    }
    parts.push(next.value);
    const start = end;
    end += next.value.length;
    try {
      await onPart?.(start, next.value, end === total);
    } catch (error) {
      void reader.cancel().catch(() => {});
      throw error;
    }
  }
};

export const parseJson = (bytes: Uint8Array): { readonly v?: unknown } | undefined => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as { v?: unknown };
  } catch {
    return undefined;
  }
};

/** What keeps a request small and private: no cookie, no referrer, and nothing from the browser's own cache. */
const options = {
  credentials: 'omit',
  referrerPolicy: 'no-referrer',
  cache: 'no-store',
  // Followed nowhere: nothing of the library leads elsewhere, and a portal does.
  redirect: 'manual',
} as const;

/** What carries requests: the browser, or whatever stands in for it. */
export interface Carrier {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** One request that is counted. */
export const counted = async (
  meter: Meter,
  url: string,
  init: RequestInit & { readonly body?: Uint8Array<ArrayBuffer> },
  carrier: Carrier = globalThis,
): Promise<Response> => {
  meter.request(init.body?.length ?? 0);
  const response = await carrier.fetch(url, { ...options, ...init }).catch((error: unknown) => {
    meter.unanswered();
    throw error;
  });
  meter.answer();
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400))
    throw portalError({ status: response.status });
  return response;
};
