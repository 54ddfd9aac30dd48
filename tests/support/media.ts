import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeBlob, leavesOf } from '../../server/content/blobs.ts';
import type { BlobRef } from '../../src/core/protocol/item.ts';
import { seededBytes } from './fixtures.ts';

/** Pictures and recordings for tests: the library's own, and bytes from a seed. */

const CONTENT = fileURLToPath(new URL('../../content', import.meta.url));

/** A file of the library's own. */
export const mediaFile = (item: string, file: string): Buffer => readFileSync(join(CONTENT, item, 'media', file));

export interface TestBlob {
  readonly blob: BlobRef;
  readonly data: Uint8Array<ArrayBuffer>;
  /** The list of its leaves. */
  readonly list: Uint8Array;
}

/** A recording of so many bytes. */
export const testBlob = (bytes: number, seed = `blob ${bytes}`): TestBlob => {
  const data = seededBytes(seed)(bytes);
  return { data, blob: describeBlob(data, 'audio/ogg'), list: new Uint8Array(leavesOf(data)) };
};
