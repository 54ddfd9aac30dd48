import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../config.ts';
import { readSeedFile } from './keys.ts';
import { ROLES, type RoleName, type Secret, secretOf } from './next-root.ts';

/** What somebody asks of `npm run keys`: verbs, words and options, refused where they are not known. */

export const USAGE = `npm run keys -- VERB

show                        which keys there are, what each is for, and where it lies
spare FILE                  makes a spare root key, as a page to print (.html or .txt)
restore                     takes the letters of a spare, and makes new keys in the place of lost or stolen ones
  --new all|root,publisher,hub   which ones; else those that are missing
  --file FILE                    the letters lie in a file; else they are typed
  --roots FOLDER                 for an empty box: the library's roots, such as c/root of a copy of its tree
  --keep ID                      another root key that goes on counting
  --as-root                      no new keys: the box gets the spare itself as its root key
rotate publisher|hub|root   makes a new key in the place of one that is in use
offline root FILE           moves the root key from the box to a file, on a stick
online root FILE            takes it back
holders                     who has root keys: --add PUBLIC_KEY, --drop KEY_ID, --threshold N
make FILE                   makes a root key for somebody who is to sign, on that person's own machine
propose FILE VERB ...       writes the next root of rotate, spare, restore or holders to a file, for others to sign
sign FILE                   signs such a file with --root-key PATH, this box's root key, or a spare's letters
adopt FILE                  checks such a file, and puts it in force
request                     the public key of this hub in between, for the library that it passes answers on to
delegate PUBLIC_KEY --name "..." [--until YYYY-MM-DD]    lets a hub speak for this library
revoke NAME                 takes that back

--threshold N    for spare, restore and holders: how many root keys have to sign the next root
--root-key PATH  a root key that lies in a file; may be said more than once
--after N        for delegate and revoke, after restoring an old copy: the list's number is above N`;

/** What the command knows of where it runs. */
export interface Surroundings {
  readonly dataDir: string;
  /** From where files are named. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly print: (line: string) => void;
  /** The number of the file system that a folder is on. */
  readonly diskOf: (folder: string) => number;
  /** What somebody types, up to the 70 signs of a spare or an empty line. */
  readonly type: (question: string) => Promise<string>;
}

interface Options {
  readonly 'root-key'?: readonly string[];
  readonly new?: string;
  readonly file?: string;
  readonly roots?: string;
  readonly keep?: readonly string[];
  readonly 'as-root'?: true;
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
  readonly threshold?: string;
  readonly name?: string;
  readonly until?: string;
  readonly after?: string;
}
type OptionName = keyof Options;

/** What follows each: nothing, a value, or a value each time that it is said. */
const OPTIONS: Readonly<Record<OptionName, 'none' | 'one' | 'many'>> = {
  'root-key': 'many',
  new: 'one',
  file: 'one',
  roots: 'one',
  keep: 'many',
  'as-root': 'none',
  add: 'many',
  drop: 'many',
  threshold: 'one',
  name: 'one',
  until: 'one',
  after: 'one',
};

const isOption = (arg: string | undefined): boolean =>
  arg?.startsWith('--') === true && Object.hasOwn(OPTIONS, arg.slice(2));
/** A public key or a key's id: one in 64 begins with a dash. */
const isKey = (arg: string): boolean => /^([\w-]{43}|[\w-]{11})$/.test(arg);

const parsed = (args: readonly string[]): { readonly words: readonly string[]; readonly options: Options } => {
  const words: string[] = [];
  const options: Record<string, true | string | string[]> = {};
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!isOption(arg)) {
      if (arg.startsWith('-') && !isKey(arg)) throw new ConfigError(`There is no ${arg}.\n\n${USAGE}`);
      words.push(arg);
      continue;
    }
    const name = arg.slice(2) as OptionName;
    if (OPTIONS[name] === 'none') {
      options[name] = true;
      continue;
    }
    const value = args[++i];
    if (value === undefined || value === '' || isOption(value))
      throw new ConfigError(`${arg} needs a value.\n\n${USAGE}`);
    options[name] = OPTIONS[name] === 'many' ? [...((options[name] as string[] | undefined) ?? []), value] : value;
  }
  return { words, options };
};

/** Which options a verb knows: a word that would be passed over in silence is refused. */
const KNOWN: Readonly<Record<string, readonly OptionName[]>> = {
  show: [],
  spare: ['threshold', 'root-key'],
  restore: ['new', 'file', 'roots', 'keep', 'as-root', 'threshold', 'root-key'],
  rotate: ['root-key'],
  offline: [],
  online: [],
  holders: ['add', 'drop', 'threshold', 'root-key'],
  make: [],
  sign: ['root-key', 'file'],
  adopt: [],
  request: [],
  delegate: ['name', 'until', 'after'],
  revoke: ['after'],
};

export interface Asked {
  readonly verb: string;
  readonly words: readonly string[];
  readonly options: Options;
}

export const askedOf = (args: readonly string[]): Asked => {
  const { words: all, options } = parsed(args);
  const [verb = '', ...words] = all;
  const asking = verb === 'propose' ? (words[1] ?? '') : verb;
  const known = Object.hasOwn(KNOWN, asking) ? KNOWN[asking] : undefined;
  if (verb !== 'propose' && !known)
    throw new ConfigError(verb === '' ? USAGE : `There is no verb "${verb}".\n\n${USAGE}`);
  const stray = known && Object.keys(options).find((name) => !known.includes(name as OptionName));
  if (stray !== undefined)
    throw new ConfigError(`"${all.slice(0, verb === 'propose' ? 3 : 1).join(' ')}" has no --${stray}.\n\n${USAGE}`);
  return { verb, words, options };
};

export const printAll = (print: (line: string) => void, lines: readonly string[]): void => {
  for (const line of lines) print(line);
};

export const pathIn = ({ folder }: Surroundings, path: string): string => resolve(folder, path);

export const only = ({ verb, words }: Asked, what: string): string => {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0) throw new ConfigError(`"${verb}" needs one ${what}.\n\n${USAGE}`);
  return word;
};

export const rootFile = ({ verb, words }: Asked): string => {
  const [role, file, ...more] = words;
  if (role !== 'root' || file === undefined || more.length > 0)
    throw new ConfigError(`Say "npm run keys -- ${verb} root FILE": only the root key can lie elsewhere.`);
  return file;
};

export const wholeOf = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new ConfigError(`--${name} needs a whole number from 1.`);
  return value;
};

export const lentKeys = ({ options }: Asked, around: Surroundings): readonly Secret[] =>
  (options['root-key'] ?? []).map((path) => secretOf(keyFrom(pathIn(around, path))));

export const keyFrom = (path: string): Uint8Array => {
  if (!existsSync(path)) throw new ConfigError(`There is no file ${path}.`);
  return readSeedFile(path);
};

export const freshOf = (text: string | undefined): readonly RoleName[] | undefined => {
  if (text === undefined) return undefined;
  if (text === 'all') return ROLES;
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !ROLES.some((role) => role === name));
  if (wrong !== undefined) throw new ConfigError(`--new ${text}: "${wrong}" is none of all, root, publisher, hub.`);
  return ROLES.filter((role) => names.includes(role));
};
