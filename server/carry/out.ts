import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { CarriedFile } from '../../src/core/carry/files.ts';
import { blobFile, HEAD, HUBS, packPath, rootFile } from '../../src/core/carry/paths.ts';
import { neededShelves } from '../../src/core/protocol/head.ts';
import { History } from '../publish/history.ts';
import { currentTree } from '../publish/tree.ts';
import { readSite } from '../publish/write-tree.ts';

/** What of a hub's tree is carried: the same for one that publishes and one that mirrors. */
export interface OutWish {
  /** Languages; undefined: all. */
  readonly shelves: readonly string[] | undefined;
  readonly media: boolean;
}

/** The languages that go, those among them that stand in for gaps. Throws a sentence where one is not here. */
export const shelvesOut = (dataDir: string, wish: OutWish): readonly string[] => {
  const { seq, languages } = readSite(dataDir);
  const wanted = wish.shelves ?? languages;
  const missing = wanted.find((name) => !languages.includes(name));
  if (missing !== undefined)
    throw new Error(`There is no language "${missing}" here. There are: ${languages.join(', ')}.`);
  const needed = neededShelves(wanted, new History(dataDir).publication(seq).shelfTable ?? {});
  return needed.filter((name) => languages.includes(name));
};

/** Packs, the list of hubs, and pictures and recordings from `blobs`, the folder that has `/b/`. */
export function* treeFiles(dataDir: string, blobs: string, wish: OutWish): Generator<CarriedFile> {
  // One publication, whatever is published while a slow stick is written.
  const tree = realpathSync(currentTree(dataDir));
  const shelves = shelvesOut(dataDir, wish);
  const { root, shelves: rows } = new History(dataDir).publication(readSite(dataDir).seq);
  const roots = Array.from({ length: root }, (_, i) => rootFile(i + 1));
  for (const path of [HEAD, ...roots, ...shelves.map(packPath), HUBS])
    if (existsSync(join(tree, path))) yield { path, bytes: readFileSync(join(tree, path)) };
  if (!wish.media) return;
  const hashes = new Set(shelves.flatMap((name) => (rows[name] ?? []).flatMap((row) => row.blobs ?? [])));
  for (const hash of hashes)
    for (const path of [blobFile(hash), `${blobFile(hash)}.leaf`])
      if (existsSync(join(blobs, path))) yield { path, bytes: readFileSync(join(blobs, path)) };
}
