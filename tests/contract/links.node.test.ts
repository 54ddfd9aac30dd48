import { expect, it } from 'vitest';
import { tryLinks } from '../rigs/links.ts';

/**
 * The small count; `npm run rigs -- links --runs 50` has the large one. The seed is one that cuts the first three phones in the middle of their packs,
 * one of them in silence, and the third behind the notice too.
 */
it('a year of text edits arrives in one window of 90 seconds over a bad link, the notice first, and little is carried twice', {
  timeout: 300_000,
}, async () => {
  const { runs, wrong } = await tryLinks({ seed: 79_680, runs: 4 });
  expect(wrong).toEqual([]);
  expect(runs.map(({ pace }) => pace).sort()).toEqual(['daily', 'daily', 'weekly', 'weekly']);
  expect(runs.reduce((sum, { cuts }) => sum + cuts, 0)).toBeGreaterThanOrEqual(4);
});
