import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * @param {string} path
 * @returns {boolean}
 */
const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/**
 * A snap's chromium cannot see a profile under /tmp, and Ubuntu's package is only a script that asks for the snap.
 * @param {string} path
 * @returns {boolean}
 */
const isSnap = (path) => {
  try {
    const real = realpathSync(path);
    if (basename(real) === 'snap' || real.startsWith('/snap/')) return true;
    if (statSync(real).size > 65_536) return false;
    return readFileSync(real, 'latin1').includes('/snap/bin/');
  } catch {
    return false;
  }
};

/**
 * Playwright's own download, asked for lazily and synchronously: configurations call this before anything runs.
 * @returns {string | undefined}
 */
const playwrightChromium = () => {
  try {
    const path = createRequire(import.meta.url)('playwright-core').chromium.executablePath();
    return typeof path === 'string' && isExecutable(path) ? path : undefined;
  } catch {
    return undefined;
  }
};

/**
 * The browser that tests run in: CHROMIUM, then a system browser in PATH, then Playwright's own.
 * @returns {string | undefined}
 */
export const findChromium = () => {
  const chosen = process.env.CHROMIUM;
  if (chosen && isExecutable(chosen)) return chosen;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path) && !isSnap(path)) return path;
    }
  }
  return playwrightChromium();
};
