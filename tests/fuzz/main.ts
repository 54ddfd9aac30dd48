import { parseArgs } from 'node:util';
import { fuzz } from './run.ts';

/** `npm run fuzz -- --count N --from S`: tries N mutations from number S on. */

const { values } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, from: { type: 'string', default: '1' } },
});
const [count, from] = [Number(values.count), Number(values.from)];
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(from)) {
  console.error('Say how many, and from which: npm run fuzz -- --count 100000 --from 1');
  process.exit(1);
}
const began = performance.now();
const { refused, unharmed, slowestMs, found } = await fuzz(count, from, (done) => console.error(`${done} of ${count}`));
for (const { number, target, what } of found)
  console.log(`Mutation ${number} of ${target}: ${what}\nAgain: npm run fuzz -- --count 1 --from ${number}\n`);
const seconds = Math.round((performance.now() - began) / 1000);
console.log(
  `${count} mutations from ${from} in ${seconds} s: ${refused} refused, ${unharmed} without effect, ${found.length} wrong; the slowest took ${Math.round(slowestMs)} ms.`,
);
process.exit(found.length > 0 ? 1 : 0);
