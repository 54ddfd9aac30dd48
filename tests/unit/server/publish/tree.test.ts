import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { currentTree, TreeWriter } from '../../../../server/publish/tree.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relais-tree-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

const write = async (text: string): Promise<void> => {
  const tree = new TreeWriter(dataDir);
  await tree.put('c/head', text);
  tree.finish();
};
const trees = () => readdirSync(join(dataDir, 'tree')).sort();

it('keeps the tree before the current one, and no other', async () => {
  for (const text of ['one', 'two', 'three']) await write(text);
  expect(trees()).toEqual(['2', '3', 'current']);
  expect(readFileSync(join(currentTree(dataDir), 'c/head'), 'utf8')).toBe('three');
  expect(readFileSync(join(dataDir, 'tree/2/c/head'), 'utf8')).toBe('two');
});

it('writes over what a cut publication left, and keeps the tree that was served meanwhile', async () => {
  await write('one');
  await write('two');
  // Cut before the link moved.
  mkdirSync(join(dataDir, 'tree/3/c'), { recursive: true });
  writeFileSync(join(dataDir, 'tree/3/c/half'), 'ha');
  await write('three');
  expect(readlinkSync(currentTree(dataDir))).toBe('3');
  expect(existsSync(join(dataDir, 'tree/3/c/half'))).toBe(false);
  expect(trees()).toEqual(['2', '3', 'current']);
  expect(readFileSync(join(dataDir, 'tree/2/c/head'), 'utf8')).toBe('two');
});
