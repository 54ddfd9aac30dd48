// Finds the browser that the tests need; with --install, gets one where there is none.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './find-chromium.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * The tools' own output goes to stderr, so that stdout keeps its one line.
 * @param {string} command
 * @param {string[]} args
 */
const run = (command, args) => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { cwd: ROOT, env, stdio: ['ignore', 2, 2] }).status === 0;
};

// Only Debian itself: Ubuntu's chromium package is a stub that asks for a snap.
const isDebian = () => {
  try {
    return /^ID="?debian"?$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
};

const install = () => {
  if (isDebian() && process.getuid?.() === 0) {
    const packages = ['chromium', 'fonts-noto-core', 'age'];
    if (run('apt-get', ['update']) && run('apt-get', ['install', '-y', '--no-install-recommends', ...packages])) {
      return 'with apt-get';
    }
  }
  return run('npx', ['playwright', 'install', 'chromium']) ? 'with Playwright' : undefined;
};

const found = findChromium();
if (found) {
  console.log(process.argv.includes('--install') ? `Browser found: ${found}` : found);
} else if (process.argv.includes('--install')) {
  const how = install();
  const path = findChromium();
  if (path) {
    console.log(`Browser installed ${how ?? 'in part'}: ${path}`);
  } else {
    console.error('No browser could be installed: install Chromium or Chrome and set CHROMIUM to its path');
    process.exitCode = 1;
  }
} else {
  console.error('No browser found: run npm run browser');
  process.exitCode = 1;
}
