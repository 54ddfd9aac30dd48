import { type ErrorCode, isOurs, RelaisError } from '../errors.ts';
import type { Archive, ArchiveFile } from './transport.ts';

/** Which part of an archive an error is about. */

/** What is said of the archive, and not of this machine or its link. */
const OF_THE_ARCHIVE: readonly ErrorCode[] = [
  'malformed',
  'tampered',
  'truncated',
  'foreign-root',
  'rollback',
  'too-new',
  'too-large',
];

/** An archive that knows which of its files was looked at last: what is wrong is wrong in that one. */
export interface NotedReads {
  readonly archive: Archive;
  last: string | undefined;
}

export const noteReads = (archive: Archive): NotedReads => {
  const watched = new Map<string, ArchiveFile>();
  const noted: NotedReads = { archive: watched, last: undefined };
  for (const [path, file] of archive)
    watched.set(path, {
      get size() {
        noted.last = path;
        return file.size;
      },
      read: (from, to) => {
        noted.last = path;
        return file.read(from, to);
      },
    });
  return noted;
};

/** The same error, with the file of the archive that it is about, where it names none itself. */
export const withPart = (error: unknown, part: string | undefined): unknown =>
  isOurs(error) && part !== undefined && OF_THE_ARCHIVE.includes(error.code) ? withDetails(error, { part }) : error;

/** The same error, with more details; its own win. What is not ours stays as it is. */
export const withDetails = (error: unknown, more: Readonly<Record<string, string>>): unknown =>
  isOurs(error) ? new RelaisError(error.code, { ...more, ...error.details }) : error;
