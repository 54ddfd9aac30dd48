import { createHash } from 'node:crypto';
import type { BlobRef } from '../../src/core/protocol/item.ts';
import { LEAF, leafCount } from '../../src/core/protocol/media.ts';

const sha256 = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest();

/** The list of leaves: the SHA-256 of each 16 KiB, 32 bytes, one after the other. */
export const leavesOf = (data: Uint8Array): Uint8Array =>
  Buffer.concat(
    Array.from({ length: leafCount(data.length) }, (_, n) => sha256(data.subarray(n * LEAF, (n + 1) * LEAF))),
  );

/** What an item says of a blob. */
export const describeBlob = <T extends BlobRef['type']>(data: Uint8Array, type: T): BlobRef & { readonly type: T } => ({
  hash: sha256(data).toString('base64url'),
  bytes: data.length,
  type,
  ...(leafCount(data.length) > 1 && { leaves: sha256(leavesOf(data)).toString('base64url') }),
});
