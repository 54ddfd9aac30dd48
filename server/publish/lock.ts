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

/** Runs `work` while no other publication runs. A lock whose process is gone is taken over. */
export const withLock = async <T>(dataDir: string, work: () => Promise<T>): Promise<T> => {
  const path = join(dataDir, 'publish.lock');
  const handle = take(path);
  try {
    return await work();
  } finally {
    closeSync(handle);
    rmSync(path, { force: true });
  }
};

const take = (path: string): number => {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = openSync(path, 'wx');
      writeSync(handle, String(process.pid));
      return handle;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(path, 'utf8'));
      if (owner > 0 && isAlive(owner)) break;
      rmSync(path, { force: true });
    }
  }
  throw new Error('Another publication is running. Wait for it, then try again.');
};
