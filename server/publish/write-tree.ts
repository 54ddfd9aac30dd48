import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { cardOf } from '../../src/core/protocol/card.ts';
import { isReadable, type LibraryItem } from '../../src/core/protocol/item.ts';
import { rootIdentity } from '../../src/core/protocol/root.ts';
import { shelfName } from '../../src/core/protocol/shelf.ts';
import { buildId } from './build-id.ts';
import { type Shelf, standIns } from './catalogue.ts';
import { pageStyle } from './document.ts';
import { basesFor } from './history.ts';
import { writeBlobs, writePages } from './many-files.ts';
import { deltaPack, fullPack, type PackInput } from './packs.ts';
import { pagesOf, type Reading } from './pages.tsx';
import type { AppFiles } from './site.ts';
import { currentTree, TreeWriter } from './tree.ts';

/** From shelves, and what vouches for them, to the tree that a hub serves: made by whoever publishes, and by whoever mirrors. */
export interface TreeInput {
  /** The folder that has `tree/`. */
  readonly home: string;
  readonly app: AppFiles;
  /** Head, roots and table as they were signed, and the publications before. */
  readonly packs: PackInput;
  readonly shelves: ReadonlyMap<string, Shelf>;
  /** Paths of files by the hash of what is in them; those that the tree before has may be left out. Undefined: they are not in the tree. */
  readonly blobs: ReadonlyMap<string, string> | undefined;
  /** The first is the fallback. */
  readonly languages: readonly string[];
  /** The centre's name by language. */
  readonly centre: Readonly<Record<string, string>>;
  /** The signed list of delegated hubs. */
  readonly hubs: Uint8Array | undefined;
  /** Project sheets as IATI. */
  readonly sheets: string | undefined;
  /** ISO day. */
  readonly today: string;
  /** Hash over everything that goes into the tree. */
  readonly inputs: string;
  /** Pages for a host of files without a hub. */
  readonly isStatic: boolean;
  /** What writes the files below `home`: a `TreeWriter` where it is not given. */
  readonly writer?: (home: string) => TreeWriter;
}

/** What the hub needs to know of a tree; `tree/current/site.json`. */
export interface Site {
  /** Hash over everything that went into the tree. */
  readonly inputs: string;
  readonly seq: number;
  /** Languages, the first is the fallback. */
  readonly languages: readonly string[];
  /** The centre's name by language. */
  readonly centre: Readonly<Record<string, string>>;
  /** SHA-256 of the inlined sheet, for the policy. */
  readonly styleHash: string;
  /** Ids of the readable items by language. */
  readonly items: Readonly<Record<string, readonly string[]>>;
  /** Names of the collections that have something of their own in a language, by shelf. Absent in what an older build wrote. */
  readonly collections?: Readonly<Record<string, string>>;
}

/** The shelves of a tree that can be carried away: its languages, then its collections. */
export const shelvesAt = ({
  languages,
  collections = {},
}: Pick<Site, 'languages' | 'collections'>): readonly string[] => [...languages, ...Object.keys(collections)];

export const readSite = (home: string): Site =>
  JSON.parse(readFileSync(join(currentTree(home), 'site.json'), 'utf8')) as Site;

/** SHA-256 of the sheet that is inlined in each page, for the policy. */
export const styleHash = createHash('sha256').update(pageStyle).digest('base64');

