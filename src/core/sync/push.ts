import { codeOf, RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { type Envelope, encodeBatch, MAX_BATCH } from '../protocol/envelope.ts';
import { type BatchResult, parseReply, type Reply, UNKNOWN_ADDRESSEE, verifyReceipt } from '../protocol/receipt.ts';
import type { Root } from '../protocol/root.ts';
import { holderOf } from './holder.ts';
import type { LibraryStore, OutboxStore, Transport } from './ports.ts';
import { addresseesOf } from './trust.ts';

/**
 * Offers sealed answers to the centre until each has a receipt; a hub in between may take them, and pass the receipt back.
 *
 * Invariants: an answer leaves the queue only with a valid receipt for exactly its bytes; a refusal marks it for a person and
 * keeps it; anything else changes nothing, and the same bytes are offered again. Of what a hub in between has, the header alone is, until a
 * hub says that it needs the rest.
 */
export interface PushPorts {
  readonly platform: Platform;
  readonly store: LibraryStore;
  readonly outbox: OutboxStore;
  readonly transport: Transport;
}

export interface Pushed {
  /** Answers that got their receipt. */
  readonly sent: number;
  /** Those that a hub in between has, and whose receipt is not back yet. */
  readonly held: number;
}

/** Each may be of another device, and a hub takes 60 a minute of those that it does not know. */
const MOST_AT_ONCE = 50;

/**
 * Offers answers batch by batch. `waiting`: ids that are left out; those that have to wait are added. Throws `no-link` or `busy` where it has to
 * be tried again, and `revoked` where a hub in between holds some that the library has taken its word from.
 */
export const push = async (ports: PushPorts, signal: AbortSignal, waiting = new Set<string>()): Promise<Pushed> => {
  const library = await ports.store.library();
  if (!library) return { sent: 0, held: 0 };
  const addressees = addresseesOf(library);
  let sent = 0;
  let held = 0;
  const needed = new Set<string>();
  for (;;) {
    signal.throwIfAborted();
    const envelopes = (await ports.outbox.unsent(addressees, MAX_BATCH, waiting)).slice(0, MOST_AT_ONCE);
    if (envelopes.length === 0) return { sent, held };
    const fates = await offer(ports, library.root, envelopes, signal);
    // A reply that decides nothing (no receipt for what was offered) must not be asked for again at once.
    if (fates.size === 0) throw new RelaisError('no-link', { what: NO_RECEIPT, bytes: sizeOf(envelopes) });
    for (const [id, fate] of fates) {
      if (fate === 'settled') sent++;
      if (fate === 'held') held++;
      // For another centre, or with a hub in between: it holds nobody up.
      if (fate === 'elsewhere' || fate === 'held' || (fate === 'needed' && needed.has(id))) waiting.add(id);
      if (fate === 'needed') needed.add(id);
    }
  }
};

/** What a reply lacks that settles nothing. */
export const NO_RECEIPT = 'no receipt';

const sizeOf = (envelopes: readonly Envelope[]): number => envelopes.reduce((sum, { body }) => sum + body.length, 0);

/** What became of an offered answer; one that is not named waits as before. */
type Fate = 'settled' | 'refused' | 'elsewhere' | 'held' | 'needed';

/** One batch. A batch refused as a whole is offered one by one, so that one bad answer never holds up the others. */
const offer = async (
  ports: PushPorts,
  root: Root,
  envelopes: readonly Envelope[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Fate>> => {
  const fates = new Map<string, Fate>();
  let reply: unknown;
  try {
    reply = await ports.transport.postBatch(encodeBatch(envelopes), signal);
  } catch (error) {
    const code = codeOf(error, 'no-link');
    if (code !== 'malformed' && code !== 'too-large') throw error;
    const [only, ...others] = envelopes;
    if (only && others.length === 0) return fates.set(only.header.id, await attention(ports, only.header.id, code));
    for (const one of envelopes) for (const [id, fate] of await offer(ports, root, [one], signal)) fates.set(id, fate);
    return fates;
  }
  const { results, vouch } = readReply(reply);
  const headers = new Map(envelopes.map(({ header }) => [header.id, header]));
  const held = results.flatMap(({ id, status }) => (status === 'held' && headers.get(id)) || []);
  let holder: string | undefined;
  let unheld: unknown;
  try {
    holder = await holderOf(ports, vouch, held, signal);
  } catch (error) {
    // Its word counts for nothing; the receipts that it passes on are the centre's.
    unheld = error;
  }
  for (const envelope of envelopes) {
    const { id } = envelope.header;
    const result = results.find((one) => one.id === id);
    if (!result || (result.status === 'held' && unheld !== undefined)) continue;
    const fate = await settle(ports, root, envelope, result, holder);
    if (fate) fates.set(id, fate);
  }
  if (fates.size === 0 && unheld !== undefined) throw unheld;
  return fates;
};

/** A reply of another shape is no refusal: nothing changes, and the same bytes are offered again. */
const readReply = (reply: unknown): Pick<Reply, 'results' | 'vouch'> => {
  try {
    return parseReply(reply);
  } catch (error) {
    if (codeOf(error, 'no-link') !== 'malformed') throw error;
    return { results: [] };
  }
};

const attention = async (ports: PushPorts, id: string, code: string): Promise<Fate> => {
  await ports.outbox.needsAttention(id, code);
  return 'refused';
};

const settle = async (
  ports: PushPorts,
  root: Root,
  { header, body }: Envelope,
  result: BatchResult,
  holder: string | undefined,
): Promise<Fate | undefined> => {
  if (result.status === 'rejected') {
    return result.code === UNKNOWN_ADDRESSEE ? 'elsewhere' : attention(ports, header.id, result.code);
  }
  const isHeld = result.status === 'held';
  if (isHeld || result.status === 'need') {
    // Whoever had all of it and needs it still says nothing.
    if (!isHeld && body.length > 0) return undefined;
    await ports.outbox.passedOn(header.id, isHeld, holder);
    return isHeld ? 'held' : 'needed';
  }
  const receipt = await verifyReceipt(ports.platform, root, header, result.receipt).catch(() => undefined);
  if (!receipt) return undefined;
  await ports.outbox.settle(header.id, receipt);
  return 'settled';
};
