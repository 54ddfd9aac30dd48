import { parseArgs } from 'node:util';
import { killHubs } from './hub-kills.ts';

/** `npm run rigs -- hub --kills N --seed S`: kills N times, at moments drawn from S. */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kills: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
});
const [kills, seed] = [Number(values.kills), Number(values.seed)];
if (positionals[0] !== 'hub' || !Number.isSafeInteger(kills) || !Number.isSafeInteger(seed) || kills < 1) {
  console.error('Say which rig, how many kills, and from which seed: npm run rigs -- hub --kills 20 --seed 1');
  process.exit(1);
}
const began = Date.now();
const report = await killHubs({ seed, kills, say: (line) => console.error(line) });
console.log(
  `${kills} kills from seed ${seed} in ${Math.round((Date.now() - began) / 1000)} s: ${JSON.stringify(report)}`,
);
process.exit(0);
