import { RelaisError } from '../../src/core/errors.ts';

/** SQLite's own code for a full disk. */
const SQLITE_FULL = 13;

/** Whether it is SQLite that says that the disk is full. */
export const isDiskFull = (error: unknown): boolean => (error as { errcode?: unknown } | null)?.errcode === SQLITE_FULL;

/** Does something with a database; what SQLite throws becomes `full` or `storage`. */
export const stored = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (error instanceof RelaisError) throw error;
    throw new RelaisError(isDiskFull(error) ? 'full' : 'storage', { why: String(error) });
  }
};
