import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Runs `work` while no other publication and no change of keys runs. A lock whose process is gone is taken over. */
export const withLock = async <T>(dataDir: string, work: () => Promise<T>): Promise<T> => {
  const path = join(dataDir, 'publish.lock');
  const handle = await take(path);
  try {
    return await work();
  } finally {
    closeSync(handle);
    rmSync(path, { force: true });
  }
};

/** A publication takes a second or two: another one waits for its turn. */
const LONGEST_WAIT_MS = 20_000;
const STEP_MS = 200;
/** How long a lock may be without its owner's number. */
const EMPTY_MS = 2_000;

const take = async (path: string): Promise<number> => {
  for (let waited = 0; waited <= LONGEST_WAIT_MS; ) {
    try {
      const handle = openSync(path, 'wx');
      writeSync(handle, String(process.pid));
      return handle;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(path);
    // Left behind by a process that is gone, by one that had our number before, or by a power cut before the number was written.
    const stale = owner === process.pid || (owner === 0 ? waited >= EMPTY_MS : !isAlive(owner));
    if (stale) {
      rmSync(path, { force: true });
      continue;
    }
    waited += STEP_MS;
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  throw new Error('Another publication is running, or a change of keys. Wait for it, then try again.');
};

/** Process id in a lock; 0 where it is gone or just being written. */
const ownerOf = (path: string): number => {
  try {
    return Number(readFileSync(path, 'utf8')) || 0;
  } catch {
    return 0;
  }
};
