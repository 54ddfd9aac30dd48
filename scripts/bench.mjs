import './node-version.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `node scripts/bench.mjs weight`, or another of them: measures what a build costs. Never a gate: it says OVER and ends well. */

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const BENCHES = { weight: '../tests/bench/weight.ts', many: '../tests/bench/many.ts' };

const [name = ''] = process.argv.slice(2);
if (!Object.hasOwn(BENCHES, name)) {
  console.error(`There is no bench "${name}": choose one of ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(1);
}
const { buildIfNeeded } = await import('./build.mjs');
await buildIfNeeded();
await import(BENCHES[name]);
