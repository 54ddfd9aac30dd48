import { realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { ConfigError } from '../config.ts';
import { pathIn, type Surroundings } from './asked.ts';

/** Where files go that leave the box. A wrong place is refused before anything is made: a secret must not lie where nobody looks for it. */

/** The path of a file that is to be written. Its folder has to be there: a stick that is not mounted has none. Throws `ConfigError`. */
export const targetIn = (around: Surroundings, file: string): string => {
  const path = pathIn(around, file);
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new ConfigError(
      `There is no folder ${folder}. Is the stick plugged in and mounted? Or make the folder first. Nothing was changed.`,
    );
  const there = statSync(path, { throwIfNoEntry: false });
  if (there && !there.isFile())
    throw new ConfigError(`${path} is no file. Name a file, such as ${join(path, 'name')}.`);
  return path;
};

/** As `targetIn`, for secrets, which must not go into every backup of the box. */
export const secretTarget = (around: Surroundings, file: string): string => {
  const path = targetIn(around, file);
  if ((realpathSync(dirname(path)) + sep).startsWith(realpathSync(around.dataDir) + sep))
    throw new ConfigError(
      `${path} lies in the data folder, which is copied with every backup. Name a file elsewhere, such as on a stick.`,
    );
  return path;
};

/** Whether a file lies on the box's own disk, as it does in the empty folder of a stick that is not mounted. */
export const isOnSameDisk = ({ dataDir, diskOf }: Surroundings, path: string): boolean =>
  diskOf(dirname(path)) === diskOf(dataDir);
