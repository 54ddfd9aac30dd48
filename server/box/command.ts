import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRoot, type SignedRoot } from '../../src/core/protocol/root.ts';
import { ConfigError } from '../config.ts';
import { withLock } from '../publish/lock.ts';
import {
  type Asked,
  askedOf,
  freshOf,
  lentKeys,
  only,
  pathIn,
  printAll,
  rootFile,
  type Surroundings,
  USAGE,
  wholeOf,
} from './asked.ts';
import { adopt, make, sayLacking, sign } from './by-many.ts';
import { carryOut, commitChange } from './change.ts';
import { openDataFolder } from './data-folder.ts';
import { changeHubs, request } from './delegations.ts';
import { offline, online } from './elsewhere.ts';
import { checkChain, readRoots, seedText } from './keys.ts';
import {
  type BoxState,
  type Draft,
  openBox,
  propose,
  ROLES,
  type RoleName,
  rootText,
  type Secret,
  secretOf,
  signAndInstall,
  stateOf,
} from './next-root.ts';
import { readLetters, whatIsWrong } from './paper.ts';
import { showLines } from './show.ts';
import { isOnSameDisk, secretTarget, targetIn } from './target.ts';
import { holders, requireNamed, restore, rotate, spare, type VerbPorts } from './verbs.ts';

/** `npm run keys`: what is typed, under the lock of the data folder, and the sentences that come of it. */

/** Runs a verb. Throws a sentence where nothing was changed. */
export const runKeys = async (args: readonly string[], around: Surroundings): Promise<void> => {
  const asked = askedOf(args);
  openDataFolder(around.dataDir);
  if (asked.verb === 'make') return make(asked, around);
  // Letters are typed before the lock is taken: nobody waits for a slow hand.
  const letters = await lettersFor(asked, around);
  await withLock(around.dataDir, () => run(asked, around, letters));
};

const run = async (asked: Asked, around: Surroundings, letters: Secret | undefined): Promise<void> => {
  const { dataDir, print } = around;
  switch (asked.verb) {
    case 'show':
      return printAll(print, showLines(await openBox(dataDir), around.now));
    case 'offline':
      return offline(await openBox(dataDir), rootFile(asked), around);
    case 'online':
      return online(await openBox(dataDir), pathIn(around, rootFile(asked)), around);
    case 'sign':
      return sign(asked, around, letters);
    case 'adopt':
      return adopt(await openBox(dataDir), pathIn(around, only(asked, 'FILE')), around);
    case 'request':
      return request(around);
    case 'delegate':
    case 'revoke':
      return changeHubs(await openBox(dataDir), asked, around);
    case 'propose': {
      const [file, ...rest] = asked.words;
      if (file === undefined) throw new ConfigError(USAGE);
      return proposeTo(
        targetIn(around, file),
        { ...asked, verb: rest[0] ?? '', words: rest.slice(1) },
        around,
        letters,
      );
    }
    default: {
      const state = await stateFor(asked, around);
      const draft = await draftOf(asked, around, state, letters);
      if (!draft) return;
      await signAndInstall(state, draft);
      return printAll(print, draft.words);
    }
  }
};

const proposeTo = async (
  path: string,
  asked: Asked,
  around: Surroundings,
  letters: Secret | undefined,
): Promise<void> => {
  const known = ['spare', 'restore', 'rotate', 'holders'];
  if (!known.includes(asked.verb))
    throw new ConfigError(`After the file comes one of ${known.join(', ')}.\n\n${USAGE}`);
  const state = await stateFor(asked, around);
  const draft = await draftOf(asked, around, state, letters);
  if (!draft) return;
  const document = propose(state, draft, path);
  around.print(`Root ${draft.body.n} is proposed in ${path}. Nothing has changed yet.`);
  await sayLacking(state, document, around, path);
};

