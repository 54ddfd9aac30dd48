import { parseArgs } from 'node:util';
import { EACH } from './chain.ts';
import { runSeed } from './run.ts';
import { keepFailure, reportOf, shrink } from './shrink.ts';
import { buildStage } from './stage.ts';

/**
 * `npm run sim -- --seeds N --from S`: runs N seeds from S on; with `--between`, only those with hubs in between. `--log` prints the last lines of
 * each.
 */

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    between: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
  },
});
const [from, seeds] = [Number(values.from), Number(values.seeds)];
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(seeds) || seeds < 1) {
  console.error('Say how many seeds, and from which: npm run sim -- --seeds 2000 --from 1');
  process.exit(1);
}

const stage = await buildStage();
process.once('exit', () => stage.remove());
process.once('SIGINT', () => process.exit(130));
const began = performance.now();
let failures = 0;
let steps = 0;
const step = values.between ? EACH : 1;
const first = Math.ceil(from / step) * step;
for (let done = 1; done <= seeds; done++) {
  const seed = first + (done - 1) * step;
  const outcome = await runSeed(stage, seed);
  steps += outcome.steps;
  if (values.log) console.log(outcome.lines.join('\n'));
  if (outcome.violation) {
    failures++;
    const shortest = await shrink(stage, outcome);
    console.log(`${reportOf(shortest)}\nKept as ${keepFailure(shortest)}\n`);
  }
  if (done % 1_000 === 0) console.error(`${done} of ${seeds} seeds, ${failures} failed`);
  // Whatever waits for the loop of the process gets its turn.
  if (done % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
}
const ms = (performance.now() - began) / seeds;
console.log(`${seeds} seeds from ${from}, ${steps} steps, ${ms.toFixed(1)} ms a seed: ${failures} failed.`);
process.exit(failures > 0 ? 1 : 0);
