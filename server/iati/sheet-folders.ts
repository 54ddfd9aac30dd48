import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { syncFolder, writeSynced } from '../box/files.ts';
import type { Finding } from './findings.ts';

/** An activity as a folder of the library: `item.yml` and a file for each language, by name. */
export interface SheetFolder {
  readonly id: string;
  readonly files: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

/** Ids that the library has taken for itself. */
const TAKEN = new Set(['centre', 'forms', 'index']);

/** An identifier as the name of a folder. */
export const idOf = (identifier: string): string => {
  const plain = identifier
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 64)
    .replace(/-$/, '');
  return plain === '' || TAKEN.has(plain) ? `iati-${plain}`.replace(/-$/, '') : plain;
};

/**
 * Writes folders into the library's source, each whole or not at all. Throws, and writes none, where one of them is
 * there already: what a person wrote is never written over.
 */
export const writeFolders = (into: string, folders: readonly SheetFolder[]): void => {
  const content = resolve(into);
  if (!existsSync(content)) throw new Error(`There is no folder ${into}: name the library's source with --into.`);
  const ids = new Set<string>();
  for (const { id } of folders) {
    if (ids.has(id))
      throw new Error(`Two activities would be the folder "${id}": import them one by one, with --only.`);
    ids.add(id);
    if (existsSync(join(content, id)))
      throw new Error(`${join(into, id)} is there already: it is not written over. Move it away first.`);
  }
  // Beside the library, so that one step brings each in, and a publication never sees half of one.
  const room = mkdtempSync(join(dirname(content), '.import-'));
  try {
    for (const { id, files } of folders) {
      mkdirSync(join(room, id));
      for (const [name, text] of files) writeSynced(join(room, id, name), text);
      syncFolder(join(room, id));
    }
    for (const { id } of folders) renameSync(join(room, id), join(content, id));
    syncFolder(content);
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
};
