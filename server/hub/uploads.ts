import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What has arrived of batches, by name (`uploadName`): a device whose link broke sends only the rest. */
export interface Uploads {
  read(name: string): Uint8Array | undefined;
  /** Puts bytes at their place; at 0, in the place of all that was there. */
  write(name: string, at: number, bytes: Uint8Array): void;
}

/** At most 96 kB each. */
const MOST = 64;

/**
 * They are files of one folder, the oldest of which make room. None is more than a saving: where one is lost, damaged or cannot be written, all of
 * its batch is sent again.
 */
export class UploadFolder implements Uploads {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(name: string): Uint8Array | undefined {
    try {
      return readFileSync(join(this.#folder, name));
    } catch {
      return undefined;
    }
  }

  write(name: string, at: number, bytes: Uint8Array): void {
    try {
      if (at === 0) this.#makeRoom();
      const file = openSync(join(this.#folder, name), at === 0 ? 'w' : 'r+');
      try {
        writeSync(file, bytes, 0, bytes.length, at);
      } finally {
        closeSync(file);
      }
    } catch {
      // A full disk: the answers themselves need what is left.
    }
  }

  #makeRoom(): void {
    mkdirSync(this.#folder, { recursive: true });
    const names = readdirSync(this.#folder);
    if (names.length < MOST) return;
    const files = names.map((name) => ({ name, at: statSync(join(this.#folder, name)).mtimeMs }));
    files.sort((a, b) => b.at - a.at);
    for (const { name } of files.slice(MOST - 1)) rmSync(join(this.#folder, name), { force: true });
  }
}
