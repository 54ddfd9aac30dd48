import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** So much of a file is in memory at once: a photo that a picture is made from has tens of megabytes. */
const PIECE = 64 * 1024;

/** One for all files, which are read one after the other: a piece of its own for each of tens of thousands keeps the collector busy. */
const piece = Buffer.allocUnsafe(PIECE);

/** SHA-256 of a file, base64url, read piece by piece. Throws where it cannot be read. */
export const hashFile = (path: string): string => {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    for (let got = readSync(file, piece); got > 0; got = readSync(file, piece)) hash.update(piece.subarray(0, got));
  } finally {
    closeSync(file);
  }
  return hash.digest('base64url');
};

/** The hashes of files, each read once however often it is asked for. Bytes are never kept. */
export class FileHashes {
  readonly #known = new Map<string, string>();

  /** SHA-256 of a file, base64url. Throws where it cannot be read. */
  of(path: string): string {
    const hash = this.#known.get(path) ?? hashFile(path);
    this.#known.set(path, hash);
    return hash;
  }

  /** A hash over names and bytes of all files in a folder and the folders in it. */
  ofFolder(folder: string): string {
    const hash = createHash('sha256');
    const add = (path: string, name: string): void => {
      if (statSync(path).isDirectory())
        for (const inner of readdirSync(path).sort()) add(join(path, inner), `${name}/${inner}`);
      else hash.update(`${name}\0${this.of(path)}\0`);
    };
    add(folder, '');
    return hash.digest('base64url');
  }
}
