import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * The packages that Relais is measured against live in `../rivals`, with a lockfile of their own, and are installed when a bench first asks for them:
 * nothing else of this repository needs them, and its types do not know them.
 */

const FOLDER = fileURLToPath(new URL('../rivals/', import.meta.url));
const require = createRequire(`${FOLDER}package.json`);

/** Installs what the lockfile names, unless it is there. */
export const installRivals = (): void => {
  const installed = `${FOLDER}node_modules/.package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${FOLDER}package-lock.json`).mtimeMs) return;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', args, { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm ci in tests/bench/rivals ended with ${status}`);
};

/** A package of theirs, as CommonJS gives it. */
export const rival = <T>(name: string): T => require(name) as T;

/** A package of theirs that is a module. */
export const rivalModule = async <T>(name: string): Promise<T> =>
  (await import(pathToFileURL(require.resolve(name)).href)) as T;

export const versionOf = (name: string): string =>
  (require(`${FOLDER}node_modules/${name}/package.json`) as { version: string }).version;
