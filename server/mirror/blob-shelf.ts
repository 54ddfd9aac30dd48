import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../../src/core/platform.ts';
import type { BlobRef } from '../../src/core/protocol/item.ts';
import { blobPath } from '../../src/core/protocol/media.ts';
import { readBlob } from '../../src/core/sync/blobs.ts';
import { writeDurably } from '../box/files.ts';
import { leavesOf } from '../content/blobs.ts';
import { hashFile } from '../content/file-hashes.ts';
import type { BlobParts } from './blob-parts.ts';

/** Bytes that pictures and recordings leave free. */
const RESERVE = 64 << 20;

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

  /** Whether pictures may come: the last of the room is for texts and answers. */
  hasRoom(): boolean {
    return this.#free() > RESERVE;
  }

  /** Gives up as many of these as it takes, the last one first, where others have used up half of what was left free. */
  makeRoom(all: readonly BlobRef[]): void {
    for (const { hash } of all.toReversed()) {
      if (this.#free() > RESERVE / 2) return;
      for (const end of ['', '.leaf']) rmSync(`${this.#path(hash)}${end}`, { force: true });
      this.#whole.delete(hash);
    }
  }

  #free(): number {
    mkdirSync(this.folder, { recursive: true });
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Makes a file of a blob whose leaves have all come. False: one of them went bad, and is missing from now on. */
  async finish(ports: { readonly platform: Platform; readonly store: BlobParts }, blob: BlobRef): Promise<boolean> {
    const data = await readBlob(ports, blob);
    if (!data) return false;
    const path = this.#path(blob.hash);
    // The list first: a blob without one cannot be checked.
    if (blob.leaves !== undefined) writeDurably(`${path}.leaf`, leavesOf(data));
    writeDurably(path, data);
    this.#whole.add(blob.hash);
    await ports.store.drop(blob.hash);
    return true;
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
