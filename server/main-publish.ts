import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError, readConfig } from './config.ts';
import { summary } from './content/problems.ts';
import { restoredWords, withoutHistory } from './publish/newer.ts';
import { publish } from './publish/publish.ts';
import { currentTree } from './publish/tree.ts';
import { sentenceOf } from './sentence.ts';

/** Entry of `npm run publish [-- --after N] [-- --warnings]`: checks and signs the library; a running hub serves it at the next request. */
const appDir = fileURLToPath(new URL('../app', import.meta.url));

const afterOf = (args: readonly string[]): number => {
  const at = args.indexOf('--after');
  if (at < 0) return 0;
  const value = Number(args[at + 1]);
  if (!Number.isInteger(value) || value < 0)
    throw new ConfigError('--after needs a whole number: the newest sequence that was ever published.');
  return value;
};

/** Whether phones find an earlier publication still: that it stays is said only where there is one. */
let before = false;

try {
  process.umask(0o077);
  const { dataDir, contentDir } = readConfig(process.env);
  before = existsSync(currentTree(dataDir));
  const after = afterOf(process.argv.slice(2));
  const doubts = after > 0 ? [] : withoutHistory(dataDir);
  const { seq, items, written, warnings } = await publish({ dataDir, contentDir, appDir, after });
  for (const line of summary(warnings, process.argv.includes('--warnings'))) console.log(line);
  console.log(written ? `Published: number ${seq}, ${items} texts.` : `Nothing new: number ${seq} is up to date.`);
  for (const line of [...doubts, ...restoredWords(dataDir, seq)]) console.log(line);
} catch (error) {
  console.error(sentenceOf(error));
  if (!(error instanceof ConfigError))
    console.error(`Nothing was published${before ? '; the library that was there before stays' : ''}.`);
  process.exit(1);
}
