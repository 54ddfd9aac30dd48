import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EACH } from './chain.ts';
import { SEEDED_BUGS } from './mutants.ts';
import { BUGS_BETWEEN } from './mutants-between.ts';
import { type Outcome, runSeed } from './run.ts';
import { shrink } from './shrink.ts';
import { buildStage, type Stage } from './stage.ts';

/** Who watches the watcher: known mistakes, put back one at a time. Each has to be found within so many seeds. */

const SEEDS = 400;
const LONG = 300_000;

let stage: Stage;
beforeAll(async () => {
  stage = await buildStage();
}, 120_000);
afterAll(() => stage.remove());

describe('a mistake that is put back is found', () => {
  const all = [
    ...SEEDED_BUGS.map((bug) => [bug.name, bug, 1] as const),
    // Only where there are hubs in between.
    ...BUGS_BETWEEN.map((bug) => [bug.name, bug, EACH] as const),
  ];
  it.each(all)(
    '%s',
    async (_, { mutant, breaks }, each) => {
      let found: Outcome | undefined;
      for (let n = 1; n <= SEEDS && !found; n++) {
        const outcome = await runSeed(stage, n * each, { mutant });
        if (outcome.violation) found = outcome;
      }
      expect(breaks).toContain(found?.violation?.rule);
    },
    LONG,
  );

  it(
    'and its run is cut down to what it takes',
    async () => {
      const bug = SEEDED_BUGS.find(({ name }) => name === 'swallows a full disk');
      const options = { ...(bug && { mutant: bug.mutant }) };
      let found: Outcome | undefined;
      for (let seed = 1; !found; seed++) {
        const outcome = await runSeed(stage, seed, options);
        if (outcome.violation && outcome.fired.length > 4) found = outcome;
      }
      const shortest = await shrink(stage, found, options);
      expect(shortest.violation?.rule).toBe('I1');
      expect(shortest.fired.length).toBeLessThan(found.fired.length);
      // An answer, and something that goes wrong while it is stored.
      expect(shortest.fired.length).toBeLessThanOrEqual(4);
      const replayed = await runSeed(stage, shortest.seed, { ...options, keep: new Set(shortest.fired) });
      expect(replayed.digest).toBe(shortest.digest);
    },
    LONG,
  );
});
