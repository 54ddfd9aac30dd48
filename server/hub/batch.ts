import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Context, Hono } from 'hono';
import { codeOf } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { concat } from '../../src/core/protocol/bytes.ts';
import { type Envelope, MAX_BATCH_BODY, parseBatch } from '../../src/core/protocol/envelope.ts';
import type { BatchResult } from '../../src/core/protocol/receipt.ts';
import {
  isUploadName,
  KEPT_FROM,
  NAMED_WITHIN,
  OFFSET,
  uploadName,
  uploadTag,
} from '../../src/core/protocol/upload.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { VOUCH_QUERY } from '../../src/core/protocol/vouch.ts';
import type { Log } from '../log.ts';
import type { AnswerDesk } from './desk.ts';
import { accepts } from './files.ts';
import { RateLimit, readLimited, sameSiteOr } from './security.ts';
import { isDiskFull } from './sqlite.ts';
import type { Uploads } from './uploads.ts';

export interface BatchPorts {
  readonly desk: AnswerDesk;
  readonly uploads: Uploads;
  readonly log: Log;
  readonly platform: Platform;
  /** The app of another address that may send answers too. */
  readonly appOrigin: string | undefined;
}

const MINUTE = 60_000;
/**
 * So often one batch may be asked after or gone on with in a minute. To go on takes two requests, so that these are 300 cuts, as many as a known device
 * may send answers: five a second, though a device waits a second at least between two tries of its own, and a link that comes back needs round trips for each.
 * It counts by batch, whose name nobody else can guess: shared by all, strangers could use it up, and a phone on a bad link would send all of its batch
 * again. Names that are not here cost no more than any page that is missing.
 */
const GOING_ON = 600;
const NOTHING = new Uint8Array(0);
const NO_STORE = { 'Cache-Control': 'no-store' };

/** `/o/batch`: takes sealed answers, whole or from where a cut left them, and says what became of each. */
export const batchRoutes = (app: Hono, ports: BatchPorts): void => {
  const { desk, uploads, log, platform } = ports;
  const fromApp = sameSiteOr(ports.appOrigin);
  // One NAT hides a whole centre, so limits go by device; those that never had a receipt share one. What strangers make up at a hub in between
  // is paid for on its link.
  const unknownDevices = new RateLimit(desk.isRelay ? 60 : 600, MINUTE);
  const knownDevices = new RateLimit(300, MINUTE);
  const goingOn = new RateLimit(GOING_ON, MINUTE);

  /** A batch that begins with what is here already, of a name that is known then. */
  const take = async (context: Context, start: Uint8Array = NOTHING, name?: string): Promise<Response> => {
    const length = start.length + Number(context.req.header('content-length') ?? 0);
    const keeper = length < KEPT_FROM ? undefined : new Keeper(uploads, start.length, name);
    let body: Uint8Array | undefined;
    try {
      body = await readLimited(context, MAX_BATCH_BODY - start.length, keeper?.add);
    } catch {
      log('debug', 'batch.cut');
      // Whoever still hears it has not heard a refusal.
      return refuse(context, 503, 'busy');
    } finally {
      keeper?.flush();
    }
    if (!body) return refuse(context, 413, 'too-large');
    const batch = concat([start, body]);
    let envelopes: Envelope[];
    try {
      envelopes = parseBatch(batch);
    } catch (error) {
      log('warn', 'batch.refused', { code: codeOf(error, 'malformed'), bytes: batch.length });
      return refuse(context, 400, codeOf(error, 'malformed'));
    }
    const now = platform.now();
    const allowed = envelopes.every(({ header: { dev } }) =>
      desk.knows(dev) ? knownDevices.take(dev, now) : unknownDevices.take('unknown', now),
    );
    if (!allowed) return refuseTooMany(context);
    const results: BatchResult[] = [];
    try {
      for (const envelope of envelopes) results.push(await desk.take(envelope));
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      log('error', 'batch.full', { stored: results.length, of: envelopes.length });
      // Those that found room have their receipts; the others are offered again.
      if (results.length === 0) return refuse(context, 507, 'full');
    }
    log('info', 'batch.stored', { answers: results.length });
    const held = envelopes.flatMap(({ header }, i) => (results[i]?.status === 'held' ? header : []));
    const isAsked = context.req.query(VOUCH_QUERY) !== undefined && held.length > 0;
    const vouch = isAsked ? await desk.vouch?.(held) : undefined;
    // The reply does not wait for the inbox.
    void desk.afterwards().catch((error) => log('error', 'answers.open', { why: String(error) }));
    return answer(context, JSON.stringify({ v: PROTOCOL_VERSION, results, ...(vouch && { vouch }) }));
  };

  app.post('/o/batch', fromApp, (context) => take(context));

  // Asked with HEAD.
  app.get('/o/batch/:name', fromApp, async (context) => {
    const name = context.req.param('name');
    const bytes = keptOf(uploads, name);
    if (!bytes) return context.body(null, 404, NO_STORE);
    if (!goingOn.take(name, platform.now())) return refuseTooMany(context);
    const tag = await uploadTag(platform, bytes);
    return context.body(null, 200, { ...NO_STORE, [OFFSET]: String(bytes.length), ETag: tag });
  });
  app.patch('/o/batch/:name', fromApp, async (context) => {
    const name = context.req.param('name');
    const kept = keptOf(uploads, name);
    if (kept && !goingOn.take(name, platform.now())) return refuseTooMany(context);
    const bytes = kept?.subarray(0, Number(context.req.header(OFFSET)));
    const isSame = bytes && (await uploadTag(platform, bytes)) === context.req.header('if-match');
    return isSame ? take(context, bytes, name) : context.body(null, 412, NO_STORE);
  });
};

