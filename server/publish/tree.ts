import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { switchLink, syncFolder, writeSynced } from '../box/files.ts';

/**
 * The published tree: one folder a publication, and a link `current` to the newest. A folder is written and made durable before the link
 * moves, so that pages, heads and packs switch together and a half-written tree is never seen.
 */
export const currentTree = (dataDir: string): string => join(dataDir, 'tree', 'current');

/** Writes the next tree; files that did not change are hard links to the previous one's. */
export class TreeWriter {
  readonly #root: string;
  readonly #number: number;
  readonly #previous: string | undefined;
  readonly #folders = new Set<string>();

  constructor(dataDir: string) {
    this.#root = join(dataDir, 'tree');
    mkdirSync(this.#root, { recursive: true });
    const link = currentTree(dataDir);
    this.#previous = existsSync(link) ? join(this.#root, readlinkSync(link)) : undefined;
    this.#number = Number(existsSync(link) ? readlinkSync(link) : 0) + 1;
    // What a publication that was cut left behind.
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #folder(): string {
    return join(this.#root, String(this.#number));
  }

  /** Puts a file; returns whether it is the same as in the previous tree. */
  put(path: string, data: string | Uint8Array): boolean {
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
    const before = this.#previous && join(this.#previous, path);
    const same = before !== undefined && existsSync(before) && readFileSync(before).equals(bytes);
    const target = this.#prepare(path);
    if (same) linkSync(before, target);
    else writeSynced(target, bytes);
    return same;
  }

  /** Takes a file over from the previous tree. Returns false where it had none. */
  keep(path: string): boolean {
    const before = this.#previous && join(this.#previous, path);
    if (before === undefined || !existsSync(before)) return false;
    linkSync(before, this.#prepare(path));
    return true;
  }

  /** A second name for a file of this tree. */
  alias(path: string, other: string): void {
    linkSync(join(this.#folder, path), this.#prepare(other));
  }

  /** Makes everything durable, moves the link, and drops all trees but the previous one. */
  finish(): void {
    for (const folder of [...this.#folders].sort().reverse()) syncFolder(folder);
    syncFolder(this.#root);
    switchLink(join(this.#root, 'current'), String(this.#number));
    for (const number of numbersIn(this.#root)) {
      if (number !== this.#number && number !== this.#number - 1)
        rmSync(join(this.#root, String(number)), { recursive: true, force: true });
    }
  }

  #prepare(path: string): string {
    const target = join(this.#folder, path);
    let folder = dirname(target);
    mkdirSync(folder, { recursive: true });
    while (folder.startsWith(this.#folder)) {
      this.#folders.add(folder);
      folder = dirname(folder);
    }
    return target;
  }
}

const numbersIn = (folder: string): number[] =>
  readdirSync(folder).flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []));
