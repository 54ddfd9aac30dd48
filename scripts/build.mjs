import './node-version.mjs';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Builds app and server into dist/, unless nothing changed since the last build. */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = ['src', 'sw', 'server', 'locales', 'public', 'scripts', 'index.html', 'inbox.html'];
const SINGLE = ['vite.config.ts', 'vite.server.config.ts', 'package-lock.json'];
const STAMP = join(ROOT, 'dist/stamp');

/** Name, size and time of every source file: enough to know whether to build, in a few milliseconds. */
const stampOf = () => {
  const hash = createHash('sha256');
  const add = (path) => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  for (const source of [...SOURCES, ...SINGLE].map((name) => join(ROOT, name))) {
    if (!existsSync(source)) continue;
    if (statSync(source).isFile()) add(source);
    else for (const file of readdirSync(source, { recursive: true }).sort()) add(join(source, file));
  }
  return hash.digest('hex');
};

/** Builds what is not built. Returns whether there was something to do. */
export const buildIfNeeded = async () => {
  const stamp = stampOf();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return false;
  console.error('Building Relais (half a minute, once) ...');
  const { build } = await import('vite');
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const options = { root: ROOT, logLevel: 'warn' };
  await build({ ...options, configFile: join(ROOT, 'vite.config.ts') });
  await build({ ...options, configFile: join(ROOT, 'vite.server.config.ts') });
  writeFileSync(STAMP, stamp);
  return true;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(ROOT);
  if (!(await buildIfNeeded())) console.error('Nothing to build.');
}
