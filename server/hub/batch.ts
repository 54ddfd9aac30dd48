import type { Context } from 'hono';
import { codeOf } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { type Envelope, MAX_BATCH_BODY, parseBatch } from '../../src/core/protocol/envelope.ts';
import type { BatchResult } from '../../src/core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import type { Log } from '../log.ts';
import type { AnswerDesk } from './desk.ts';
import { RateLimit, readLimited } from './security.ts';

/** `POST /o/batch`: takes sealed answers, and says what became of each. */
export interface BatchPorts {
  readonly desk: AnswerDesk;
  readonly log: Log;
  readonly platform: Platform;
}

const MINUTE = 60_000;

export const batchHandler = (ports: BatchPorts): ((context: Context) => Promise<Response>) => {
  // One NAT hides a whole centre, so limits go by device; those that never had a receipt share one. What strangers make up at a hub in between
  // is paid for on its link.
  const unknownDevices = new RateLimit(ports.desk.isRelay ? 60 : 600, MINUTE);
  const knownDevices = new RateLimit(300, MINUTE);
  return async (context) => {
    const body = await readLimited(context, MAX_BATCH_BODY);
    if (!body) return refuse(context, 413, 'too-large');
    let envelopes: Envelope[];
    try {
      envelopes = parseBatch(body);
    } catch (error) {
      ports.log('warn', 'batch.refused', { code: codeOf(error, 'malformed'), bytes: body.length });
      return refuse(context, 400, codeOf(error, 'malformed'));
    }
    const now = ports.platform.now();
    const allowed = envelopes.every(({ header: { dev } }) =>
      ports.desk.knows(dev) ? knownDevices.take(dev, now) : unknownDevices.take('unknown', now),
    );
    if (!allowed) return refuse(context, 429, 'busy', { 'Retry-After': '60' });
    const results: BatchResult[] = [];
    for (const envelope of envelopes) results.push(await ports.desk.take(envelope));
    ports.log('info', 'batch.stored', { answers: results.length });
    // The reply does not wait for the inbox.
    void ports.desk.afterwards().catch((error) => ports.log('error', 'answers.open', { why: String(error) }));
    return context.json({ v: PROTOCOL_VERSION, results }, 200, { 'Cache-Control': 'no-store' });
  };
};

const refuse = (
  context: Context,
  status: 400 | 413 | 429,
  error: string,
  headers: Record<string, string> = {},
): Response => context.json({ v: PROTOCOL_VERSION, error }, status, { 'Cache-Control': 'no-store', ...headers });
