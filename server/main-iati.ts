import { readConfig } from './config.ts';
import { runIati } from './iati/command.ts';

/** Entry of `npm run iati -- check FILE` and `npm run iati -- import FILE [--into FOLDER] [--only IDENTIFIER]`. */
import { sentenceOf } from './sentence.ts';

try {
  const fine = runIati(process.argv.slice(2), {
    // Where the command was typed: npm runs scripts in the project's folder.
    folder: process.env.INIT_CWD ?? process.cwd(),
    contentDir: readConfig(process.env).contentDir,
    today: new Date().toISOString().slice(0, 10),
    print: (line) => console.log(line),
    complain: (line) => console.error(line),
  });
  if (!fine) process.exitCode = 1;
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 1;
}
