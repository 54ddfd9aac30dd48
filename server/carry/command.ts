import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { readme } from '../../src/core/carry/armour.ts';
import { answerFiles, type CarriedFile, receiptsFile } from '../../src/core/carry/files.ts';
import { packedShelves } from '../../src/core/carry/paths.ts';
import { MOST_RECEIPTS } from '../../src/core/carry/take.ts';
import type { Archive } from '../../src/core/carry/transport.ts';
import { codeOf, RelaisError } from '../../src/core/errors.ts';
import { languageTag } from '../../src/core/protocol/shapes.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { COMPLETE } from '../../src/i18n/words.ts';
import { openKeys } from '../box/keys.ts';
import { ServingKeys } from '../box/serving.ts';
import type { Config } from '../config.ts';
import { AnswerStore } from '../hub/answer-store.ts';
import { openDatabase } from '../hub/database.ts';
import { type AnswerDesk, CentreDesk, receiptBy } from '../hub/desk.ts';
import { createLog } from '../log.ts';
import { writeMirrorTree } from '../mirror/mirror-tree.ts';
import { type MirrorStores, openMirrorStores } from '../mirror/open-mirror.ts';
import { RelayDesk } from '../mirror/relay-desk.ts';
import { locked } from '../publish/lock.ts';
import { viewContext } from '../publish/site.ts';
import { currentTree, mirrorFile, syncLock } from '../publish/tree.ts';
import { openArchive, writeArchive } from './archive-file.ts';
import { takeAnswers, takeLibrary, takeReceiptsIn } from './in.ts';
import { type OutWish, shelvesOut, treeFiles } from './out.ts';

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
  const run = verb === 'out' ? (isMirror ? outOfMirror : outOfCentre) : isMirror ? intoMirror : intoCentre;
  await run(around, path, wish);
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

type Run = (around: CarrySurroundings, path: string, wish: OutWish) => Promise<void>;

const outOfCentre: Run = async (around, path, wish) => {
  const { dataDir } = around.config;
  const { hub } = new ServingKeys(dataDir).current();
  const answers = openAnswers(dataDir);
  try {
    const receipts = answers.newest(MOST_RECEIPTS).map((answer) => receiptBy(hub, answer));
    await write(around, path, wish, currentTree(dataDir), [receiptsFile(receipts)]);
    around.print(`Receipts: ${receipts.length}`);
  } finally {
    answers.close();
  }
};

const outOfMirror: Run = async (around, path, wish) => {
  const stores = openMirrorStores(around.config.dataDir);
  try {
    const { held, blobs } = stores;
    const receipts = held.receipts(MOST_RECEIPTS);
    const { waiting } = held.counts();
    await write(around, path, wish, blobs.folder, [receiptsFile(receipts)], answerFiles(held.waiting()));
    around.print(`Answers: ${waiting}. Receipts: ${receipts.length}.`);
  } finally {
    stores.close();
  }
};

/** Library first, so that a file that was cut short while copying says so early. */
const write = async (
  { config, print }: CarrySurroundings,
  path: string,
  wish: OutWish,
  blobs: string,
  ...others: readonly (Iterable<CarriedFile> | AsyncIterable<CarriedFile>)[]
): Promise<void> => {
  const shelves = shelvesOut(config.dataDir, wish);
  const all = async function* (): AsyncGenerator<CarriedFile> {
    yield readme(COMPLETE.map((lang) => viewContext(lang).t('carry.readme')).join('\n\n'));
    yield* treeFiles(config.dataDir, blobs, wish);
    for (const files of others) yield* files;
  };
  const bytes = await writeArchive(path, all());
  print(`Written: ${path} (${Math.ceil(bytes / 1000)} kB)`);
  print(`Languages: ${shelves.join(', ')}`);
};

const intoCentre: Run = async ({ config, print }, path) => {
  const { dataDir } = config;
  await openKeys(dataDir);
  const answers = openAnswers(dataDir);
  try {
    await withArchive(path, async (archive) => {
      await answersInto(new CentreDesk(new ServingKeys(dataDir), answers, webPlatform), archive, print);
      await answers.openPending();
      if (packedShelves(archive.keys()).length > 0)
        print('The library in the file was left alone: this box publishes its own.');
    });
  } finally {
    answers.close();
  }
};

