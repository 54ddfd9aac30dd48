import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { brotliLater, gzipLater } from '../../scripts/compress.mjs';
import { blobPath, blobsOf } from '../../src/core/protocol/media.ts';
import { leavesOf } from '../content/blobs.ts';
import type { Shelf } from './catalogue.ts';
import type { Page } from './pages.tsx';
import type { TreeWriter } from './tree.ts';

/** Blobs and pages of a tree: the many files, most of which the tree before has already. */

/** Files that are made and written side by side. */
const AT_ONCE = 8;

/** Does `work` for each of `all`, a few at a time. */
export const sideBySide = async <T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> => {
  const left = all.values();
  const worker = async (): Promise<void> => {
    for (const one of left) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};

const hashOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('base64url');

/**
 * Pictures and recordings of what is published. What the tree before has under a hash is taken over if it still has that hash; else it is
 * copied: a second name for the author's file would change with it.
 */
export const writeBlobs = async (
  tree: TreeWriter,
  shelves: ReadonlyMap<string, Shelf>,
  blobs: ReadonlyMap<string, string>,
): Promise<void> => {
  const named = [...shelves.values()].flatMap(({ items }) => items.flatMap(({ item }) => blobsOf(item)));
  await sideBySide([...new Map(named.map((blob) => [blob.hash, blob])).values()], async ({ hash, leaves }) => {
    const path = blobPath(hash).slice(1);
    const list = `${path}.leaf`;
    if (tree.keepAll([[path, hash], ...(leaves === undefined ? [] : [[list, leaves] as const])])) return;
    const data = readBlob(hash, blobs.get(hash));
    await tree.put(path, data);
    if (leaves !== undefined) await tree.put(list, leavesOf(data));
  });
};

/** One blob's bytes, which may have changed since the library was read. */
const readBlob = (hash: string, path: string | undefined): Uint8Array => {
  if (path === undefined) throw new Error(`The blob ${hash} was not read.`);
  const data = readFileSync(path);
  if (hashOf(data) !== hash) throw new Error(`${path} has changed while the library was published. Publish it again.`);
  return data;
};

/** Above so many new pages brotli is not asked for its best: 40 ms a page, many times that on a small box. */
const MANY_PAGES = 300;
/** What a tree says of its pages: the key of each, and the hashes of its files. */
const PAGE_KEYS = 'pages.json';
const pageKeys = v.record(v.string(), v.tuple([v.string(), v.string(), v.string(), v.string()]));
type PageKeys = v.InferOutput<typeof pageKeys>;

/** Pages with their compressed twins. One that would be the same as before is taken over without being made, if it is still whole. */
export const writePages = async (tree: TreeWriter, pages: readonly Page[]): Promise<void> => {
  const before = keysIn(tree.before(PAGE_KEYS));
  const keys: PageKeys = {};
  const fresh: Page[] = [];
  for (const page of pages) {
    const known = before[page.path];
    const [key, ...hashes] = known ?? [];
    const files = filesOf(page.path).map((file, i) => [file, hashes[i] ?? ''] as const);
    if (known && key === page.key && tree.keepAll(files)) keys[page.path] = known;
    else fresh.push(page);
  }
  const quality = fresh.length > MANY_PAGES ? 5 : 11;
  await sideBySide(fresh, async ({ path, key, render }) => {
    const html = Buffer.from(render());
    // First pages are what a phone asks for most.
    const small = brotliLater(html, path.endsWith('/index') ? 11 : quality);
    const twins = [html, await small, await gzipLater(html)] as const;
    await Promise.all(filesOf(path).map((file, i) => tree.put(file, twins[i] ?? html)));
    keys[path] = [key, hashOf(twins[0]), hashOf(twins[1]), hashOf(twins[2])];
  });
  await tree.put(PAGE_KEYS, JSON.stringify(keys));
};

/** What the tree before says of its pages; nothing where it cannot be read, and all pages are made. */
const keysIn = (bytes: Buffer | undefined): PageKeys => {
  try {
    return v.parse(pageKeys, JSON.parse(bytes?.toString('utf8') ?? '{}'));
  } catch {
    return {};
  }
};

/** A page and its compressed twins. */
const filesOf = (path: string): readonly string[] => ['', '.br', '.gz'].map((ending) => `p/${path}.html${ending}`);
