import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './find-chromium.mjs';

/** `npm test`: check, unit, simulation, damaged files, contract, end to end. `npm test e2e [args]`: one of them, or one of the further ones below. */

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const node = (script, ...args) => ({ script, args });
const vitest = (...projects) =>
  node('vitest/vitest.mjs', 'run', ...projects.flatMap((project) => ['--project', project]));
const STEPS = {
  check: node('../scripts/check.mjs'),
  unit: vitest('unit'),
  sim: vitest('sim'),
  fuzz: vitest('fuzz'),
  contract: vitest('contract-node', 'contract-browser'),
  e2e: node('@playwright/test/cli.js', 'test'),
};

/** On a machine that has another browser too. */
const MORE = { firefox: node('vitest/vitest.mjs', 'run', '--config', 'tests/firefox/vitest.config.ts') };

const [only, ...rest] = process.argv.slice(2);
const steps = only !== undefined && only in MORE ? MORE : STEPS;
if (only !== undefined && !(only in steps)) {
  const names = Object.keys({ ...STEPS, ...MORE });
  console.error(`There is no test "${only}": choose one of ${names.join(', ')}.`);
  process.exit(1);
}
if (!(await findChromium())) {
  console.error('No browser found: run "npm run browser", then again.');
  process.exit(1);
}
const { buildIfNeeded } = await import('./build.mjs');
await buildIfNeeded();
const started = Date.now();
for (const [name, { script, args }] of Object.entries(steps)) {
  if (only !== undefined && name !== only) continue;
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [join('node_modules', script), ...args, ...(only ? rest : [])], {
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`\n${name} failed.`);
    process.exit(status ?? 1);
  }
}
console.log(`\nAll of it passed in ${Math.round((Date.now() - started) / 1000)} s.`);
