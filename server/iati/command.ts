import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { ConfigError } from '../config.ts';
import { counted, type Finding, isError, written } from './findings.ts';
import { importSheet } from './import-sheet.ts';
import { readIati } from './read-iati.ts';
import { writeFolders } from './sheet-folders.ts';
import { MAX_BYTES } from './xml.ts';

const USAGE = `npm run iati -- check FILE
npm run iati -- import FILE [--into FOLDER] [--only IDENTIFIER] [--collection ID]

check   says all that is wrong with an IATI activity file (2.01, 2.02, 2.03).
import  makes a sheet of each of its activities: a folder in the library's source, for a person to look at.
        With --collection they are in that collection of library.yml.`;

interface Asked {
  readonly command: 'check' | 'import';
  readonly file: string;
  readonly into: string | undefined;
  readonly only: string | undefined;
  readonly collection: string | undefined;
}

const askedOf = (args: readonly string[]): Asked => {
  const options = new Map<string, string>();
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--into' || arg === '--only' || arg === '--collection') {
      const value = args[++i];
      if (value === undefined || value === '') throw new ConfigError(`${arg} needs a value.\n\n${USAGE}`);
      options.set(arg, value);
    } else if (arg.startsWith('--')) throw new ConfigError(`There is no ${arg}.\n\n${USAGE}`);
    else words.push(arg);
  }
  const [command, file, ...more] = words;
  if ((command !== 'check' && command !== 'import') || file === undefined || more.length > 0)
    throw new ConfigError(USAGE);
  return {
    command,
    file,
    into: options.get('--into'),
    only: options.get('--only'),
    collection: options.get('--collection'),
  };
};

/** So many are read by a person; the count tells of the rest. */
const MOST_TOLD = 500;

/** What the command knows of where it runs. */
export interface Surroundings {
  /** From where paths are told. */
  readonly folder: string;
  readonly contentDir: string;
  /** `2026-11-24` */
  readonly today: string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** Runs `check` or `import`. Returns whether all is well; throws where it could not begin. */
export const runIati = (args: readonly string[], around: Surroundings): boolean => {
  const { command, file, into, only, collection } = askedOf(args);
  const { print, complain } = around;
  const tell = (findings: readonly Finding[]): void => {
    const first = [...findings.filter(isError), ...findings.filter((one) => !isError(one))].slice(0, MOST_TOLD);
    const shown = new Set(first);
    for (const finding of findings) if (shown.has(finding)) complain(written(finding));
    if (findings.length > MOST_TOLD) complain(`... and ${findings.length - MOST_TOLD} more.`);
  };
  const refuse = (findings: readonly Finding[]): false => {
    complain(`${file}: ${counted(findings)}.${command === 'import' ? ' Nothing was imported.' : ''}`);
    return false;
  };

  const read = readIati(bytesOf(resolve(around.folder, file)), { file, today: around.today });
  tell(read.findings);
  if (read.findings.some(isError)) return refuse(read.findings);
  if (command === 'check') {
    print(`${file}: ${read.activities.length} × activity, ${counted(read.findings)}.`);
    return true;
  }
  const wanted = read.activities.filter(({ identifier }) => only === undefined || identifier === only);
  if (wanted.length === 0) throw new ConfigError(`${file} has no activity "${only}".`);
  const content = into === undefined ? around.contentDir : resolve(around.folder, into);
  const library = libraryIn(content);
  if (collection !== undefined && library && !library.collections.includes(collection))
    throw new ConfigError(
      `The library has no collection "${collection}": name it in \`collections\` of ${join(content, 'library.yml')} first.`,
    );
  const options = { file: basename(file), generated: read.generated, languages: library?.languages, collection };
  const folders = wanted.map((activity) => importSheet(activity, options));
  const findings = folders.flatMap((one) => one.findings);
  tell(findings);
  if (findings.some(isError)) return refuse(findings);
  writeFolders(content, folders);
  for (const { id, files } of folders) print(`${join(content, id)}: ${[...files.keys()].join(', ')}`);
  print(`${folders.length} × sheet, ${counted([...read.findings, ...findings])}. Look at each before you publish.`);
  return true;
};

/** Languages and collections of the library, where there is one that says so: whether it is right is not for here to tell. */
const libraryIn = (
  content: string,
): { readonly languages: readonly string[] | undefined; readonly collections: readonly string[] } | undefined => {
  try {
    const { languages, collections } = parse(readFileSync(join(content, 'library.yml'), 'utf8')) as {
      languages?: unknown;
      collections?: object;
    };
    return {
      languages: Array.isArray(languages) ? languages.map(String) : undefined,
      collections: Object.keys(collections ?? {}),
    };
  } catch {
    return undefined;
  }
};

const bytesOf = (path: string): Uint8Array => {
  try {
    // One byte above the limit is enough to be told that there are too many.
    if (statSync(path).size > MAX_BYTES) return new Uint8Array(MAX_BYTES + 1);
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`);
  }
};