const intoMirror: Run = async (around, path) => {
  const { config, print } = around;
  const stores = openMirrorStores(config.dataDir);
  try {
    await withArchive(path, async (archive) => {
      // A file of another library must not keep answers and receipts back.
      const failure = await libraryInto(around, stores, archive).catch((error: unknown) => error);
      if (stores.store.state()) await answersInto(relayDesk(stores), archive, print);
      print(`Receipts taken: ${await takeReceiptsIn(webPlatform, stores, archive)}`);
      if (failure !== undefined) throw failure;
    });
  } finally {
    stores.close();
  }
};

const libraryInto = async (
  { config, appDir, print }: CarrySurroundings,
  stores: MirrorStores,
  archive: Archive,
): Promise<undefined> => {
  if (packedShelves(archive.keys()).length === 0) return;
  const { dataDir, upstream, logLevel } = config;
  const wish = { shelves: upstream?.shelves, media: upstream?.media ?? 'all' } as const;
  const ports = { platform: webPlatform, stores, wish, log: createLog(logLevel) };
  const work = async () => {
    const taken = await takeLibrary(ports, archive);
    // What no stick has brought yet must not keep the others back.
    const { whole: wanted, missing: keep } = taken;
    const tree = { dataDir, appDir, store: stores.store, wanted, keep, hubs: stores.store.hubs()?.list };
    const seq = wanted.length > 0 ? await writeMirrorTree(tree) : undefined;
    return { ...taken, seq };
  };
  const ran = await locked(syncLock(dataDir), LONGEST_WAIT_MS, work);
  if (!ran) throw new Error('The hub is fetching its library now. Try again later, or stop it first.');
  const { changed, missing, seq } = ran.result;
  print(changed === 0 ? 'Library: nothing new' : `Library: ${changed} new or changed`);
  if (missing.length > 0) print(`Not whole here yet: ${missing.join(', ')}`);
  if (seq === undefined) print('No language is whole yet: what was served before still is.');
};

const relayDesk = ({ held, store }: MirrorStores): AnswerDesk =>
  new RelayDesk({ held, platform: webPlatform, library: () => store.state(), nudge: () => {} });

const answersInto = async (desk: AnswerDesk, archive: Archive, print: (line: string) => void): Promise<void> => {
  const { fresh, known, refused, isDamaged } = await takeAnswers(webPlatform, archive, desk);
  print(`Answers: ${fresh} new, ${known} known${refused > 0 ? `, ${refused} refused` : ''}`);
  if (!isDamaged) return;
  print('Some answers in the file are damaged: write it once more where it came from.');
  process.exitCode = 1;
};

const openAnswers = (dataDir: string): AnswerStore => {
  const keys = new ServingKeys(dataDir);
  return new AnswerStore(openDatabase(dataDir), () => keys.current().openers);
};

const withArchive = async (path: string, work: (archive: Archive) => Promise<void>): Promise<void> => {
  if (!existsSync(path)) throw new Error(`There is no file ${path}.`);
  try {
    const { archive, close } = await openArchive(path);
    try {
      if (archive.size === 0) throw new RelaisError('malformed', { what: 'nothing of ours' });
      await work(archive);
    } finally {
      await close();
    }
  } catch (error) {
    if (!(error instanceof RelaisError)) throw error;
    throw new Error(WRONG[codeOf(error, 'malformed')] ?? `The file cannot be taken: ${error.message}.`);
  }
};

const WRONG: Readonly<Record<string, string>> = {
  malformed: 'This is no file of Relais, or it was cut short while it was copied. Copy it once more.',
  tampered: 'The file is damaged or was changed. What is here stays as it is.',
  truncated: 'The file is damaged or was changed. What is here stays as it is.',
  'foreign-root': "The library in the file is signed by somebody else. This box's own stays as it is.",
  rollback: 'The library in the file is older than the one that is here, which stays as it is.',
  'too-new': 'The file is of a newer Relais: update this one.',
  'too-large': 'The file is larger than what Relais writes.',
};
