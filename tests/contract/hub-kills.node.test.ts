import { expect, it } from 'vitest';
import { killHubs } from '../rigs/hub-kills.ts';

/** The small count; `npm run rigs -- hub --kills 500` has the large one. */
it('a hub that is killed while it takes answers, publishes and mirrors loses none, and serves nothing by halves', {
  timeout: 300_000,
}, async () => {
  const report = await killHubs({ seed: 1, kills: 20 });
  expect(report.batch + report.publish + report.mirror).toBe(20);
  expect(report.answers).toBeGreaterThan(40);
});
