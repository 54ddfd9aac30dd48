import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { History } from '../../server/publish/history.ts';
import { currentTree } from '../../server/publish/tree.ts';
import { readSite } from '../../server/publish/write-tree.ts';
import { fromUtf8 } from '../../src/core/protocol/bytes.ts';
import { addSheets } from '../support/collection.ts';
import { type Hub, startHub } from '../support/hub.ts';

/** A second publication of the real library: what changed is written, all else is taken over. */

let hub: Hub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.remove());

/** Files of the newest tree that share no bytes on the disk with the one before. */
const written = (before: ReadonlySet<number>): string[] => {
  const tree = currentTree(hub.dataDir);
  return readdirSync(tree, { recursive: true })
    .map(String)
    .filter((file) => statSync(join(tree, file)).isFile() && !before.has(statSync(join(tree, file)).ino))
    .sort();
};

const inodes = (): ReadonlySet<number> => {
  const tree = currentTree(hub.dataDir);
  return new Set(readdirSync(tree, { recursive: true }).map((file) => statSync(join(tree, String(file))).ino));
};

it('writes the pages, packs and lists of what changed, and no others', async () => {
  const before = inodes();
  const path = join(hub.contentDir, 'glossary/fr.md');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(/^summary: .*$/m, 'summary: "Chercher un mot, et le comprendre."'),
  );
  expect((await hub.publish()).output).toContain('Published: number 2');
  const files = written(before);
  // French readers, and those of languages for which French stands in.
  expect(files.filter((file) => file.endsWith('/glossary.html'))).toContain('p/fr/glossary.html');
  expect(
    files.filter((file) => /^p\/\w+\/[a-z].*\.html$/.test(file)).every((file) => file.endsWith('/glossary.html')),
  ).toBe(true);
  expect(files).toContain('c/full/fr.pack');
  expect(files).not.toContain('p/en/glossary.html');
  expect(files.length).toBeLessThan(before.size / 4);
});

it('finds that nothing changed, and writes nothing', async () => {
  const tree = currentTree(hub.dataDir);
  const at = statSync(tree).ino;
  expect((await hub.publish()).output).toContain('Nothing new');
  expect(statSync(currentTree(hub.dataDir)).ino).toBe(at);
});

it('tells in each language what every shelf costs on the wire, within a fifth', async () => {
  addSheets(hub.contentDir, 40);
  expect((await hub.publish()).output).toContain('Published');
  const tree = currentTree(hub.dataDir);
  const history = new History(hub.dataDir);
  const latest = history.latest();
  const told = Object.entries(latest?.shelves ?? {}).flatMap(([, rows]) =>
    rows.flatMap(({ id, sha256 = '' }) =>
      id === 'centre' ? [JSON.parse(fromUtf8(history.body(sha256) as Uint8Array)).sizes] : [],
    ),
  );
  const shelves = readdirSync(join(tree, 'c/full')).map((name) => name.replace('.pack', ''));
  expect(shelves).toContain('fr-xsheets');
  const [sizes] = told as Record<string, number>[];
  expect(told).toEqual(Array.from(readSite(hub.dataDir).languages, () => sizes));
  expect(Object.keys(sizes ?? {}).sort()).toEqual(shelves.sort());
  const ratios = shelves.map((name) => (sizes?.[name] ?? 0) / statSync(join(tree, `c/full/${name}.pack`)).size);
  expect(Math.min(...ratios)).toBeGreaterThan(0.9);
  expect(Math.max(...ratios)).toBeLessThan(1.2);
});
