import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { RelaisError } from '../src/core/errors.ts';
import { runKeys } from './box/command.ts';
import { readConfig } from './config.ts';
import { sentenceOf } from './sentence.ts';

/** Entry of `npm run keys -- VERB`: makes, shows, changes, prints and restores the keys of the box. */

/** As many signs as a spare's letters have, besides blanks and dashes. */
const SIGNS = 70;

const type = async (question: string): Promise<string> => {
  if (process.stdin.isTTY) console.error(question);
  let text = '';
  for await (const line of createInterface({ input: process.stdin })) {
    text += `${line}\n`;
    const signs = text.replace(/(^|\s)\d{1,2}[.)](?=\s|$)/g, '').replace(/[\s-]/g, '').length;
    if (signs >= SIGNS || (line.trim() === '' && text.trim() !== '' && process.stdin.isTTY)) break;
  }
  return text;
};

try {
  process.umask(0o077);
  await runKeys(process.argv.slice(2), {
    dataDir: readConfig(process.env).dataDir,
    // Where the command was typed: npm runs scripts in the project's folder.
    folder: process.env.INIT_CWD ?? process.cwd(),
    now: Date.now(),
    print: (line) => console.log(line),
    diskOf: (folder) => statSync(folder).dev,
    type,
  });
} catch (error) {
  const sentence =
    error instanceof RelaisError
      ? `The roots in keys/ do not follow from one another (${error.code}). Restore keys/root-1.json and its followers from a backup.`
      : sentenceOf(error);
  console.error(sentence);
  process.exitCode = 1;
}
process.stdin.unref?.();
