import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { concat } from '../../src/core/protocol/bytes.ts';
import type { BlobRef } from '../../src/core/protocol/item.ts';
import { blobPath } from '../../src/core/protocol/media.ts';
import { writeDurably } from '../box/files.ts';
import { leavesOf } from '../content/blobs.ts';
import { hashFile } from '../content/file-hashes.ts';
import type { BlobParts } from './blob-parts.ts';

/**
 * Whole pictures and recordings of a mirrored library, as files under the paths that devices ask for. What has only come in part is in
 * `BlobParts`, leaf by leaf.
 */
export class BlobShelf {
  /** Has `/b/`. */
  readonly folder: string;
  /** Read since the start, and whole then. */
  readonly #whole = new Set<string>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Whether a blob is here and whole. One that went bad on the disk is taken away, and fetched again. */
  has({ hash }: BlobRef): boolean {
    if (this.#whole.has(hash)) return true;
    const path = this.#path(hash);
    if (!existsSync(path)) return false;
    if (hashFile(path) === hash) this.#whole.add(hash);
    else rmSync(path);
    return this.#whole.has(hash);
  }

  /** Whether there is a file of a blob, whole or not. */
  isThere({ hash }: BlobRef): boolean {
    return existsSync(this.#path(hash));
  }

  /** Makes a file of a blob whose leaves have all come. */
  async finish(parts: BlobParts, { hash, leaves }: BlobRef): Promise<void> {
    const data = concat((await parts.leaves(hash)).map((leaf) => leaf.data));
    // The list first: a blob without one cannot be checked.
    if (leaves !== undefined) writeDurably(`${this.#path(hash)}.leaf`, leavesOf(data));
    writeDurably(this.#path(hash), data);
    this.#whole.add(hash);
    await parts.drop(hash);
  }

  /** Takes away all but these. */
  keepOnly(hashes: ReadonlySet<string>): void {
    const folder = join(this.folder, 'b');
    if (!existsSync(folder)) return;
    for (const part of readdirSync(folder))
      for (const name of readdirSync(join(folder, part))) {
        const hash = name.replace(/\.leaf$/, '');
        if (hashes.has(hash)) continue;
        rmSync(join(folder, part, name), { force: true });
        this.#whole.delete(hash);
      }
  }

  #path(hash: string): string {
    return join(this.folder, blobPath(hash));
  }
}
