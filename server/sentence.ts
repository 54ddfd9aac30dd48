import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../src/core/errors.ts';

/** What stopped a command, as a sentence for the person at the terminal: what the system throws names neither the remedy nor, at times, the file. */

interface SystemError {
  readonly code?: string;
  readonly path?: string;
  readonly syscall?: string;
  /** SQLite's own number. */
  readonly errcode?: number;
}

const noRoom = (path: string | undefined): string =>
  `The disk${path === undefined ? '' : ` that has ${path}`} is full. Make room on it, then try again.`;

const isMissing = (path = 'the file'): string => {
  const folder = dirname(path);
  const [kind, what] = existsSync(folder) ? ['file or folder', path] : ['folder', folder];
  return `There is no ${kind} ${what}. Correct the name; if it is on a stick, is that mounted?`;
};

const isReadOnly = (path = 'The file'): string =>
  `${path} is on a disk that is read-only. Mount it so that it can be written, or name another place.`;

const isDamagedDisk = (path: string | undefined): string =>
  `The disk${path === undefined ? '' : ` that has ${path}`} does not read or write as it should. Is there room on it? If so, replace it, and restore a backup.`;

const SYSTEM: Readonly<Record<string, (path: string | undefined) => string>> = {
  ENOENT: isMissing,
  ENOTDIR: (path = 'The name') => `${path} cannot be there: something above it is no folder. Correct the name.`,
  EISDIR: (path = 'That') => `${path} is a folder. Name a file.`,
  ENOSPC: noRoom,
  EDQUOT: noRoom,
  EFBIG: (path = 'The file') =>
    `${path} gets larger than its disk, or a limit of this user, allows. Take another disk (sticks with FAT take 4 GB a file), or raise the limit.`,
  EROFS: isReadOnly,
  EACCES: (path = 'The file') => `${path} may not be read or written by this user. Change its owner or its rights.`,
  EPERM: (path = 'The file') => `${path} may not be read or written by this user. Change its owner or its rights.`,
  EIO: isDamagedDisk,
};

/** By SQLite's number, without what it adds above the lowest byte. */
const SQLITE: Readonly<Record<number, string>> = {
  5: 'The database is in use by another program. Stop it, or try again later.',
  8: 'The database cannot be written. Change the owner of the data folder, or mount its disk so that it can be written.',
  10: isDamagedDisk('the data folder'),
  11: 'The database is damaged. Stop the hub, and restore a backup.',
  13: noRoom('the data folder'),
  14: 'The database cannot be opened. Change the owner of the data folder, or make room on its disk.',
  26: 'The database is damaged. Stop the hub, and restore a backup.',
};

/** One sentence for anything thrown; what has words of its own keeps them. */
export const sentenceOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (codeOf(error, 'storage') === 'full') return noRoom('the data folder');
  const { code = '', path, syscall, errcode } = error as SystemError;
  if (errcode !== undefined) return SQLITE[errcode & 0xff] ?? `${error.message}.`;
  if (syscall === undefined) return error.message;
  // The file that is written beside the one that was meant, and takes its place.
  return SYSTEM[code]?.(path?.replace(/\.\d+\.new$/, '')) ?? error.message;
};

/** Does something with a file. What the system throws while it writes names none: then this one. */
export const naming = <T>(path: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    throw withPath(path, error);
  }
};

/** The same error, with the path of the file where the system named none. */
export const withPath = (path: string, error: unknown): unknown =>
  error instanceof Error && 'syscall' in error && !('path' in error) ? Object.assign(error, { path }) : error;
