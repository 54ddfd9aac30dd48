import { RelaisError } from '../errors.ts';
import type { BlobTransport, Fetched, Transport } from '../sync/ports.ts';

/** A file of an archive: nothing of it is read before it is asked for. */
export interface ArchiveFile {
  readonly size: number;
  /** Bytes `from` to `to` (not included). */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** What is in an archive, by path (`c/full/fr.pack`). */
export type Archive = ReadonlyMap<string, ArchiveFile>;

/** An archive as a link: what it has is found, at once and whole; what it has not is not found. Nothing goes up it. */
export const archiveTransport = (archive: Archive): Transport & BlobTransport => ({
  async get(path, limit, signal, { from = 0, onPart } = {}): Promise<Fetched> {
    signal.throwIfAborted();
    const file = archive.get(path.slice(1));
    if (!file) return { found: false };
    if (file.size > limit) throw new RelaisError('too-large', { limit, size: file.size });
    const bytes = await file.read(from, file.size);
    await onPart?.(from, bytes, true);
    return { found: true, bytes, whole: true, at: from };
  },
  async postBatch() {
    throw new RelaisError('no-link', { what: 'an archive' });
  },
  async read(path, from, to, take, signal) {
    const file = archive.get(path.slice(1));
    if (!file) return false;
    for (let at = from; at < Math.min(to, file.size); at += PIECE) {
      signal.throwIfAborted();
      const part = await file.read(at, Math.min(at + PIECE, to, file.size));
      if ((await take(at, part)) === 'enough') break;
    }
    return true;
  },
});

const PIECE = 64 * 1024;
