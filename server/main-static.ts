import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, readConfig } from './config.ts';
import { summary } from './content/problems.ts';
import { withLock } from './publish/lock.ts';
import { publish, staticHome } from './publish/publish.ts';
import { writeStaticFolder } from './publish/static-folder.ts';
import { currentTree } from './publish/tree.ts';
import { readSite } from './publish/write-tree.ts';
import { sentenceOf } from './sentence.ts';

/** Entry of `npm run build -- --static [--out folder] [--after N]`: the library and the app as a folder for any web server. */
const appDir = fileURLToPath(new URL('../app-static', import.meta.url));
const DEFAULT_OUT = 'dist/static';

const valueAfter = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  if (at < 0) return undefined;
  const value = process.argv[at + 1];
  if (value === undefined || value.startsWith('--')) throw new ConfigError(`${name} needs a value behind it.`);
  return value;
};

const afterOf = (text = '0'): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ConfigError('--after needs a whole number: the newest sequence that was ever published.');
};

try {
  // Keys and history are for their owner only.
  process.umask(0o077);
  const { dataDir, contentDir } = readConfig(process.env);
  const out = resolve(valueAfter('--out') ?? DEFAULT_OUT);
  const after = afterOf(valueAfter('--after'));
  const { seq, items, warnings } = await publish({ dataDir, contentDir, appDir, after, isStatic: true });
  for (const line of summary(warnings, process.argv.includes('--warnings'))) console.log(line);
  const home = staticHome(dataDir);
  // A web server reads the folder as another user.
  process.umask(0o022);
  await withLock(dataDir, () => writeStaticFolder({ treeDir: currentTree(home), appDir, out, site: readSite(home) }));
  console.log(`Number ${seq}, ${items} texts, for any web server: ${out}`);
} catch (error) {
  console.error(sentenceOf(error));
  console.error('Nothing was written; the folder is as it was before.');
  process.exit(1);
}
