import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { codeOf, RelaisError } from '../../src/core/errors.ts';
import { languageTag } from '../../src/core/protocol/shapes.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { openKeys, relayKey } from '../box/keys.ts';
import { ServingKeys } from '../box/serving.ts';
import type { Config } from '../config.ts';
import { AnswerStore } from '../hub/answer-store.ts';
import { openDatabase } from '../hub/database.ts';
import { CentreDesk } from '../hub/desk.ts';
import { createLog } from '../log.ts';
import { openMirrorStores } from '../mirror/open-mirror.ts';
import { RelayDesk } from '../mirror/relay-desk.ts';
import { currentTree, mirrorFile } from '../publish/tree.ts';
import { sentenceOf } from '../sentence.ts';
import { withArchive, writeArchive } from './archive-file.ts';
import type { AnswersTaken } from './in.ts';
import { type Outgoing, type OutWish, outOfCentre, outOfMirror } from './out.ts';
import { takeAtCentre, takeAtMirror } from './take-in.ts';

/** `npm run carry`: a library, answers and receipts to a file and from one, for a stick. A hub may run meanwhile. */

export const USAGE = [
  'npm run carry -- out FILE [--shelves fr,ha] [--no-media]   writes library, answers and receipts to a file for a stick',
  'npm run carry -- in FILE                                   takes what is in such a file',
].join('\n');

/** A hub that has news under way is waited for. */
const LONGEST_WAIT_MS = 5 * 60_000;

export interface CarrySurroundings {
  readonly config: Config;
  readonly appDir: string;
  /** Files are named from here. */
  readonly folder: string;
  readonly print: (line: string) => void;
}

/** Runs what was typed. Throws a sentence. */
export const runCarry = async (args: readonly string[], around: CarrySurroundings): Promise<void> => {
  const { verb, path, wish } = askedOf(args, around.folder);
  const { dataDir, upstream } = around.config;
  const isMirror = upstream !== undefined || existsSync(mirrorFile(dataDir));
  if (!isMirror && !existsSync(currentTree(dataDir)))
    throw new Error(
      `Nothing is published in ${dataDir} yet: run "npm start" first, or name the library's address with UPSTREAM.`,
    );
  if (verb === 'out' && !existsSync(currentTree(dataDir)))
    throw new Error('No library has come here yet: there is nothing to carry.');
  if (verb === 'out') await (isMirror ? writeMirror : writeCentre)(around, path, wish);
  else await said(around, path, isMirror ? intoMirror : intoCentre);
};

const askedOf = (
  args: readonly string[],
  folder: string,
): { readonly verb: 'in' | 'out'; readonly path: string; readonly wish: OutWish } => {
  const parsed = parse(args);
  const [verb, file, ...more] = parsed?.positionals ?? [];
  const shelves = parsed?.values.shelves?.split(',').map((name) => name.trim());
  const isWrong = more.length > 0 || shelves?.some((name) => !v.is(languageTag, name));
  if (!parsed || (verb !== 'in' && verb !== 'out') || file === undefined || isWrong) throw new Error(USAGE);
  return {
    verb,
    path: isAbsolute(file) ? file : join(folder, file),
    wish: { shelves, media: !parsed.values['no-media'] },
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { shelves: { type: 'string' }, 'no-media': { type: 'boolean' } },
    });
  } catch {
    return undefined;
  }
};

const writeCentre = async (around: CarrySurroundings, path: string, wish: OutWish): Promise<void> => {
  const { dataDir } = around.config;
  const { hub } = new ServingKeys(dataDir).current();
  const answers = openAnswers(dataDir);
  try {
    const out = outOfCentre({ dataDir, hub, answers }, wish);
    await write(around, path, out);
    around.print(`Receipts: ${out.counts.receipts}`);
  } finally {
    answers.close();
  }
};

const writeMirror = async (around: CarrySurroundings, path: string, wish: OutWish): Promise<void> => {
  const { dataDir } = around.config;
  const stores = openMirrorStores(dataDir);
  try {
    const out = outOfMirror({ dataDir, ...stores }, wish);
    await write(around, path, out);
    around.print(`Answers: ${out.counts.answers}. Receipts: ${out.counts.receipts}.`);
  } finally {
    stores.close();
  }
};

