import { codeOf, RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { centreOf, type Envelope, type EnvelopeHeader, encodeBatch, MAX_BATCH } from '../protocol/envelope.ts';
import { type BatchResult, parseReply, verifyReceipt } from '../protocol/receipt.ts';
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
  const addressee = centreOf(library.root).id;
  let settled = 0;
  for (;;) {
    signal.throwIfAborted();
    const envelopes = await ports.outbox.unsent(addressee, MAX_BATCH);
    if (envelopes.length === 0) return settled;
    const now = await offer(ports, library.root, envelopes, signal);
    // A reply that settles nothing (no receipt for what was offered) must not be asked for again at once.
    if (now === 0) throw new RelaisError('no-link', { what: 'no receipt' });
    settled += now;
  }
};

/** One batch. A batch refused as a whole is offered one by one, so that one bad answer never holds up the others. */
const offer = async (
  ports: PushPorts,
  root: Root,
  envelopes: readonly Envelope[],
  signal: AbortSignal,
): Promise<number> => {
  let results: readonly BatchResult[];
  try {
    results = parseReply(await ports.transport.postBatch(encodeBatch(envelopes), signal));
  } catch (error) {
    const code = codeOf(error, 'no-link');
    if (code !== 'malformed' && code !== 'too-large') throw error;
    let settled = 0;
    if (envelopes.length > 1) for (const one of envelopes) settled += await offer(ports, root, [one], signal);
    else for (const { header } of envelopes) settled += await attention(ports, header.id, code);
    return settled;
  }
  let settled = 0;
  for (const { header } of envelopes) {
    const result = results.find(({ id }) => id === header.id);
    if (result) settled += await settle(ports, root, header, result);
  }
  return settled;
};

const attention = async (ports: PushPorts, id: string, code: string): Promise<number> => {
  await ports.outbox.needsAttention(id, code);
  return 1;
};

/** 1 where the answer left the queue, 0 where it stays as it is. */
const settle = async (ports: PushPorts, root: Root, header: EnvelopeHeader, result: BatchResult): Promise<number> => {
  if (result.status === 'rejected') return attention(ports, header.id, result.code);
  const receipt = await verifyReceipt(ports.platform, root, header, result.receipt).catch(() => undefined);
  if (!receipt) return 0;
  await ports.outbox.settle(header.id, receipt);
  return 1;
};
