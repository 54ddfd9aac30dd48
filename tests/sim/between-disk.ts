import { cpSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { switchLink } from '../../server/box/files.ts';
import { openDatabaseFile } from '../../server/hub/database.ts';
import { openMirrorDatabase } from '../../server/mirror/mirror-database.ts';
import { currentTree, TreeWriter } from '../../server/publish/tree.ts';
import type { Edition, Stage } from './stage.ts';

/** What a hub in between keeps on its disk: two databases, and the folder with its trees. */

/** The machine stops while a tree is being written. */
export class Died extends Error {}

/** Both databases are made once a hub and process, and emptied. */
const free: { readonly mirror: DatabaseSync; readonly answers: DatabaseSync }[] = [];

const emptied = (database: DatabaseSync): DatabaseSync => {
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('sqlite_sequence')")
    .all() as unknown as { readonly name: string }[];
  database.exec('PRAGMA foreign_keys = OFF');
  for (const { name } of tables) database.exec(`DELETE FROM ${name}`);
  return database;
};

export class BetweenDisk {
  readonly dataDir: string;
  readonly mirror: DatabaseSync;
  /** `hub.sqlite`. */
  readonly answers: DatabaseSync;
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
    const { mirror, answers } = free.pop() ?? {
      mirror: openMirrorDatabase(':memory:'),
      answers: openDatabaseFile(':memory:'),
    };
    this.mirror = emptied(mirror);
    this.answers = emptied(answers);
    this.dataDir = mkdtempSync(join(stage.folder, 'between-'));
  }

  /** Number of the newest publication that is served; 0 where there is none. */
  seq(): number {
    const file = join(currentTree(this.dataDir), 'site.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { readonly seq: number }).seq : 0;
  }

  /** The tree before is the one that is served, as on a card that was copied back. False: there is none. */
  goBack(): boolean {
    const link = currentTree(this.dataDir);
    const before = existsSync(link) ? String(Number(readlinkSync(link)) - 1) : '';
    if (!existsSync(join(this.dataDir, 'tree', before, 'site.json'))) return false;
    switchLink(link, before);
    return true;
  }

  /** All of the library is taken away, and the answers stay: what an operator does who was led to another library. */
  wipe(): void {
    emptied(this.mirror);
    for (const name of ['tree', 'history', 'cache']) rmSync(join(this.dataDir, name), { recursive: true, force: true });
  }

  /** What writes its trees. `dies`: after so many files. */
  writer(edition: Edition | undefined, day: string, dies: number): DiskWriter {
    return new DiskWriter(this.dataDir, dies, edition && new Pages(this.#stage, edition, day));
  }

  /** Gives the databases back. */
  close(): void {
    free.push({ mirror: this.mirror, answers: this.answers });
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

const PAGE_KEYS = 'pages.json';

/** The pages of a publication on a day, made once a process: rendered and compressed, they take longer than all else of a run. */
class Pages {
  readonly #folder: string;

  readonly #own: string;

  constructor(stage: Stage, { folder, tableHash }: Edition, day: string) {
    this.#own = join(stage.folder, 'pages', `${tableHash}-${day}`);
    this.#folder = existsSync(this.#own) ? this.#own : folder;
  }

  read(path: string): Buffer | undefined {
    const file = join(this.#folder, path);
    return existsSync(file) ? readFileSync(file) : undefined;
  }

  /** Puts them below `tree`; false where one of them is not known. */
  take(paths: readonly string[], tree: string): boolean {
    if (!paths.every((path) => existsSync(join(this.#folder, path)))) return false;
    for (const path of paths) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      linkSync(join(this.#folder, path), join(tree, path));
    }
    return true;
  }

  /** Remembers those of a tree that is whole. */
  keep(tree: string): void {
    if (this.#folder === this.#own) return;
    for (const path of ['p', PAGE_KEYS]) cpSync(join(tree, path), join(this.#own, path), { recursive: true });
  }
}

/** Takes pages over that were made before, in this run or another. */
export class DiskWriter extends TreeWriter {
  readonly number: number;
  readonly #tree: string;
  readonly #pages: Pages | undefined;
  readonly #busy = new Set<Promise<unknown>>();
  #left: number;

  constructor(home: string, dies: number, pages: Pages | undefined) {
    super(home);
    const link = currentTree(home);
    this.number = Number(existsSync(link) ? readlinkSync(link) : 0) + 1;
    this.#tree = join(home, 'tree', String(this.number));
    this.#left = dies;
    this.#pages = pages;
  }

  override async put(path: string, data: string | Uint8Array): Promise<boolean> {
    // Whether a page was made before must not change what happens: it counts for none.
    const isPage = path.startsWith('p/') || path === PAGE_KEYS;
    if (!isPage && --this.#left < 0) throw new Died();
    const work = super.put(path, data);
    this.#busy.add(work);
    return work;
  }

  override before(path: string): Buffer | undefined {
    return (path === PAGE_KEYS ? this.#pages?.read(path) : undefined) ?? super.before(path);
  }

  override keepAll(files: readonly (readonly [path: string, hash: string])[]): boolean {
    const paths = files.map(([path]) => path);
    return this.#pages?.take(paths, this.#tree) === true || super.keepAll(files);
  }

  override finish(): void {
    super.finish();
    this.#pages?.keep(this.#tree);
    if (this.#left === 0) throw new Died();
  }

  /** Once nothing of it is being written any more. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#busy);
  }
}
