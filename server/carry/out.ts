import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readme } from '../../src/core/carry/armour.ts';
import { answerFiles, type CarriedFile, receiptsFile } from '../../src/core/carry/files.ts';
import { blobFile, HEAD, HUBS, packPath, rootFile } from '../../src/core/carry/paths.ts';
import { MOST_RECEIPTS } from '../../src/core/carry/take.ts';
import type { CarriedShelf } from '../../src/core/protocol/carried.ts';
import { neededShelves } from '../../src/core/protocol/head.ts';
import type { SignedReceipt } from '../../src/core/protocol/receipt.ts';
import { COMPLETE } from '../../src/i18n/words.ts';
import type { SigningKey } from '../box/keys.ts';
import type { AnswerStore } from '../hub/answer-store.ts';
import { receiptBy } from '../hub/desk.ts';
import type { MirrorStores } from '../mirror/open-mirror.ts';
import { History } from '../publish/history.ts';
import { viewContext } from '../publish/site.ts';
import { currentTree } from '../publish/tree.ts';
import { readSite, shelvesAt } from '../publish/write-tree.ts';

/** What a hub carries away: for its command and for its pages. */

/** A file that is about to be made. */
export interface Outgoing {
  /** Languages and collections that go. */
  readonly shelves: readonly string[];
  readonly files: AsyncIterable<CarriedFile>;
  /** How many are in it; whole once the last file was read. */
  readonly counts: { answers: number; receipts: number };
}

/** What a centre writes. Throws a sentence where a language is not here. */
export const outOfCentre = (
  { dataDir, hub, answers }: { readonly dataDir: string; readonly hub: SigningKey; readonly answers: AnswerStore },
  wish: OutWish,
): Outgoing => {
  const counts = { answers: 0, receipts: 0 };
  const last = async function* (): AsyncGenerator<CarriedFile> {
    const receipts: SignedReceipt[] = [];
    for (const answer of answers.newest(MOST_RECEIPTS)) {
      receipts.push(receiptBy(hub, answer));
      // Each is signed anew, and others are served meanwhile.
      if (receipts.length % 50 === 0) await new Promise(setImmediate);
    }
    counts.receipts = receipts.length;
    yield receiptsFile(receipts);
  };
  return { shelves: shelvesOut(dataDir, wish), files: filesOut(dataDir, currentTree(dataDir), wish, last()), counts };
};

/** What a hub in between writes. Throws a sentence where a language is not here. */
export const outOfMirror = (
  { dataDir, held, blobs }: Pick<MirrorStores, 'held' | 'blobs'> & { readonly dataDir: string },
  wish: OutWish,
): Outgoing => {
  const counts = { answers: 0, receipts: 0 };
  const last = async function* (): AsyncGenerator<CarriedFile> {
    const receipts = held.receipts(MOST_RECEIPTS);
    counts.receipts = receipts.length;
    yield receiptsFile(receipts);
    const counted = function* () {
      for (const answer of held.waiting()) {
        counts.answers++;
        yield answer;
      }
    };
    yield* answerFiles(counted());
  };
  return { shelves: shelvesOut(dataDir, wish), files: filesOut(dataDir, blobs.folder, wish, last()), counts };
};

/** Library first, so that a file that was cut short while copying says so early. */
async function* filesOut(
  dataDir: string,
  blobs: string,
  wish: OutWish,
  last: AsyncIterable<CarriedFile>,
): AsyncGenerator<CarriedFile> {
  yield readme(COMPLETE.map((lang) => viewContext(lang).t('carry.readme')).join('\n\n'));
  yield* treeFiles(dataDir, blobs, wish);
  yield* last;
}

/** What of a library can go, and how many bytes it has. */
export interface ToCarry {
  readonly shelves: readonly CarriedShelf[];
  /** Pictures and recordings. */
  readonly media: number;
}

/** What is served, with the publication that it is of. */
const servedAt = (dataDir: string) => {
  const site = readSite(dataDir);
  return { site, names: shelvesAt(site), publication: new History(dataDir).publication(site.seq) };
};

/** Hashes of the texts that are served, by shelf and id; none before the first library. */
export const servedTexts = (dataDir: string): ReadonlyMap<string, string> => {
  if (!existsSync(currentTree(dataDir))) return new Map();
  const { names, publication } = servedAt(dataDir);
  const rows = names.flatMap((name) => (publication.shelves[name] ?? []).map((row) => ({ ...row, name })));
  return new Map(rows.flatMap(({ name, id, sha256 }) => (sha256 === undefined ? [] : [[`${name}/${id}`, sha256]])));
};

/** What is here to be carried: nothing before the first library. `blobs`: the folder that has `/b/`. */
export const lookOut = (dataDir: string, blobs: string): ToCarry => {
  if (!existsSync(currentTree(dataDir))) return { shelves: [], media: 0 };
  const { site, names, publication } = servedAt(dataDir);
  const { shelves } = publication;
  const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const hashes = new Set(names.flatMap((name) => (shelves[name] ?? []).flatMap((row) => row.blobs ?? [])));
  let media = 0;
  for (const hash of hashes) media += sizeOf(join(blobs, blobFile(hash)));
  const named = names.map((lang) => {
    const name = site.collections?.[lang];
    return { lang, ...(name !== undefined && { name }), bytes: sizeOf(join(currentTree(dataDir), packPath(lang))) };
  });
  return { shelves: named, media };
};

/** What of a hub's tree is carried: the same for one that publishes and one that mirrors. */
export interface OutWish {
  /** Languages and collections; undefined: all. */
  readonly shelves: readonly string[] | undefined;
  readonly media: boolean;
}

/** The shelves that go, those among them that stand in for gaps. Throws a sentence where one is not here. */
export const shelvesOut = (dataDir: string, wish: OutWish): readonly string[] => {
  const { names: here, publication } = servedAt(dataDir);
  const wanted = wish.shelves ?? here;
  const missing = wanted.find((name) => !here.includes(name));
  if (missing !== undefined) throw new Error(`There is no language "${missing}" here. There are: ${here.join(', ')}.`);
  const needed = neededShelves(wanted, publication.shelfTable ?? {});
  return needed.filter((name) => here.includes(name));
};

/** Packs, the list of hubs, and pictures and recordings from `blobs`, the folder that has `/b/`. */
export function* treeFiles(dataDir: string, blobs: string, wish: OutWish): Generator<CarriedFile> {
  // No language is wanted: only what is on its way goes.
  if (wish.shelves?.length === 0) return;
  // One publication, whatever is published while a slow stick is written.
  const tree = realpathSync(currentTree(dataDir));
  const shelves = shelvesOut(dataDir, wish);
  const { root, shelves: rows } = servedAt(dataDir).publication;
  const roots = Array.from({ length: root }, (_, i) => rootFile(i + 1));
  for (const path of [HEAD, ...roots, HUBS])
    if (existsSync(join(tree, path))) yield { path, bytes: readFileSync(join(tree, path)) };
  // Gone where this is read so slowly that two more publications came: better no file than one that lacks a language in silence.
  for (const path of shelves.map(packPath)) yield { path, bytes: readFileSync(join(tree, path)) };
  if (!wish.media) return;
  const hashes = new Set(shelves.flatMap((name) => (rows[name] ?? []).flatMap((row) => row.blobs ?? [])));
  for (const hash of hashes)
    for (const path of [blobFile(hash), `${blobFile(hash)}.leaf`])
      if (existsSync(join(blobs, path))) yield { path, bytes: readFileSync(join(blobs, path)) };
}
