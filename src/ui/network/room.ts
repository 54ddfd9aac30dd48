import { LITTLE_ROOM } from '../../view/network.tsx';

/** A browser that hides how full the disk is says that so much is free, or a whole multiple of it. */
const HIDDEN = 2 ** 30;
const CHUNK = new Uint8Array(1_000_000);

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

/** Writes so many bytes, and takes them back. */
const takes = async (bytes: number): Promise<boolean | undefined> => {
  const folder = await navigator.storage.getDirectory();
  const name = 'room';
  const file = await folder.getFileHandle(name, { create: true });
  if (!file.createWritable) return undefined;
  const writable = await file.createWritable();
  try {
    for (let written = 0; written < bytes; written += CHUNK.length) await writable.write(CHUNK);
    return true;
  } catch {
    return false;
  } finally {
    await writable.abort().catch(() => {});
    await folder.removeEntry(name).catch(() => {});
  }
};
