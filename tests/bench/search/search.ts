import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENGINES } from './engines.ts';
import { type EngineResult, type Summary, summaryOf, tablesOf } from './report.ts';

/**
 * `npm run bench:search [-- items engine ...]`: full text search beside other engines, each in a fresh process. ../README.md says what is
 * measured. What was measured of 10,000 items is written down, engine by engine.
 */

const ITEMS = 10_000;
const RESULTS = fileURLToPath(new URL('../results/search.json', import.meta.url));
const PROCESS = fileURLToPath(new URL('engine-process.ts', import.meta.url));

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
type Measured = Summary & { readonly date: string; readonly commit: string };
/** Puts what was measured beside what other runs have of other engines. */
const write = (measured: readonly Measured[]): void => {
  const before = existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')).engines as Measured[]) : [];
  const all = ENGINES.flatMap(({ name }) => [...measured, ...before].find((one) => one.name === name) ?? []);
  mkdirSync(dirname(RESULTS), { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify({ node: process.version, items: ITEMS, engines: all }, null, 2)}\n`);
};

const [count = String(ITEMS), ...chosen] = process.argv.slice(3);
const engines = ENGINES.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
const summaries: Summary[] = [];
for (const { name, note } of engines) {
  console.error(`${name} (${note}) ...`);
  const output = execFileSync(process.execPath, ['--expose-gc', '--max-old-space-size=3000', PROCESS, name, count], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const measured = { ...summaryOf(JSON.parse(output) as EngineResult), date: new Date().toISOString(), commit };
  summaries.push(measured);
  if (count === String(ITEMS)) write([measured]);
}
console.log(`${count} items\n${tablesOf(summaries)}`);
for (const { name, note, queries } of summaries) console.log(`${name}: ${note}; ${queries} queries`);

const of = (name: string): Summary | undefined => summaries.find((one) => one.name === name);
const [relais, mini] = [of('relais'), of('MiniSearch')];
if (relais && mini) {
  console.log(
    `\nrelais beside MiniSearch: heap ${(relais.heapBytes / mini.heapBytes).toFixed(2)}, stored ${(relais.storedBytes / mini.storedBytes).toFixed(2)}, ` +
      `p95 with typos ${relais.p95Ms.toFixed(2)} ms beside ${mini.p95MsWithoutTypos?.toFixed(2)} ms without`,
  );
}
