import './node-version.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `node scripts/bench.mjs weight`, or another of them: measures, and writes down. Never a gate: it says OVER and ends well. */

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/** Of each, its file, and whether it measures a build. */
const BENCHES = {
  weight: { file: '../tests/bench/weight.ts', built: true },
  many: { file: '../tests/bench/many.ts', built: true },
  sync: { file: '../tests/bench/sync/sync.ts', built: true },
  room: { file: '../tests/bench/room.ts', built: true },
  search: { file: '../tests/bench/search/search.ts', built: false },
};

const [name = ''] = process.argv.slice(2);
if (!Object.hasOwn(BENCHES, name)) {
  console.error(`There is no bench "${name}": choose one of ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(1);
}
const { file, built } = BENCHES[name];
if (built) {
  const { buildIfNeeded } = await import('./build.mjs');
  await buildIfNeeded();
}
await import(file);
