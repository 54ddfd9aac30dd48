import { LITTLE_ROOM } from '../../view/network.tsx';

/** A browser that hides how full the disk is says that so much is free, or a whole multiple of it. */
const HIDDEN = 2 ** 30;

/**
 * Bytes that the browser still gives; where it hides them, whether it takes as much as should be free at least. Undefined where nobody can tell.
 * Chromium says so from 138 on, though it takes less: "Predictable reported storage quota", chromestatus.com/feature/4977371751645184.
 */
export const roomLeft = async (): Promise<number | boolean | undefined> => {
  const { quota, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota === undefined) return undefined;
  const free = Math.max(0, quota - usage);
  return free > 0 && free % HIDDEN === 0 ? takes(LITTLE_ROOM) : free;
};

/**
 * Whether so many bytes would be taken. All of them are asked for, which the browser weighs against what it grants; one megabyte is written, which a disk
 * without any room refuses. To write them all would hold up a small phone for seconds.
 */
const takes = async (bytes: number): Promise<boolean | undefined> => {
  const folder = await navigator.storage.getDirectory();
  const name = 'room';
  const file = await folder.getFileHandle(name, { create: true });
  if (!file.createWritable) return undefined;
  const writable = await file.createWritable();
  try {
    await writable.write(new Uint8Array(1_000_000));
    await writable.truncate(bytes);
    return true;
  } catch {
    return false;
  } finally {
    await writable.abort().catch(() => {});
    await folder.removeEntry(name).catch(() => {});
  }
};
