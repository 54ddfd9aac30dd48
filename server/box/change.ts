import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../publish/lock.ts';
import { syncFolder, writeDurably } from './files.ts';

/**
 * A change of several files in keys/ that is done whole or not at all. It is first written down in one file; from then on it is done,
 * and whoever opens the keys next carries it out where the power went in between. Carrying it out twice changes nothing.
 */
export interface KeyChange {
  /** Files by path in keys/, with their text. */
  readonly put: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

/** Public files in keys/; all others are for their owner only. */
const isPublic = (name: string): boolean => /^root-\d+\.json$/.test(name);

/** Folder for keys that were replaced. */
export const FORMER = 'former';
const isFormer = (name: string): boolean => name.startsWith(`${FORMER}/`);

const folderOf = (dataDir: string): string => join(dataDir, 'keys');
const journalOf = (dataDir: string): string => join(folderOf(dataDir), 'change.json');

/** Makes a change. Only for who holds the lock of the data folder. */
export const commitChange = (dataDir: string, change: KeyChange): void => {
  writeDurably(journalOf(dataDir), JSON.stringify(change), 0o600);
  carryOut(dataDir);
};

/** Carries out what was written down, if anything was. Only for who holds the lock of the data folder. */
export const carryOut = (dataDir: string): void => {
  const journal = journalOf(dataDir);
  if (existsSync(journal)) {
    const { put, remove } = JSON.parse(readFileSync(journal, 'utf8')) as KeyChange;
    // Keys that were replaced are put away before others take their place: whoever looks in between finds each somewhere.
    const first = Object.entries(put).sort(([a], [b]) => Number(isFormer(b)) - Number(isFormer(a)));
    for (const [name, text] of first) writeDurably(join(folderOf(dataDir), name), text, isPublic(name) ? 0o644 : 0o600);
    for (const name of remove) rmSync(join(folderOf(dataDir), name), { force: true });
    if (remove.length > 0) syncFolder(folderOf(dataDir));
    rmSync(journal, { force: true });
    syncFolder(folderOf(dataDir));
  }
  // What was being written when the power went: secrets that nobody needs. The first keys of a box and its code are made without the lock.
  if (!existsSync(join(folderOf(dataDir), 'root-1.json'))) return;
  for (const name of readdirSync(folderOf(dataDir)))
    if (/^(?!operator-code).*\.\d+\.new$/.test(name)) rmSync(join(folderOf(dataDir), name), { force: true });
};

/** As `carryOut`, for who does not hold the lock. */
export const finishChange = async (dataDir: string): Promise<void> => {
  if (existsSync(journalOf(dataDir))) await withLock(dataDir, async () => carryOut(dataDir));
};
