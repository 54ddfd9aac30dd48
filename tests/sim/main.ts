import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { EACH } from './chain.ts';
import { runSeed } from './run.ts';
import { keepFailure, reportOf, shrink } from './shrink.ts';
import { buildStage, makeFolder } from './stage.ts';

/**
 * `npm run sim -- --seeds N --from S`: runs N seeds from S on; with `--between`, only those with hubs in between. `--log` prints the last lines of
 * each. `--jobs J` runs them on J processors, all that there are unless told.
 */

/** Seeds that one thread runs. */
interface Share {
  readonly seeds: number;
  readonly first: number;
  readonly step: number;
  readonly log: boolean;
  /** For its stage. */
  readonly folder: string;
}

/** What has come of some seeds since the last time it was told. */
interface Told {
  readonly done: number;
  readonly failures: number;
  readonly steps: number;
}

/** So many seeds, and it is told how far they are. */
const ROUND = 100;

const runShare = async ({ seeds, first, step, log, folder }: Share, tell: (told: Told) => void): Promise<void> => {
  const stage = await buildStage(folder);
  let [told, failures, steps] = [0, 0, 0];
  for (let done = 1; done <= seeds; done++) {
    const outcome = await runSeed(stage, first + (done - 1) * step);
    steps += outcome.steps;
    if (log) console.log(outcome.lines.join('\n'));
    if (outcome.violation) {
      failures++;
      const shortest = await shrink(stage, outcome);
      console.log(`${reportOf(shortest)}\nKept as ${keepFailure(shortest)}\n`);
    }
    if (done % ROUND !== 0 && done < seeds) continue;
    tell({ done: done - told, failures, steps });
    [told, failures, steps] = [done, 0, 0];
    // Whatever waits for the loop of the thread gets its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
};

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '2000' },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      between: { type: 'boolean', default: false },
      log: { type: 'boolean', default: false },
    },
  });
  const [from, seeds, most] = [Number(values.from), Number(values.seeds), Number(values.jobs)];
  if (!Number.isSafeInteger(from) || ![seeds, most].every((n) => Number.isSafeInteger(n) && n >= 1)) {
    console.error('Say how many seeds, and from which: npm run sim -- --seeds 2000 --from 1 --jobs 2');
    process.exit(1);
  }
  const began = performance.now();
  const step = values.between ? EACH : 1;
  const first = Math.ceil(from / step) * step;
  const jobs = Math.min(most, Math.ceil(seeds / ROUND));
  const sum = { done: 0, failures: 0, steps: 0 };
  const tell = (told: Told): void => {
    const before = Math.floor(sum.done / 1_000);
    sum.done += told.done;
    sum.failures += told.failures;
    sum.steps += told.steps;
    if (Math.floor(sum.done / 1_000) > before) console.error(`${sum.done} of ${seeds} seeds, ${sum.failures} failed`);
  };
  const folder = makeFolder();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  // Thread `job` takes each seed of its own rest: all are as far as the others at any time.
  const shares = Array.from({ length: jobs }, (_, job) => ({
    seeds: Math.ceil((seeds - job) / jobs),
    first: first + job * step,
    step: step * jobs,
    log: values.log,
    folder: join(folder, String(job)),
  }));
  await Promise.all(
    shares.map(async (share) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: share });
      worker.on('message', tell);
      const [code] = await once(worker, 'exit');
      if (code !== 0) throw new Error('A thread of the simulation ended before its seeds did.');
    }),
  );
  const ms = (performance.now() - began) / seeds;
  console.log(`${seeds} seeds from ${from}, ${sum.steps} steps, ${ms.toFixed(1)} ms a seed: ${sum.failures} failed.`);
  process.exit(sum.failures > 0 ? 1 : 0);
};

await (isMainThread ? run() : runShare(workerData as Share, (told) => parentPort?.postMessage(told)));
