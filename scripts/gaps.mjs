import './node-version.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const { buildIfNeeded } = await import('./build.mjs');
await buildIfNeeded();
await import('../dist/server/main-gaps.js');
