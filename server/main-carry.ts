import { fileURLToPath } from 'node:url';
import { runCarry } from './carry/command.ts';
import { readConfig } from './config.ts';
import { sentenceOf } from './sentence.ts';

/** Entry of `npm run carry -- VERB FILE`. */
try {
  process.umask(0o077);
  await runCarry(process.argv.slice(2), {
    config: readConfig(process.env),
    appDir: fileURLToPath(new URL('../app', import.meta.url)),
    // Where the command was typed: npm runs scripts in the project's folder.
    folder: process.env.INIT_CWD ?? process.cwd(),
    print: (line) => console.log(line),
  });
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 1;
}
