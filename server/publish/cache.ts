import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../box/files.ts';

/**
 * Files that save work and can be made again, in the data folder: `cache/{name}/{key}`. Whoever reads one checks it. What was not asked for since
 * the folder was opened goes with `prune`.
 */
export class CacheFolder {
  readonly #folder: string;
  readonly #used = new Set<string>();

  constructor(dataDir: string, name: string) {
    this.#folder = join(dataDir, 'cache', name);
  }

  get(key: string): Uint8Array | undefined {
    const path = join(this.#folder, key);
    if (!existsSync(path)) return undefined;
    this.#used.add(key);
    return new Uint8Array(readFileSync(path));
  }

  put(key: string, bytes: Uint8Array): void {
    this.#used.add(key);
    writeDurably(join(this.#folder, key), bytes);
  }

  prune(): void {
    if (!existsSync(this.#folder)) return;
    for (const name of readdirSync(this.#folder))
      if (!this.#used.has(name)) rmSync(join(this.#folder, name), { force: true });
  }
}
