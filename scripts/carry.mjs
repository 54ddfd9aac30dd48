import './node-version.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

// Files are named from where the command was typed, settings from the project's folder.
process.env.INIT_CWD ??= process.cwd();
process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const { buildIfNeeded } = await import('./build.mjs');
await buildIfNeeded();
await import('../dist/server/main-carry.js');
