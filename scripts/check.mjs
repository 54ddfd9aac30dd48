import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './build.mjs';

/** Types of every realm, lint, fences, formatting, the interface's words, and the size budgets: all that can be said without running the product. */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(ROOT);

const REALMS = [
  'src/core',
  'src/store',
  'src/engine',
  'src/search',
  'src/worker',
  'src/client',
  'src/i18n',
  'src/view',
  'src/ui',
  'src',
  'sw',
  'server',
  'tests',
];

const run = (name, args) => {
  const { status } = spawnSync(process.execPath, [join('node_modules', ...args[0].split('/')), ...args.slice(1)], {
    stdio: 'inherit',
  });
  if (status === 0) return true;
  console.error(`✗ ${name}`);
  return false;
};

const checkBudgets = () => {
  const { groups } = JSON.parse(readFileSync('budgets.json', 'utf8'));
  const files = readdirSync('dist/app', { recursive: true }).map(String);
  let fine = true;
  for (const [name, { files: patterns, max }] of Object.entries(groups)) {
    let bytes = 0;
    for (const pattern of patterns) {
      const found = files.filter((file) => matchesGlob(file, `${pattern}.br`));
      if (found.length === 0) {
        console.error(`✗ budget "${name}": nothing matches ${pattern}`);
        fine = false;
      }
      for (const file of found) bytes += readFileSync(join('dist/app', file)).length;
    }
    const over = bytes > max;
    if (over) fine = false;
    console.log(`${over ? '✗' : '✓'} ${name}: ${bytes} of ${max} bytes`);
  }
  return fine;
};

/** What only `idb` has in it, however it is minified. */
const MARK = 'continuePrimaryKey';

/** `idb` belongs to the engine's file: any other one that imported it would download it twice. */
const checkPageBundle = () => {
  const withMark = readdirSync('dist/app/assets').filter(
    (file) => file.endsWith('.js') && readFileSync(join('dist/app/assets', file), 'utf8').includes(MARK),
  );
  const guilty = withMark.filter((file) => !file.startsWith('engine-'));
  // The mark that is looked for has to be in the engine, or the check could not fail.
  const sees = withMark.length > guilty.length;
  if (guilty.length === 0 && sees) return true;
  console.error(sees ? `✗ idb is in ${guilty.join(', ')}` : '✗ the mark of idb is not in the engine: choose another');
  return false;
};

/** A second file that the first imports would cost a round trip before anything answers to a tap. */
const checkOneScript = () => {
  const { imports = [] } = JSON.parse(readFileSync('dist/app/.vite/manifest.json', 'utf8'))['index.html'];
  if (imports.length === 0) return true;
  console.error(`✗ the page's script imports ${imports.join(', ')}: see src/ui/parts.ts for how parts stay apart`);
  return false;
};

await buildIfNeeded();
const results = [
  run('lint, fences, formatting', ['@biomejs/biome/bin/biome', 'ci', '--colors=off', '.']),
  run('words of the interface', [
    'vitest/vitest.mjs',
    'run',
    '--project',
    'unit',
    'tests/unit/locales.test.ts',
    '--reporter',
    'dot',
  ]),
  ...REALMS.map((realm) => run(`types of ${realm}`, ['typescript/bin/tsc', '-p', realm])),
  checkBudgets(),
  checkPageBundle(),
  checkOneScript(),
];
if (results.includes(false)) process.exit(1);
