import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../config.ts';

/** Makes a folder and those above it, one by one: for all at once, Node tries for ever where a file system has no folders to make, as /proc has none. */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process was first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
};

/** Makes the data folder where there is none. Throws `ConfigError` where it cannot be written. */
export const openDataFolder = (path: string): void => {
  try {
    makeFolder(path);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // No other owner would help.
    if (['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'].includes(code)) throw error;
    throw new ConfigError(
      `The data folder ${path} cannot be written: choose another with DATA_DIR, or change its owner.`,
    );
  }
};
