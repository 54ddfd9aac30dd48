import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Another one each time that the machine starts; empty where the system has none. */
const BOOT = ((): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
})();

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Runs `work` while no other publication and no change of keys runs. */
export const withLock = async <T>(dataDir: string, work: () => Promise<T>): Promise<T> => {
  const ran = await locked(join(dataDir, 'publish.lock'), LONGEST_WAIT_MS, work);
  if (!ran) throw new Error('Another publication is running, or a change of keys. Wait for it, then try again.');
  return ran.result;
};

/** A publication takes a second or two: another one waits for its turn. */
const LONGEST_WAIT_MS = 20_000;
const STEP_MS = 200;
/** How long a lock may be without its owner's number. */
const EMPTY_MS = 2_000;

/** Those that this process has. */
const own = new Set<string>();

/**
 * Runs `work` while nobody else has this lock, in this process or another; undefined where somebody has it for longer than `wait` milliseconds. A
 * lock whose process is gone is taken over.
 */
export const locked = async <T>(
  path: string,
  wait: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T } | undefined> => {
  const handle = await take(path, wait);
  if (handle === undefined) return undefined;
  try {
    return { result: await work() };
  } finally {
    letGo(path, handle);
  }
};

const take = async (path: string, wait: number): Promise<number | undefined> => {
  for (let waited = 0; ; waited += STEP_MS) {
    try {
      return hold(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const { owner, boot } = ownerOf(path);
    // Left behind by a process that is gone, by one that had our number before, or by a power cut, after which numbers are given anew.
    const stale = owner === 0 ? isOld(path) : owner === process.pid || boot !== BOOT || !isAlive(owner);
    if (stale && !own.has(path)) rmSync(path, { force: true });
    else if (waited >= wait) return undefined;
    else await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
};

/** Makes the lock. On a full disk it is not left there, where nobody would ever let go of it. */
const hold = (path: string): number => {
  const handle = openSync(path, 'wx');
  own.add(path);
  try {
    writeSync(handle, `${process.pid} ${BOOT}`);
    return handle;
  } catch (error) {
    letGo(path, handle);
    throw error;
  }
};

const letGo = (path: string, handle: number): void => {
  closeSync(handle);
  own.delete(path);
  rmSync(path, { force: true });
};

const isOld = (path: string): boolean => {
  const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
  return Math.abs(Date.now() - mtimeMs) > EMPTY_MS;
};

/** Process id in a lock, and since when the machine ran then; 0 where it is gone or just being written. */
const ownerOf = (path: string): { readonly owner: number; readonly boot: string } => {
  try {
    const [owner, boot = ''] = readFileSync(path, 'utf8').split(' ');
    return { owner: Number(owner) || 0, boot };
  } catch {
    return { owner: 0, boot: '' };
  }
};
