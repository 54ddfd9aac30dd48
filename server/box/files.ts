import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { naming, withPath } from '../sentence.ts';

/** Files that are whole or absent, whatever happens to the power. */

/** Makes the entries of a folder durable. */
export const syncFolder = (folder: string): void => {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

/** Writes and fsyncs a file in place. For files that nobody reads before their folder is renamed or linked. */
export const writeSynced = (path: string, data: string | Uint8Array, mode = 0o644): void => {
  mkdirSync(dirname(path), { recursive: true });
  const handle = openSync(path, 'w', mode);
  try {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    naming(path, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      fsyncSync(handle);
    });
  } finally {
    closeSync(handle);
  }
};

/** A new file, written beside others: many that wait for the disk at once are done sooner. The folder has to be there, and the file not. */
export const writeSyncedLater = async (path: string, data: Uint8Array, mode = 0o644): Promise<void> => {
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(data);
    await handle.sync();
  } catch (error) {
    throw withPath(path, error);
  } finally {
    await handle.close();
  }
};

/** Writes a file that is either the old one or the new one, never half of it. Where the disk is full, nothing stays that makes it fuller. */
export const writeDurably = (path: string, data: string | Uint8Array, mode = 0o644): void => {
  const next = `${path}.${process.pid}.new`;
  try {
    writeSynced(next, data, mode);
    renameSync(next, path);
  } finally {
    rmSync(next, { force: true });
  }
  syncFolder(dirname(path));
};

/** Makes a file, whole or not at all. One that is there, or that another process was first to make, stays. */
export const createDurably = (path: string, data: string | Uint8Array, mode = 0o644): void => {
  const next = `${path}.${process.pid}.new`;
  try {
    writeSynced(next, data, mode);
    linkSync(next, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(next, { force: true });
  }
  syncFolder(dirname(path));
};

/** Points a symbolic link elsewhere in one step. */
export const switchLink = (link: string, target: string): void => {
  const next = `${link}.${process.pid}.new`;
  rmSync(next, { force: true });
  symlinkSync(target, next);
  renameSync(next, link);
  syncFolder(join(link, '..'));
};
