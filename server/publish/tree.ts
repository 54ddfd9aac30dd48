import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { switchLink, syncFolder, writeSyncedLater } from '../box/files.ts';
import { hashFile } from '../content/file-hashes.ts';

/**
 * The published tree: one folder a publication, and a link `current` to the newest. A folder is written and made durable before the link
 * moves, so that pages, heads and packs switch together and a half-written tree is never seen.
 */
export const currentTree = (dataDir: string): string => join(dataDir, 'tree', 'current');

/** What a hub that mirrors has come by. Its being there tells such a data folder from a publisher's. */
export const mirrorFile = (dataDir: string): string => join(dataDir, 'mirror.sqlite');

/** Where a hub that mirrors keeps its operator's code: `keys/` would make the folder a publisher's. */
export const mirrorCode = (dataDir: string): string => join(dataDir, 'operator-code');

/** Who brings such a folder up to date. */
export const syncLock = (dataDir: string): string => join(dataDir, 'sync.lock');

/** The tree before, which is kept until the next publication. */
export const previousTree = (dataDir: string): string => {
  const link = currentTree(dataDir);
  return join(dataDir, 'tree', String(Number(existsSync(link) ? readlinkSync(link) : 0) - 1));
};

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

  /** Puts a file; resolves to whether it is the same as in the previous tree. */
  async put(path: string, data: string | Uint8Array): Promise<boolean> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
    const before = this.before(path);
    const same = before !== undefined && bytes.equals(before);
    if (same) this.#take(path);
    else await writeSyncedLater(this.#prepare(path), bytes);
    return same;
  }

  /** A file of the previous tree. */
  before(path: string): Buffer | undefined {
    const before = this.#previous && join(this.#previous, path);
    return before !== undefined && existsSync(before) ? readFileSync(before) : undefined;
  }

  /**
   * Takes files over from the previous tree, by path and SHA-256 (base64url): all of them, or none where one is missing or damaged. Returns
   * whether it did. They are read: a file that went bad on the disk would else be handed on from tree to tree.
   */
  keepAll(files: readonly (readonly [path: string, hash: string])[]): boolean {
    const previous = this.#previous;
    const isWhole = (path: string, hash: string): boolean =>
      previous !== undefined && existsSync(join(previous, path)) && hashFile(join(previous, path)) === hash;
    if (!files.every(([path, hash]) => isWhole(path, hash))) return false;
    for (const [path] of files) this.#take(path);
    return true;
  }

  #take(path: string): void {
    linkSync(join(this.#previous ?? '', path), this.#prepare(path));
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
    if (!this.#folders.has(folder)) mkdirSync(folder, { recursive: true });
    while (folder.startsWith(this.#folder) && !this.#folders.has(folder)) {
      this.#folders.add(folder);
      folder = dirname(folder);
    }
    return target;
  }
}

const numbersIn = (folder: string): number[] =>
  readdirSync(folder).flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []));
