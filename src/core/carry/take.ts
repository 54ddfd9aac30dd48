import * as v from 'valibot';
import { codeOf, RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { equal, fromUtf8, utf8 } from '../protocol/bytes.ts';
import { type Envelope, MAX_BATCH_BODY, parseBatch, verifyEnvelope } from '../protocol/envelope.ts';
import { verifyReceipt } from '../protocol/receipt.ts';
import { version } from '../protocol/shapes.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { LibraryState, OutboxStore } from '../sync/ports.ts';
import { RECEIPTS } from './paths.ts';
import { fromCode } from './short.ts';
import type { Archive } from './transport.ts';

/** What an archive brings besides a library: answers to pass on, and receipts of those that waited here. */

/** So many receipts are carried, the newest of them. */
export const MOST_RECEIPTS = 20_000;
const MAX_RECEIPTS = MOST_RECEIPTS * 512;

const receiptsSchema = v.looseObject({ v: version, receipts: v.array(v.unknown()) });

/** What a sealed letter has besides its padded words: who may open it, and checks. */
const MOST_SEAL = 2_048;
const AGE = utf8('age-encryption.org/v1');

/** Whether a body can be what its header says. One that is empty would ask after an answer, and never be one. */
const isSealed = ({ header, body }: Envelope): boolean => {
  const seal = body.length - header.size * 1024;
  return seal > 0 && seal <= MOST_SEAL && equal(body.subarray(0, AGE.length), AGE);
};

/** Of answers in this file of an archive that could not be read, whatever else came. */
export const damagedAnswers = (part: string): RelaisError => new RelaisError('tampered', { what: 'answers', part });

/** Answers in an archive, sealed as they came. `onDamage`: some in this file of it could not be read, and are left out. */
export async function* answersIn(
  platform: Platform,
  archive: Archive,
  onDamage: (path: string) => void = () => {},
): AsyncGenerator<Envelope> {
  for (const [path, file] of archive) {
    if (!path.startsWith('o/')) continue;
    let envelopes: readonly Envelope[];
    try {
      if (file.size > MAX_BATCH_BODY)
        throw new RelaisError('too-large', { what: 'answers', part: path, size: file.size });
      envelopes = parseBatch(await file.read(0, file.size));
    } catch (error) {
      if (codeOf(error, 'storage') === 'storage') throw error;
      onDamage(path);
      continue;
    }
    for (const envelope of envelopes)
      if (isSealed(envelope) && (await verifyEnvelope(platform, envelope))) yield envelope;
      else onDamage(path);
  }
}

/** Answers that are looked for at once. */
const SLICE = 100;

/** Settles what waits here and has its receipt in an archive. Returns how many. `onStep`: it goes on. */
export const takeReceipts = async (
  platform: Platform,
  library: LibraryState,
  outbox: OutboxStore,
  archive: Archive,
  onStep: () => void = () => {},
): Promise<number> => {
  const file = archive.get(RECEIPTS);
  if (!file) return 0;
  if (file.size > MAX_RECEIPTS)
    throw new RelaisError('too-large', { what: 'receipts', part: RECEIPTS, size: file.size });
  const known = receiptsOf(await file.read(0, file.size));
  const ids = [...known.keys()];
  let settled = 0;
  for (let at = 0; at < ids.length; at += SLICE) {
    for (const header of await outbox.withoutReceipt(ids.slice(at, at + SLICE)))
      for (const value of known.get(header.id) ?? []) {
        const receipt = await verifyReceipt(platform, library.root, header, value).catch(() => undefined);
        if (!receipt) continue;
        await outbox.settle(header.id, receipt);
        settled++;
        onStep();
        break;
      }
    onStep();
  }
  return settled;
};

/**
 * The same by a code that was photographed. Throws `foreign-root` where a hub signed that this library does not name, and `tampered` where a receipt of
 * an answer that waits here is false, and `too-new` where a hub of this library signed what this app cannot read.
 */
export const takeCode = async (
  platform: Platform,
  library: LibraryState,
  outbox: OutboxStore,
  code: Uint8Array,
): Promise<number> => {
  const { v, by, receipts } = fromCode(code);
  if (!Object.hasOwn(library.root.hub.keys, by)) throw new RelaisError('foreign-root', { what: 'receipts', by });
  if (v > PROTOCOL_VERSION) throw new RelaisError('too-new', { what: 'receipts', v });
  let settled = 0;
  const falseOnes: string[] = [];
  for (const { beginning, seq, signature } of receipts)
    for (const { id, hash } of await outbox.withoutReceipt([beginning])) {
      const value = { signed: { v, id, hash, by, seq }, sigs: { [by]: signature } };
      const receipt = await verifyReceipt(platform, library.root, { id, hash }, value).catch(() => undefined);
      if (!receipt) {
        falseOnes.push(id);
        continue;
      }
      await outbox.settle(id, receipt);
      settled++;
    }
  if (falseOnes.length > 0) throw new RelaisError('tampered', { what: 'receipt', ids: falseOnes.join() });
  return settled;
};

/** Two answers under one id are rare; strangers may make up more. */
const MOST_OF_ONE = 4;

/** By the id that they claim to be of: nothing is believed before its signature was checked. */
const receiptsOf = (bytes: Uint8Array): ReadonlyMap<string, readonly unknown[]> => {
  const found = new Map<string, unknown[]>();
  let parsed: unknown;
  try {
    parsed = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new RelaisError('malformed', { what: 'receipts' });
  }
  const list = v.safeParse(receiptsSchema, parsed);
  if (!list.success) throw new RelaisError('malformed', { what: 'receipts' });
  for (const one of list.output.receipts.slice(0, MOST_RECEIPTS)) {
    const { id } = (one as { readonly signed?: { readonly id?: unknown } } | null)?.signed ?? {};
    if (typeof id !== 'string') continue;
    const before = found.get(id);
    if (!before) found.set(id, [one]);
    else if (before.length < MOST_OF_ONE) before.push(one);
  }
  return found;
};
