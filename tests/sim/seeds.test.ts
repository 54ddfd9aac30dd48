import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSeed } from './run.ts';
import { keptFailures, reportOf, shrink } from './shrink.ts';
import { buildStage, type Stage } from './stage.ts';

/** What each `npm test` tries of the simulation. `npm run sim` tries as many as asked for. */

const SEEDS = 2_000;
/** A failing seed is shrunk before it is shown. */
const LONG = 600_000;

let stage: Stage;
beforeAll(async () => {
  stage = await buildStage();
}, 120_000);
afterAll(() => stage.remove());

describe('the simulation', () => {
  it('is the same run for the same seed', async () => {
    for (const seed of [3, 17, 60, 100, 113]) {
      const [one, two] = [await runSeed(stage, seed), await runSeed(stage, seed)];
      expect([two.digest, two.steps, two.calmBytes]).toEqual([one.digest, one.steps, one.calmBytes]);
      const again = await runSeed(stage, seed, { keep: new Set(one.fired) });
      expect(again.digest).toBe(one.digest);
    }
  });

  it('does nothing that it is told to leave out', async () => {
    const outcome = await runSeed(stage, 17, { keep: new Set() });
    expect(outcome.fired).toEqual([]);
    expect(outcome.violation).toBeUndefined();
  });

  it.each(keptFailures().map((failure) => [`${failure.seed} (${failure.rule}: ${failure.text})`, failure] as const))(
    'does not fail any more where it did: seed %s',
    async (_, { seed, keep }) => {
      for (const outcome of [await runSeed(stage, seed, { keep: new Set(keep) }), await runSeed(stage, seed)])
        expect(outcome.violation, reportOf(outcome)).toBeUndefined();
    },
  );

  it(
    `breaks no rule in ${SEEDS} seeds`,
    async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const outcome = await runSeed(stage, seed);
        if (outcome.violation) expect.fail(reportOf(await shrink(stage, outcome)));
      }
    },
    LONG,
  );
});
