import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** An old tab keeps working: the hashed files of the last three builds stay served from the data folder. */
const KEPT = 3;

/** Copies the files of the current build into the data folder, and drops those of the fourth. */
export const keepBuild = (appDir: string, dataDir: string): void => {
  const folder = join(dataDir, 'builds');
  mkdirSync(folder, { recursive: true });
  const files = readdirSync(join(appDir, 'assets')).sort();
  const name = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12);
  const target = join(folder, name);
  if (!existsSync(target)) {
    // A copy that was cut must not pass for a build.
    rmSync(`${target}.new`, { recursive: true, force: true });
    cpSync(join(appDir, 'assets'), `${target}.new`, { recursive: true });
    renameSync(`${target}.new`, target);
  }
  const now = new Date();
  utimesSync(target, now, now);
  const newestFirst = readdirSync(folder)
    .map((build) => ({ path: join(folder, build), used: statSync(join(folder, build)).mtimeMs }))
    .sort((a, b) => b.used - a.used);
  for (const { path } of newestFirst.slice(KEPT)) rmSync(path, { recursive: true, force: true });
};

/** Folders that may hold a hashed file, the newest first. */
export const assetFolders = (appDir: string, dataDir: string): readonly string[] => {
  const folder = join(dataDir, 'builds');
  const kept = existsSync(folder) ? readdirSync(folder).map((build) => join(folder, build)) : [];
  return [join(appDir, 'assets'), ...kept];
};
