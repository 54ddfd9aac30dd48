import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfNeeded } from './build.mjs';

/**
 * `npm run proof`: the full counts of what `npm test` runs a little of, for hours, by hand. `--only sim,hub` runs some, `--scale 0.01` a part of
 * each, `--from S` begins at another seed. What ran is written into docs/proof.md.
 */

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const PAGE = 'docs/proof.md';
const [START, END] = ['<!-- What npm run proof has written. -->\n', '<!-- The end of that. -->'];

/** Of each: what it counts, how many, and how it is run. */
const PARTS = {
  sim: {
    what: 'seeds of the simulation',
    full: 1_000_000,
    run: (count, from) => [['scripts/sim.mjs', '--seeds', count, '--from', from]],
  },
  fuzz: {
    what: 'mutations of packs, heads, leaf lists, texts and ZIPs',
    full: 1_000_000,
    run: (count, from) => [['scripts/fuzz.mjs', '--count', count, '--from', from]],
  },
  hub: {
    what: 'kills of a hub, its publisher and its mirror',
    full: 500,
    run: (count, from) => [['scripts/rigs.mjs', 'hub', '--kills', count, '--seed', from]],
  },
  links: {
    what: 'windows of 90 s on a bad link, for a year of texts',
    full: 50,
    run: (count, from) => [['scripts/rigs.mjs', 'links', '--runs', count, '--seed', from]],
  },
  browser: {
    what: 'kills of Chromium',
    full: 200,
    run: (count, from) => [['scripts/test.mjs', 'e2e', 'kills'], { KILLS: count, SEED: from }],
  },
  firefox: {
    what: 'kills of Firefox',
    full: 50,
    run: (count, from) => [['scripts/test.mjs', 'firefox', 'kills'], { KILLS: count, SEED: from }],
  },
  mutation: {
    what: 'times all that can be changed in core/sync and core/pack, 90 % of it found',
    full: 1,
    run: () => [['scripts/mutation.mjs']],
  },
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join() },
    scale: { type: 'string', default: '1' },
    from: { type: 'string', default: '1' },
  },
});
const names = values.only.split(',');
const [scale, from] = [Number(values.scale), Number(values.from)];
if (!names.every((name) => Object.hasOwn(PARTS, name)) || !(scale > 0 && scale <= 1) || !Number.isSafeInteger(from)) {
  console.error(
    `Say which of ${Object.keys(PARTS).join(', ')}, and how much of it: npm run proof -- --only sim --scale 0.01 --from 1`,
  );
  process.exit(1);
}

const text = readFileSync(PAGE, 'utf8');
const [before, rest] = text.split(START);
const [written, after] = rest.split(END);
/** The rows that are there, by name of the part. */
const rows = new Map(
  [...written.matchAll(/^\| (\w+) \|.*$/gm)]
    .filter(([, name]) => Object.hasOwn(PARTS, name))
    .map(([row, name]) => [name, row]),
);

await buildIfNeeded();
const git = spawnSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' });
const commit = git.status === 0 ? git.stdout.trim() : 'no commit';
let failed = false;
for (const name of names) {
  const { what, full, run } = PARTS[name];
  const count = Math.max(1, Math.round(full * scale));
  const [args, env = {}] = run(String(count), String(from));
  const began = Date.now();
  console.log(`\n== ${name}: ${count} ${what}, from ${from}`);
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  failed ||= status !== 0;
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  const number = new Intl.NumberFormat('en').format(count);
  const wanted = new Intl.NumberFormat('en').format(full);
  const result = status === 0 ? 'nothing wrong' : '**wrong**';
  const day = new Date().toISOString().slice(0, 10);
  rows.set(
    name,
    `| ${name} | ${what} | ${number} of ${wanted} | ${from} | ${commit} | ${day} | ${minutes} | ${result} |`,
  );
  const table = Object.keys(PARTS).map(
    (one) => rows.get(one) ?? `| ${one} | ${PARTS[one].what} | not run yet | | | | | |`,
  );
  const head = ['| part | what | how many | seed | commit | day | minutes | |', '|---|---|---|---|---|---|---|---|'];
  writeFileSync(PAGE, `${before}${START}${[...head, ...table].join('\n')}\n${END}${after}`);
}
process.exit(failed ? 1 : 0);