/** Writes the tree, and makes it the current one. */
export const writeTree = async (input: TreeInput): Promise<void> => {
  const { home, app, packs, shelves, languages, isStatic, writer = (at) => new TreeWriter(at) } = input;
  const { roots, head } = packs;
  const [origin] = roots;
  if (!origin) throw new Error('A library has a root.');
  const tree = writer(home);
  for (const known of roots) await tree.put(`c/root/${known.signed.n}.json`, canonicalBytes(known));
  await tree.put('c/head', canonicalBytes(head));
  if (input.hubs) await tree.put('c/hubs.json', input.hubs);
  await writePacks(tree, packs, shelves, [...packs.history.sequences()]);
  if (input.blobs) await writeBlobs(tree, shelves, input.blobs);
  const readings = new Map(languages.map((lang) => [lang, readingIn(lang, shelves)] as const));
  const pages = pagesOf({
    app,
    fingerprint: rootIdentity(origin.signed),
    languages,
    today: input.today,
    shelves: readings,
    styleHash,
    isStatic,
    // Without a build, nobody knows whether the views are the same.
    build: buildId ?? randomUUID(),
  });
  await writePages(tree, pages);
  if (input.sheets !== undefined) await tree.put('iati/activities.xml', input.sheets);
  const items = Object.fromEntries([...readings].map(([lang, reading]) => [lang, reading.items.map(({ id }) => id)]));
  const collections = Object.fromEntries(
    [...readings].flatMap(([lang, reading]) =>
      reading.collections.flatMap(({ id, name }) => {
        const shelf = shelfName(lang, id);
        return (shelves.get(shelf)?.items.length ?? 0) > 0 ? [[shelf, name]] : [];
      }),
    ),
  );
  const { seq } = head.signed;
  const site: Site = { inputs: input.inputs, seq, languages, centre: input.centre, styleHash, items, collections };
  await tree.put('site.json', JSON.stringify(site));
  tree.finish();
};

/** The library as a reader of `lang` has it: each item in the closest of its languages. */
const readingIn = (lang: string, shelves: ReadonlyMap<string, Shelf>): Reading => {
  const found = new Map<string, LibraryItem>();
  const hashes = new Map<string, string>();
  /** What a shelf adds to what was found before, with what stands in for its gaps; in the library's order. */
  const addFrom = (name: string): readonly LibraryItem[] => {
    const added: LibraryItem[] = [];
    for (const other of [name, ...standIns(name, shelves)]) {
      for (const { item, row } of shelves.get(other)?.items ?? []) {
        if (isReadable(item) && !found.has(item.id)) {
          found.set(item.id, item);
          added.push(item);
        }
        if (!hashes.has(item.id)) hashes.set(item.id, row.sha256 ?? '');
      }
    }
    return added.sort((a, b) => a.order - b.order);
  };
  const open = addFrom(lang);
  const own = (shelves.get(lang)?.items ?? []).map(({ item }) => item);
  const centre = own.find((item) => item.kind === 'centre');
  const collections = (centre?.collections ?? [])
    .map(({ id, name }) => ({ id, name, cards: addFrom(shelfName(lang, id)).map(cardOf) }))
    // A hub in between may have some of them only.
    .filter(({ cards }) => cards.length > 0);
  return {
    centre: centre?.title ?? '',
    names: centre?.names ?? [],
    heard: centre?.heard ?? [],
    items: [...found.values()],
    hashes,
    cards: open.map(cardOf),
    collections,
    forms: own.filter((item) => item.kind === 'form'),
  };
};

const writePacks = async (
  tree: TreeWriter,
  input: PackInput,
  shelves: ReadonlyMap<string, Shelf>,
  known: readonly number[],
): Promise<void> => {
  const { seq } = input.head.signed;
  for (const [name, shelf] of shelves) {
    // Under its full name too, as a delta from nothing: a cut one is gone on with under that.
    await tree.put(`c/from/0-${seq}/${name}.pack`, await fullPack(input, name, shelf));
    tree.alias(`c/from/0-${seq}/${name}.pack`, `c/full/${name}.pack`);
  }
  for (const base of basesFor(seq, known)) {
    // Read once for all shelves, and dropped before the next: with thousands of texts, each has megabytes.
    const before = input.history.publication(base);
    for (const [name, shelf] of shelves) {
      const fixed = `c/from/${base}-${seq}/${name}.pack`;
      await tree.put(fixed, await deltaPack(input, name, shelf, before));
      tree.alias(fixed, `c/from/${base}/${name}.pack`);
    }
  }
};