const keptOf = (uploads: Uploads, name: string): Uint8Array | undefined =>
  isUploadName(name) ? uploads.read(name) : undefined;

/** Writes down what arrives as it comes, a kilobyte at a time: a link that dies in silence never says that it is over. */
class Keeper {
  readonly #uploads: Uploads;
  #at: number;
  #name: string | undefined;
  #waiting: Uint8Array = NOTHING;
  /** It is no batch. */
  #isNameless = false;

  /** `at`: bytes that are there under this name; none are of a batch whose name is to be found. */
  constructor(uploads: Uploads, at: number, name: string | undefined) {
    this.#uploads = uploads;
    this.#at = at;
    this.#name = name;
  }

  readonly add = (part: Uint8Array): void => {
    if (this.#isNameless) return;
    this.#waiting = concat([this.#waiting, part]);
    if (this.#waiting.length >= NAMED_WITHIN) this.flush();
  };

  flush(): void {
    this.#name ??= uploadName(this.#waiting);
    this.#isNameless = this.#name === undefined;
    if (this.#name === undefined || this.#waiting.length === 0) return;
    this.#uploads.write(this.#name, this.#at, this.#waiting);
    this.#at += this.#waiting.length;
    this.#waiting = NOTHING;
  }
}

/**
 * Receipts repeat their names and what they sign: ten of them are more than half shorter in brotli, which browsers take over https, and a
 * little less so in gzip, which they take on plain http too.
 */
const answer = (context: Context, json: string): Response => {
  const headers = { ...NO_STORE, 'Content-Type': 'application/json', Vary: 'Accept-Encoding' };
  if (accepts(context, 'br')) return context.body(brotliText(json), 200, { ...headers, 'Content-Encoding': 'br' });
  if (accepts(context, 'gzip'))
    return context.body(gzipSync(json, { level: 9 }), 200, { ...headers, 'Content-Encoding': 'gzip' });
  return context.body(json, 200, headers);
};

const brotliText = (text: string): Buffer<ArrayBuffer> =>
  brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT } });

const refuse = (
  context: Context,
  status: 400 | 413 | 429 | 503 | 507,
  error: string,
  headers: Record<string, string> = {},
): Response => context.json({ v: PROTOCOL_VERSION, error }, status, { ...NO_STORE, ...headers });

const refuseTooMany = (context: Context): Response => refuse(context, 429, 'busy', { 'Retry-After': '60' });
