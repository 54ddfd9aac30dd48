import { codeOf, RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { type Envelope, type EnvelopeHeader, encodeBatch, MAX_BATCH } from '../protocol/envelope.ts';
import { type BatchResult, parseReply, UNKNOWN_ADDRESSEE, verifyReceipt } from '../protocol/receipt.ts';
import type { Root } from '../protocol/root.ts';
import type { LibraryStore, OutboxStore, Transport } from './ports.ts';

/**
 * Offers sealed answers to the centre until each has a receipt.
 *
 * Invariants: an answer leaves the queue only with a valid receipt for exactly its bytes; a refusal marks it for a person and
 * keeps it; anything else changes nothing, and the same bytes are offered again.
 */
export interface PushPorts {
  readonly platform: Platform;
  readonly store: LibraryStore;
  readonly outbox: OutboxStore;
  readonly transport: Transport;
}

/** Offers answers batch by batch. Returns how many were settled. Throws `no-link` or `busy` where it has to be tried again. */
export const push = async (ports: PushPorts, signal: AbortSignal): Promise<number> => {
  const library = await ports.store.library();
  if (!library) return 0;
  let settled = 0;
  for (;;) {
    signal.throwIfAborted();
    const envelopes = await ports.outbox.unsent(Object.keys(library.root.hub.keys), MAX_BATCH);
    if (envelopes.length === 0) return settled;
    const now = await offer(ports, library.root, envelopes, signal);
    settled += now.settled;
    // Somebody else's hub stands at this address: the answers wait for theirs, and news may tell more.
    if (now.settled === 0 && now.elsewhere > 0) return settled;
    // A reply that settles nothing (no receipt for what was offered) must not be asked for again at once.
    if (now.settled === 0) throw new RelaisError('no-link', { what: 'no receipt' });
  }
};

/** What became of offered answers: out of the queue, or refused since they are for another centre. */
interface Offered {
  readonly settled: number;
  readonly elsewhere: number;
}

const SETTLED: Offered = { settled: 1, elsewhere: 0 };
const WAITING: Offered = { settled: 0, elsewhere: 0 };
const ELSEWHERE: Offered = { settled: 0, elsewhere: 1 };

const sum = (all: readonly Offered[]): Offered => ({
  settled: all.reduce((total, one) => total + one.settled, 0),
  elsewhere: all.reduce((total, one) => total + one.elsewhere, 0),
});

/** One batch. A batch refused as a whole is offered one by one, so that one bad answer never holds up the others. */
const offer = async (
  ports: PushPorts,
  root: Root,
  envelopes: readonly Envelope[],
  signal: AbortSignal,
): Promise<Offered> => {
  const outcomes: Offered[] = [];
  let results: readonly BatchResult[];
  try {
    results = parseReply(await ports.transport.postBatch(encodeBatch(envelopes), signal));
  } catch (error) {
    const code = codeOf(error, 'no-link');
    if (code !== 'malformed' && code !== 'too-large') throw error;
    if (envelopes.length > 1) for (const one of envelopes) outcomes.push(await offer(ports, root, [one], signal));
    else for (const { header } of envelopes) outcomes.push(await attention(ports, header.id, code));
    return sum(outcomes);
  }
  for (const { header } of envelopes) {
    const result = results.find(({ id }) => id === header.id);
    if (result) outcomes.push(await settle(ports, root, header, result));
  }
  return sum(outcomes);
};

const attention = async (ports: PushPorts, id: string, code: string): Promise<Offered> => {
  await ports.outbox.needsAttention(id, code);
  return SETTLED;
};

const settle = async (ports: PushPorts, root: Root, header: EnvelopeHeader, result: BatchResult): Promise<Offered> => {
  if (result.status === 'rejected') {
    return result.code === UNKNOWN_ADDRESSEE ? ELSEWHERE : attention(ports, header.id, result.code);
  }
  const receipt = await verifyReceipt(ports.platform, root, header, result.receipt).catch(() => undefined);
  if (!receipt) return WAITING;
  await ports.outbox.settle(header.id, receipt);
  return SETTLED;
};
