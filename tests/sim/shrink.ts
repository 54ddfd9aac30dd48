import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, type RunOptions, runSeed } from './run.ts';
import type { Stage } from './stage.ts';

/** A failing seed with as few faults and deeds as it takes, and where it is kept. */

export interface Failure {
  readonly seed: number;
  readonly rule: string;
  readonly text: string;
  /** What has to happen for it; nothing else of the seed does. */
  readonly keep: readonly string[];
}

/** Runs at most, since each takes a while. */
const TRIES = 300;

/**
 * Leaves out faults and deeds, many at a time and then one by one, for as long as the same rule is broken. Returns the shortest run that was found.
 */
export const shrink = async (stage: Stage, failed: Outcome, options: RunOptions = {}): Promise<Outcome> => {
  let best = failed;
  let left = TRIES;
  for (let size = Math.ceil(best.fired.length / 2); size >= 1; ) {
    let isShorter = false;
    for (let at = 0; at < best.fired.length && left > 0; left--) {
      const keep = new Set(best.fired.filter((_, i) => i < at || i >= at + size));
      const outcome = await runSeed(stage, best.seed, { ...options, keep });
      if (outcome.violation?.rule === failed.violation?.rule && outcome.fired.length < best.fired.length) {
        best = outcome;
        isShorter = true;
      } else at += size;
    }
    if (left === 0) break;
    // Once more with the same size only where that may help.
    if (!isShorter) {
      if (size === 1) break;
      size = Math.floor(size / 2);
    } else size = Math.min(size, Math.max(1, best.fired.length));
  }
  return best;
};

const FOLDER = 'tests/sim/failures';

/** Writes a failure down: every later run of the tests replays it. Returns the file's path. */
export const keepFailure = ({ seed, violation, fired }: Outcome): string => {
  const { rule = '', text = '' } = violation ?? {};
  const failure: Failure = { seed, rule, text, keep: fired };
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${seed}-${rule.toLowerCase().replaceAll(' ', '-')}.json`);
  writeFileSync(path, `${JSON.stringify(failure, null, 2)}\n`);
  return path;
};

export const keptFailures = (): readonly Failure[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Failure);

/** What went wrong, for a person. */
export const reportOf = ({ seed, violation, fired, lines }: Outcome): string =>
  [
    `Seed ${seed} breaks ${violation?.rule}: ${violation?.text}`,
    `It takes: ${fired.join(', ') || 'nothing but the seed'}`,
    ...lines,
  ].join('\n');