/** The change of keys that a verb asks for; undefined where it is done without a new root. */
const draftOf = async (
  asked: Asked,
  around: Surroundings,
  state: BoxState,
  letters: Secret | undefined,
): Promise<Draft | undefined> => {
  const { verb, words, options } = asked;
  const today = new Date(around.now).toISOString().slice(0, 10);
  const ports: VerbPorts = { state, lent: lentKeys(asked, around), today };
  const threshold = wholeOf('threshold', options.threshold);
  if (verb === 'rotate') {
    const name = only(asked, 'word: publisher, hub or root') as RoleName;
    if (!ROLES.includes(name)) throw new ConfigError(`There is no key "${name}": say publisher, hub or root.`);
    return rotate(ports, name);
  }
  if (verb === 'spare') return spare(ports, pageIn(around, only(asked, 'FILE')), threshold);
  if (words.length > 0) throw new ConfigError(`"${verb}" has no "${words[0]}".\n\n${USAGE}`);
  if (verb === 'holders') return holders(ports, { add: options.add ?? [], drop: options.drop ?? [], threshold });
  if (verb !== 'restore' || !letters) throw new ConfigError(USAGE);
  if (!options['as-root'])
    return restore(ports, { paper: letters, fresh: freshOf(options.new), keep: options.keep ?? [], threshold });
  requireNamed(state, letters);
  commitChange(around.dataDir, { put: { 'root.key': seedText(letters.seed) }, remove: [] });
  around.print(
    `The box has the root key ${letters.key.id} again. "npm run keys -- rotate root" makes a new one in its place.`,
  );
  return undefined;
};

/** Where the page of a spare goes. */
const pageIn = (around: Surroundings, file: string): string => {
  const path = secretTarget(around, file);
  if (!/\.(html|txt)$/.test(path))
    throw new ConfigError(`${path} has to end with .html or .txt: it is a page to print.`);
  if (isOnSameDisk(around, path))
    around.print(
      `${path} is on the same disk as the data folder. Is a stick meant, and is it mounted? Until the file is deleted, whoever takes the box has the spare.`,
    );
  return path;
};

/** The box; an empty one is given the library's roots first. */
const stateFor = async (asked: Asked, around: Surroundings): Promise<BoxState> => {
  const { dataDir } = around;
  const from = asked.options.roots;
  if (asked.verb !== 'restore') return openBox(dataDir);
  mkdirSync(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
  carryOut(dataDir);
  const roots = await readRoots(dataDir);
  if (from !== undefined) {
    const given = await rootsIn(pathIn(around, from));
    const known = roots.every((root, i) => given[i] === undefined || JSON.stringify(root) === JSON.stringify(given[i]));
    if (!known)
      throw new ConfigError(`The roots in ${from} are of another library than this box's. Nothing was changed.`);
    if (given.length > roots.length) {
      const put = given.slice(roots.length).map((root) => [`root-${root.signed.n}.json`, rootText(root)] as const);
      commitChange(dataDir, { put: Object.fromEntries(put), remove: [] });
      return stateOf(dataDir, given);
    }
  }
  if (roots.length === 0)
    throw new ConfigError(
      'This box does not know the library: it has no keys/root-1.json. Take it from a backup, or name a folder with the roots: --roots FOLDER, such as c/root of a copy of the published tree. They are no secret: any hub of the library gives them out, at /c/root/1.json, /c/root/2.json and so on.',
    );
  return stateOf(dataDir, roots);
};

const rootsIn = async (folder: string): Promise<readonly SignedRoot[]> => {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const roots: SignedRoot[] = [];
  const wrong = (): never => {
    throw new ConfigError(
      `The roots in ${folder} are damaged, or do not follow from one another. Take another copy of them.`,
    );
  };
  for (let n = 1; ; n++) {
    const name = [`${n}.json`, `root-${n}.json`].find((one) => names.includes(one));
    if (name === undefined) break;
    try {
      roots.push(parseRoot(new Uint8Array(readFileSync(join(folder, name)))));
    } catch {
      wrong();
    }
  }
  if (roots.length === 0) throw new ConfigError(`The folder ${folder} has no 1.json or root-1.json.`);
  await checkChain(roots).catch(wrong);
  return roots;
};

/** The key of a paper, typed or from a file, where the verb needs one. */
const lettersFor = async (asked: Asked, around: Surroundings): Promise<Secret | undefined> => {
  const verb = asked.verb === 'propose' ? asked.words[1] : asked.verb;
  const bySpare = verb === 'sign' && !asked.options['root-key'] && !existsSync(join(around.dataDir, 'keys/root.key'));
  if (verb !== 'restore' && !bySpare) return undefined;
  const { file } = asked.options;
  const path = file === undefined ? undefined : pathIn(around, file);
  if (path !== undefined && !existsSync(path)) throw new ConfigError(`There is no file ${path}.`);
  const text =
    path === undefined
      ? await around.type('Type the 14 groups of the spare key; blanks and line ends do not matter:')
      : readFileSync(path, 'utf8');
  const reading = readLetters(text);
  if ('seed' in reading) return secretOf(reading.seed);
  throw new ConfigError(`${whatIsWrong(reading)} Nothing was changed.`);
};
