import { createWriteStream, statSync } from 'node:fs';
import { chmod, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeZip } from 'client-zip';
import { openCarried } from '../../src/core/carry/armour.ts';
import type { CarriedFile } from '../../src/core/carry/files.ts';
import type { Archive } from '../../src/core/carry/transport.ts';
import { RelaisError } from '../../src/core/errors.ts';
import { syncFolder } from '../box/files.ts';
import { withPath } from '../sentence.ts';

/** Archives as files: whole or absent, and never in memory as a whole. */

/** Writes an archive, in the place of one that was there. Returns its bytes. */
export const writeArchive = async (path: string, files: AsyncIterable<CarriedFile>): Promise<number> => {
  const next = `${path}.${process.pid}.new`;
  try {
    // Through to the disk: a stick is pulled out as soon as the command has ended.
    await pipeline(Readable.from(archiveBytes(files)), createWriteStream(next, { flush: true }));
    // Whoever the stick is handed to reads it; a stick without rights of its own has none to give.
    await chmod(next, 0o644).catch(() => {});
    await rename(next, path);
    syncFolder(dirname(path));
    return statSync(path).size;
  } catch (error) {
    await rm(next, { force: true });
    throw withPath(path, error);
  }
};

/** An archive as it is made: a file is read once all before it was taken. Whoever stops early has nothing to clean up. */
export async function* archiveBytes(files: AsyncIterable<CarriedFile>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = makeZip(named(files)).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value as Uint8Array<ArrayBuffer>;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function* named(files: AsyncIterable<CarriedFile>) {
  for await (const { path, bytes } of files) yield { name: path, input: bytes as Uint8Array<ArrayBuffer> };
}

export interface OpenArchive {
  readonly archive: Archive;
  close(): Promise<void>;
}

/** Does something with an archive. Throws `malformed` where it is none, or has nothing of ours. */
export const withArchive = async <T>(path: string, work: (archive: Archive) => Promise<T>): Promise<T> => {
  const { archive, close } = await openArchive(path);
  try {
    if (archive.size === 0) throw new RelaisError('malformed', { what: 'nothing of ours' });
    return await work(archive);
  } finally {
    await close();
  }
};

/** Opens an archive. Throws `malformed` where it is none. */
export const openArchive = async (path: string): Promise<OpenArchive> => {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const archive = await openCarried({ size, read: (from, to) => readAt(handle, from, Math.min(to, size)) });
    return { archive, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

const readAt = async (handle: FileHandle, from: number, to: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(Math.max(0, to - from));
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, from + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
};
