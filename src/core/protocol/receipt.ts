import * as v from 'valibot';
import type { Platform } from '../platform.ts';
import type { Root } from './root.ts';
import { count, hash, keyId, parseShape, uuid, version } from './shapes.ts';
import { checkSigned, isSignedBy, type SignedDocument } from './signed.ts';

export const receiptSchema = v.strictObject({
  v: version,
  id: uuid,
  /** Of the sealed body: a receipt for other bytes is no receipt. */
  hash,
  /** Key id of the hub that holds the answer. */
  by: keyId,
  /** The hub's own sequence. */
  seq: v.pipe(count, v.minValue(1)),
});

/** "I hold this answer": the only thing that lets a device show a tick. */
export type Receipt = v.InferOutput<typeof receiptSchema>;
export type SignedReceipt = SignedDocument<Receipt>;

export const resultSchema = v.variant('status', [
  v.strictObject({ id: uuid, status: v.picklist(['stored', 'duplicate']), receipt: v.unknown() }),
  v.strictObject({ id: uuid, status: v.literal('rejected'), code: v.pipe(v.string(), v.maxLength(32)) }),
  /** It is here, and is passed on; its receipt has not come back. */
  v.strictObject({ id: uuid, status: v.literal('held') }),
  /** Only its header came, and it is not here. */
  v.strictObject({ id: uuid, status: v.literal('need') }),
]);

/** The code of a hub that is not the addressee of an answer: no fault of the answer. */
export const UNKNOWN_ADDRESSEE = 'unknown-addressee';

/** What a hub says of one envelope of a batch. */
export type BatchResult = v.InferOutput<typeof resultSchema>;

const replySchema = v.strictObject({
  v: version,
  results: v.array(resultSchema),
  /** A hub's signature over what it calls held: see `vouch.ts`. Only where it was asked for. */
  vouch: v.optional(v.unknown()),
});

export type Reply = v.InferOutput<typeof replySchema>;

/** Reads a hub's reply to a batch (JSON). Throws `malformed`. */
export const parseReply = (value: unknown): Reply => parseShape(replySchema, value, 'reply');

/** Reads a receipt; undefined unless it is for exactly this answer and signed by the hub that the root names. */
export const verifyReceipt = async (
  platform: Platform,
  root: Root,
  wanted: { readonly id: string; readonly hash: string },
  value: unknown,
): Promise<SignedReceipt | undefined> => {
  const document = checkSigned(value, receiptSchema, 'receipt');
  const { id, hash: bodyHash, by } = document.signed;
  if (id !== wanted.id || bodyHash !== wanted.hash) return undefined;
  const key = Object.hasOwn(root.hub.keys, by) ? root.hub.keys[by] : undefined;
  if (key === undefined) return undefined;
  return (await isSignedBy(platform, 'receipt', document, { [by]: key }, 1)) ? document : undefined;
};
