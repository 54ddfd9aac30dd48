import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { syncFolder, writeSyncedLater } from '../box/files.ts';
import { sideBySide } from './many-files.ts';
import type { Site } from './write-tree.ts';

/**
 * A published tree and the app as one folder for any web server.
 *
 * Invariants: the folder is seen whole or not at all; what did not change keeps its time, so that a copy takes only what is new; hashed files of the
 * last three builds stay, so that pages which are open go on.
 */
export interface StaticInput {
  /** `tree/current` of the static publication. */
  readonly treeDir: string;
  /** The app built for a host without a hub. */
  readonly appDir: string;
  /** The folder to write. */
  readonly out: string;
  readonly site: Pick<Site, 'languages'>;
}

/** A folder that is not ours, and would be lost. */
export class NotOurs extends Error {}

const KEPT = 3;
/** What tells a folder of ours: the hashed files of its builds, the newest first. */
const MARK = '.relais.json';
const marks = v.object({ builds: v.array(v.array(v.string())) });

/** Writes the folder. Throws `NotOurs` where something else stands there; what was there before stays until the new one is whole. */
export const writeStaticFolder = async ({ treeDir, appDir, out, site }: StaticInput): Promise<void> => {
  const [next, old] = [`${out}.new`, `${out}.old`];
  // Cut in the middle of the last switch.
  if (!existsSync(out) && existsSync(old)) renameSync(old, out);
  const builds = buildsOf(out);
  const own = filesIn(join(appDir, 'assets'));
  const all = [own, ...builds.filter((build) => !isSame(build, own))].slice(0, KEPT);

  const files = new Map<string, () => Uint8Array>();
  const add = (path: string, from: string): void => {
    files.set(path, () => readFileSync(from));
  };
  // What older builds still have of them.
  for (const name of all.slice(1).flat()) {
    const from = join(out, 'assets', name);
    if (existsSync(from)) add(`assets/${name}`, from);
  }
  for (const name of filesIn(appDir)) {
    const path = appPath(name);
    if (path !== undefined) add(path, join(appDir, name));
  }
  for (const name of filesIn(treeDir)) for (const path of treePaths(name, site)) add(path, join(treeDir, name));
  // GitHub would else run the pages through a program of its own.
  files.set('.nojekyll', () => new Uint8Array(0));
  files.set(MARK, () => Buffer.from(JSON.stringify({ builds: all })));

  rmSync(next, { recursive: true, force: true });
  const folders = new Set([next, ...[...files.keys()].map((path) => dirname(join(next, path)))]);
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  await sideBySide([...files], ([path, read]) => put(join(next, path), join(out, path), read()));
  for (const folder of folders) syncFolder(folder);
  rmSync(old, { recursive: true, force: true });
  if (existsSync(out)) renameSync(out, old);
  renameSync(next, out);
  syncFolder(dirname(out));
  rmSync(old, { recursive: true, force: true });
};

/** Writes a file, or takes the one from before where it is the same. */
const put = async (path: string, before: string, data: Uint8Array): Promise<void> => {
  if (existsSync(before) && readFileSync(before).equals(data)) linkSync(before, path);
  else await writeSyncedLater(path, data);
};

/** Hashed files of the builds that stand in a folder. */
const buildsOf = (out: string): readonly (readonly string[])[] => {
  if (!existsSync(out) || readdirSync(out).length === 0) return [];
  const mark = join(out, MARK);
  if (!existsSync(mark))
    throw new NotOurs(`${out} has other files, and would be replaced as a whole: name another folder with --out.`);
  try {
    return v.parse(marks, JSON.parse(readFileSync(mark, 'utf8'))).builds;
  } catch {
    return [];
  }
};

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.join('\n') === b.join('\n');

/** Files below a folder, by path, sorted. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

/** An ending that says how a twin is compressed. */
const TWIN = '(?:\\.br|\\.gz)?';
const SHELL = new RegExp(`^index\\.html(${TWIN})$`);
const PAGE = new RegExp(`^p/([^/]+)/(.+)\\.html(${TWIN})$`);
/** What the build leaves for the publisher. */
const NOT_SERVED = /^(\.vite\/|files\.json$|README\.md$)/;

const appPath = (name: string): string | undefined => {
  if (NOT_SERVED.test(name)) return undefined;
  const [, twin] = SHELL.exec(name) ?? [];
  return twin === undefined ? name : `shell/index.html${twin}`;
};

/** Where a file of the tree stands: pages in a folder each, since not every host finds `pump.html` when `/fr/pump` is asked for. */
const treePaths = (name: string, { languages: [first] }: Pick<Site, 'languages'>): readonly string[] => {
  if (/^(c|b|iati)\//.test(name)) return [name];
  const [, lang = '', page = '', twin = ''] = PAGE.exec(name) ?? [];
  // The tree's notes for the hub.
  if (page === '') return [];
  if (page === '-/missing') return lang === first ? [`404.html${twin}`] : [];
  if (page !== 'index') return [`${lang}/${page}/index.html${twin}`];
  // There is nobody who could choose by the browser's languages: the first one, with links to the others.
  return [`${lang}/index.html${twin}`, ...(lang === first ? [`index.html${twin}`] : [])];
};
