import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError } from '../config.ts';

/** A hub that was told to stop may need two seconds for it. */
const WAIT_MS = 5_000;

/**
 * Keeps a second hub off a data folder until this process ends, however it ends: the lock is the system's own, on an empty SQLite file, and none is
 * ever left behind by a kill, a power cut or a container that is gone. It holds between containers of one machine too. Throws `ConfigError`.
 */
export const holdFolder = (dataDir: string, wait = WAIT_MS): DatabaseSync => {
  const path = join(dataDir, 'hub.lock');
  const lock = new DatabaseSync(path, { timeout: wait });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if ((error as { readonly errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    const holder = holderOf(path);
    throw new ConfigError(
      `Another hub is running on the data folder ${dataDir}${holder === undefined ? '' : ` (process ${holder})`}: stop it, or choose another folder with DATA_DIR.`,
    );
  }
};

const SQLITE_BUSY = 5;

/** The process that has the lock of a file, where Linux tells; none of another container's. */
const holderOf = (path: string): string | undefined => {
  try {
    const line = new RegExp(`WRITE +([1-9]\\d*) \\S+:${statSync(path).ino} `);
    return line.exec(readFileSync('/proc/locks', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
};
