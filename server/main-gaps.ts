import { ConfigError, readConfig } from './config.ts';
import { gapLines, gapsOf, stamp } from './content/gaps.ts';
import { readLibrary } from './content/read-content.ts';
import { sentenceOf } from './sentence.ts';

/** Entry of `npm run gaps [-- LANG ...] [-- --stamp]`: what translators of the library's texts find to do. */
try {
  const args = process.argv.slice(2);
  const { contentDir } = readConfig(process.env);
  const library = readLibrary(contentDir);
  if (args.includes('--stamp')) for (const file of stamp(contentDir, library)) console.log(`stamped  ${file}`);
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  const unknown = wanted.find((lang) => !library.languages.includes(lang));
  if (unknown !== undefined)
    throw new ConfigError(`"${unknown}" is no language of this library: ${library.languages.join(', ')}.`);
  const gaps = gapsOf(contentDir, library).filter(({ lang }) => wanted.length === 0 || wanted.includes(lang));
  for (const line of gapLines(gaps)) console.log(line);
} catch (error) {
  console.error(sentenceOf(error));
  process.exit(1);
}
