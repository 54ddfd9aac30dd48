import { RelaisError } from '../errors.ts';
import { encodePack, MAX_PACK, SectionType } from '../pack/format.ts';
import { rawFrame } from '../pack/raw-frame.ts';
import { encodeBodies } from '../pack/text.ts';
import type { Platform } from '../platform.ts';
import { fromUtf8, utf8 } from '../protocol/bytes.ts';
import { canonicalBytes } from '../protocol/canonical.ts';
import { encodeBuckets, fromBuckets } from '../protocol/catalogue.ts';
import { type Envelope, encodeBatch, encodeEnvelope, MAX_BATCH } from '../protocol/envelope.ts';
import { neededShelves, verifyTable } from '../protocol/head.ts';
import type { BlobRef, ItemBody } from '../protocol/item.ts';
import { blobsOf, isBlobRef } from '../protocol/media.ts';
import type { SignedReceipt } from '../protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { readBlob } from '../sync/blobs.ts';
import type { BlobReader, LibraryStore } from '../sync/ports.ts';
import { answersPath, blobFile, HEAD, packPath, RECEIPTS, rootFile } from './paths.ts';

/** What is written to be carried, one file after the other: only one of them is in memory at a time. */
export interface CarriedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface LibraryPorts {
  readonly platform: Platform;
  readonly library: LibraryStore;
  /** Pictures and recordings; undefined: none are carried. */
  readonly blobs: BlobReader | undefined;
}

/**
 * A library as this device has it: the wanted shelves and those that stand in for them, each as a whole pack, then what is here of their
 * pictures and recordings. Throws `not-found` where a shelf is not here as the newest table names it, or
 * what vouches for it was met by an older app, and `too-large` where nobody could read it.
 */
export async function* libraryFiles(ports: LibraryPorts, wanted: readonly string[]): AsyncGenerator<CarriedFile> {
  const { platform, library } = ports;
  const state = await library.library();
  if (!state?.head || !state.table || !state.signed) throw new RelaisError('not-found', { what: 'what was signed' });
  const table = await verifyTable(platform, state.head, state.table);
  yield { path: HEAD, bytes: state.signed.head };
  // Whoever has another library is told by them that this is not its own.
  for (const root of state.signed.roots) yield { path: rootFile(root.signed.n), bytes: canonicalBytes(root) };
  const media = new Map<string, BlobRef>();
  for (const shelf of neededShelves(wanted, table)) {
    if (!table[shelf]) continue;
    if ((await library.shelf(shelf)).hash !== table[shelf].hash) throw new RelaisError('not-found', { shelf });
    const buckets = await library.buckets(shelf);
    const bodies = await library.bodies(shelf);
    const named = fromBuckets(buckets).flatMap(({ sha256 }) => sha256 ?? []);
    const texts = named.flatMap((hash) => bodies.get(hash) ?? []);
    // Another page may have brought news in between: what is of two publications would be refused.
    const isSame = (await library.shelf(shelf)).hash === table[shelf].hash;
    if (!isSame || texts.length < named.length) throw new RelaisError('not-found', { shelf });
    const sections = [
      { type: SectionType.head, payload: state.signed.head },
      // None, where an older app met them: whoever has the library knows them.
      ...(state.signed.roots.length > 0
        ? [{ type: SectionType.roots, payload: canonicalBytes(state.signed.roots) }]
        : []),
      { type: SectionType.table, payload: state.table },
      { type: SectionType.catalogue, payload: encodeBuckets(buckets) },
      { type: SectionType.bodies, payload: encodeBodies(rawFrame, texts) },
    ];
    const bytes = await encodePack(platform, rawFrame, sections);
    if (bytes.length > MAX_PACK) throw new RelaisError('too-large', { shelf, size: bytes.length });
    yield { path: packPath(shelf), bytes };
    for (const text of texts)
      for (const blob of blobsOf(JSON.parse(fromUtf8(text)) as ItemBody).filter(isBlobRef)) media.set(blob.hash, blob);
  }
  if (ports.blobs) yield* blobFiles(platform, ports.blobs, [...media.values()]);
}

async function* blobFiles(
  platform: Platform,
  store: BlobReader,
  media: readonly BlobRef[],
): AsyncGenerator<CarriedFile> {
  for (const blob of media) {
    const data = await readBlob({ platform, store }, blob);
    if (!data) continue;
    yield { path: blobFile(blob.hash), bytes: data };
    const list = blob.leaves === undefined ? undefined : await store.list(blob.hash);
    if (list) yield { path: `${blobFile(blob.hash)}.leaf`, bytes: list };
  }
}

/** Answers that wait, in batches as a link would take them. */
export async function* answerFiles(answers: AsyncIterable<Envelope> | Iterable<Envelope>): AsyncGenerator<CarriedFile> {
  let n = 0;
  let batch: Envelope[] = [];
  let bytes = 0;
  for await (const answer of answers) {
    const { length } = encodeEnvelope(answer);
    bytes += length;
    if (bytes > MAX_BATCH && batch.length > 0) {
      yield { path: answersPath(++n), bytes: encodeBatch(batch) };
      batch = [];
      bytes = length;
    }
    batch.push(answer);
  }
  if (batch.length > 0) yield { path: answersPath(++n), bytes: encodeBatch(batch) };
}

export interface Receipts {
  readonly v: number;
  readonly receipts: readonly SignedReceipt[];
}

export const receiptsFile = (receipts: readonly SignedReceipt[]): CarriedFile => ({
  path: RECEIPTS,
  bytes: utf8(JSON.stringify({ v: PROTOCOL_VERSION, receipts } satisfies Receipts)),
});