const write = async ({ print }: CarrySurroundings, path: string, { shelves, files }: Outgoing): Promise<void> => {
  const bytes = await writeArchive(path, files);
  print(`Written: ${path} (${Math.ceil(bytes / 1000)} kB)`);
  print(`Languages: ${shelves.join(', ')}`);
};

const intoCentre = async ({ config, print }: CarrySurroundings, path: string): Promise<void> => {
  const { dataDir } = config;
  await openKeys(dataDir);
  const answers = openAnswers(dataDir);
  try {
    const desk = new CentreDesk(new ServingKeys(dataDir), answers, webPlatform);
    const taken = await withArchive(path, (archive) => takeAtCentre(webPlatform, desk, archive));
    sayAnswers(taken, print);
    if (taken.hasLibrary) print('The library in the file was left alone: this box publishes its own.');
  } finally {
    answers.close();
  }
};

const intoMirror = async ({ config, appDir, print }: CarrySurroundings, path: string): Promise<void> => {
  const { dataDir, upstream, logLevel } = config;
  const stores = openMirrorStores(dataDir);
  const { held, store } = stores;
  const desk = new RelayDesk({ held, platform: webPlatform, store, key: () => relayKey(dataDir), nudge: () => {} });
  const log = createLog(logLevel);
  const longestWait = LONGEST_WAIT_MS;
  try {
    const { library, answers, receipts, failure } = await withArchive(path, (archive) =>
      takeAtMirror({ platform: webPlatform, stores, desk, upstream, dataDir, appDir, log, longestWait }, archive),
    );
    if (library) {
      print(library.changed === 0 ? 'Library: nothing new' : `Library: ${library.changed} new or changed`);
      if (library.missing.length > 0) print(`Not whole here yet: ${library.missing.join(', ')}`);
      if (library.seq === undefined) print('No language is whole yet: what was served before still is.');
    }
    if (answers) sayAnswers(answers, print);
    print(`Receipts taken: ${receipts}`);
    if (library && library.media > 0) print(`Pictures and sounds: ${library.media} new`);
    if (failure !== undefined) throw failure;
  } finally {
    stores.close();
  }
};

const sayAnswers = ({ fresh, known, refused, isDamaged }: AnswersTaken, print: CarrySurroundings['print']): void => {
  print(`Answers: ${fresh} new, ${known} known${refused > 0 ? `, ${refused} refused` : ''}`);
  if (!isDamaged) return;
  print('Some answers in the file are damaged: write it once more where it came from.');
  process.exitCode = 1;
};

const openAnswers = (dataDir: string): AnswerStore => {
  const keys = new ServingKeys(dataDir);
  return new AnswerStore(openDatabase(dataDir), () => keys.current().openers);
};

/** Takes a file, or throws a sentence that says what is wrong with it. */
const said = async (
  around: CarrySurroundings,
  path: string,
  take: (around: CarrySurroundings, path: string) => Promise<void>,
): Promise<void> => {
  if (!existsSync(path)) throw new Error(`There is no file ${path}.`);
  try {
    await take(around, path);
  } catch (error) {
    if (!(error instanceof RelaisError)) throw error;
    const { part } = error.details;
    const what = part === undefined ? path : `${path} (${part})`;
    throw new Error(
      `${what}: ${WRONG[codeOf(error, 'malformed')] ?? `The file cannot be taken: ${sentenceOf(error)}`}`,
    );
  }
};

const WRONG: Readonly<Record<string, string>> = {
  malformed: 'This is no file of Relais, or it is damaged. Have it written once more.',
  tampered: 'The file is damaged or was changed. What is here stays as it is. Have it written once more.',
  truncated: 'The file was cut short while it was copied. Copy it once more.',
  'foreign-root':
    "The library in the file is signed by somebody else. This box's own stays as it is: bring a file of its own centre.",
  rollback: 'The library in the file is older than the one that is here, which stays as it is. Bring a newer file.',
  'too-new': 'The file is of a newer Relais: update this one.',
  busy: 'The hub is fetching its library now. Try again later, or stop it first.',
  'too-large': 'The file is larger than what Relais writes.',
};
