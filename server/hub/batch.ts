import type { Context } from 'hono';
import { codeOf } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { type Envelope, MAX_BATCH_BODY, parseBatch, verifyEnvelope } from '../../src/core/protocol/envelope.ts';
import { type BatchResult, type Receipt, UNKNOWN_ADDRESSEE } from '../../src/core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { signWith } from '../box/keys.ts';
import type { ServingKeys } from '../box/serving.ts';
import type { Log } from '../log.ts';
import type { AnswerStore } from './answer-store.ts';
import { RateLimit, readLimited } from './security.ts';

/** `POST /o/batch`: stores sealed answers, and says so with a signed receipt for each. */
export interface BatchPorts {
  readonly keys: ServingKeys;
  readonly answers: AnswerStore;
  readonly log: Log;
  readonly platform: Platform;
}

const MINUTE = 60_000;

export const batchHandler = (ports: BatchPorts): ((context: Context) => Promise<Response>) => {
  // One NAT hides a whole centre, so limits go by device; those that never had a receipt share one.
  const unknownDevices = new RateLimit(600, MINUTE);
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
      ports.answers.knows(dev) ? knownDevices.take(dev, now) : unknownDevices.take('unknown', now),
    );
    if (!allowed) return refuse(context, 429, 'busy', { 'Retry-After': '60' });
    const results: BatchResult[] = [];
    for (const envelope of envelopes) results.push(await storeOne(ports, envelope));
    ports.log('info', 'batch.stored', { answers: results.length });
    // The reply does not wait for the inbox.
    void ports.answers.openPending().catch((error) => ports.log('error', 'answers.open', { why: String(error) }));
    return context.json({ v: PROTOCOL_VERSION, results }, 200, { 'Cache-Control': 'no-store' });
  };
};

const refuse = (
  context: Context,
  status: 400 | 413 | 429,
  error: string,
  headers: Record<string, string> = {},
): Response => context.json({ v: PROTOCOL_VERSION, error }, status, { 'Cache-Control': 'no-store', ...headers });

const storeOne = async ({ keys, answers, platform }: BatchPorts, envelope: Envelope): Promise<BatchResult> => {
  const { id, hash, to } = envelope.header;
  const { hub, addressees } = keys.current();
  if (!addressees.has(to)) return { id, status: 'rejected', code: UNKNOWN_ADDRESSEE };
  if (!(await verifyEnvelope(platform, envelope))) return { id, status: 'rejected', code: 'hash' };
  const { seq, fresh } = await answers.storeOnce(envelope, Math.floor(platform.now() / 1000));
  const receipt: Receipt = { v: PROTOCOL_VERSION, id, hash, by: hub.id, seq };
  return { id, status: fresh ? 'stored' : 'duplicate', receipt: signWith(hub, 'receipt', receipt) };
};
