import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `npm run mutation`: changes core/sync and core/pack in one place at a time, and counts the changes that their unit tests find. Fails below 90 %. Takes a
 * quarter of an hour; `-- --mutate src/core/sync/loop.ts` one file. What does it is installed when it is asked for: nothing else needs it.
 */

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const FOLDER = 'tests/mutation';
const run = (command, args, cwd) => {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
// Its test runner takes the project's own Vitest, which is above it.
if (!existsSync(`${FOLDER}/node_modules`))
  run('npm', ['ci', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'], FOLDER);
const stryker = `${FOLDER}/node_modules/@stryker-mutator/core/bin/stryker.js`;
run(process.execPath, [stryker, 'run', `${FOLDER}/stryker.json`, ...process.argv.slice(2)]);
