import './node-version.mjs';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Builds app and server into dist/, unless nothing changed since the last build. `--static [--out folder]`: and then a folder for any web server, that
 * needs no hub.
 */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = ['src', 'sw', 'server', 'locales', 'public', 'scripts', 'index.html', 'inbox.html'];
const SINGLE = ['vite.config.ts', 'vite.server.config.ts', 'package-lock.json'];
const STAMP = join(ROOT, 'dist/stamp');
/** The app for a host without a hub: built only when somebody asks for it. */
const STATIC_STAMP = join(ROOT, 'dist/static-stamp');
/** What somebody may copy from at any time, and has files of earlier builds. */
const KEPT = /^static(\.new|\.old)?$/;

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
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'dist')))
    if (!KEPT.test(name)) rmSync(join(ROOT, 'dist', name), { recursive: true, force: true });
  const options = { root: ROOT, logLevel: 'warn' };
  await build({ ...options, configFile: join(ROOT, 'vite.config.ts') });
  await build({ ...options, configFile: join(ROOT, 'vite.server.config.ts') });
  writeFileSync(STAMP, stamp);
  return true;
};

/** Builds the app for a host without a hub, if it is not built. */
const buildStatic = async () => {
  const stamp = readFileSync(STAMP, 'utf8');
  if (existsSync(STATIC_STAMP) && readFileSync(STATIC_STAMP, 'utf8') === stamp) return;
  console.error('Building the app for a host without a hub ...');
  const { build } = await import('vite');
  rmSync(join(ROOT, 'dist/app-static'), { recursive: true, force: true });
  process.env.RELAIS_STATIC = '1';
  await build({ root: ROOT, logLevel: 'warn', configFile: join(ROOT, 'vite.config.ts') });
  writeFileSync(STATIC_STAMP, stamp);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(ROOT);
  const built = await buildIfNeeded();
  if (process.argv.includes('--static')) {
    await buildStatic();
    await import('../dist/server/main-static.js');
  } else if (!built) console.error('Nothing to build.');
}
