import { parseArgs } from 'node:util';
import { killHubs } from './hub-kills.ts';
import { tryLinks } from './links.ts';

/** `npm run rigs -- hub --kills N --seed S` kills N times, `npm run rigs -- links --runs N --seed S` syncs N times over a bad link: as S draws it. */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '20' },
    runs: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const [rig] = positionals;
const [count, seed] = [Number(rig === 'hub' ? values.kills : values.runs), Number(values.seed)];
if ((rig !== 'hub' && rig !== 'links') || !Number.isSafeInteger(count) || !Number.isSafeInteger(seed) || count < 1) {
  console.error('Say which rig, how many, and from which seed: npm run rigs -- hub --kills 20 --seed 1');
  console.error('                                         or: npm run rigs -- links --runs 10 --seed 1');
  process.exit(1);
}
const began = Date.now();
const say = (line: string): void => console.error(line);
const seconds = (): number => Math.round((Date.now() - began) / 1000);
if (rig === 'hub') {
  const report = await killHubs({ seed, kills: count, say });
  console.log(`${count} kills from seed ${seed} in ${seconds()} s: ${JSON.stringify(report)}`);
  process.exit(0);
}
const { runs, wrong } = await tryLinks({ seed, runs: count, say });
const most = (numberIn: (run: (typeof runs)[number]) => number): number => Math.max(...runs.map(numberIn));
console.log(
  `${count} windows from seed ${seed} in ${seconds()} s: ${JSON.stringify({
    leastUseful: Number((1 - most((run) => 1 - run.useful / run.bytes)).toFixed(3)),
    mean: Number((runs.reduce((sum, run) => sum + run.useful / run.bytes, 0) / count).toFixed(3)),
    mostSeconds: Math.round(most((run) => run.seconds)),
    mostAlertBytes: most((run) => run.alertBytes),
    cuts: runs.reduce((sum, run) => sum + run.cuts, 0),
  })}`,
);
for (const line of wrong) console.error(`✗ ${line}`);
process.exit(wrong.length > 0 ? 1 : 0);
