import type { DatabaseSync } from 'node:sqlite';
import { codeOf, RelaisError } from '../../src/core/errors.ts';

/** SQLite's own code for a full disk. */
const SQLITE_FULL = 13;

/** Whether it is SQLite that says that the disk is full, itself or as `stored` and `whole` say it. */
export const isDiskFull = (error: unknown): boolean =>
  (error as { errcode?: unknown } | null)?.errcode === SQLITE_FULL || codeOf(error, 'storage') === 'full';

/** Does something with a database; what SQLite throws becomes `full` or `storage`. */
export const stored = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (error instanceof RelaisError) throw error;
    throw new RelaisError(isDiskFull(error) ? 'full' : 'storage', { why: String(error) });
  }
};

/** Does all of something or nothing, on the disk once it returns. Throws as `stored` does. */
export const whole = <T>(database: DatabaseSync, work: () => T): T =>
  stored(() => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk has ended it already.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  });
