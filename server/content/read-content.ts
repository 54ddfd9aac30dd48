import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import {
  CENTRE_ID,
  type CentreItem,
  FACETS,
  type FacetNames,
  type ItemBody,
  type LibraryItem,
} from '../../src/core/protocol/item.ts';
import { slug } from '../../src/core/protocol/shapes.ts';
import { inLanguageOf } from '../../src/core/text/fallback.ts';
import { type SheetInput, sheetsToXml } from '../iati/sheet-to-iati.ts';
import { FileHashes } from './file-hashes.ts';
import { ItemMemory, type MemoryPieces } from './item-memory.ts';
import { ContentError, type ContentWarning, type Findings, lineOf, Problems } from './problems.ts';
import { readForms } from './read-forms.ts';
import { type ItemContext, readItemFolder } from './read-item.ts';
import { type BlobFiles, collectBlobs } from './read-media.ts';
import { CODES } from './schema.ts';
import { type LibraryFile, libraryFile, type VocabularyFile, vocabularyFile } from './schema-files.ts';
import { readYaml } from './yaml.ts';

/** An item as authored: everything but the revision, which the publisher gives. */
export type Authored<T extends ItemBody = ItemBody> = T extends ItemBody ? Omit<T, 'rev'> : never;

export interface LibrarySource {
  readonly library: LibraryFile;
  readonly items: readonly Authored[];
  /** Files of the pictures and recordings that texts name, by hash. Whoever reads one compares: it may have changed since. */
  readonly blobs: ReadonlyMap<string, string>;
  /** Project sheets that are IATI activities too. */
  readonly sheets: readonly SheetInput[];
  /** The collection that an item is in, by the item's id. */
  readonly collections: ReadonlyMap<string, string>;
  /** What is published all the same. */
  readonly warnings: readonly ContentWarning[];
}

/** Names of the drawings that `picture` and `icon` may name. */
export interface ReadOptions {
  readonly icons: ReadonlySet<string>;
  /** Where what was read before is kept, and what tells that reading would give the same. */
  readonly memory?: { readonly build: string; readonly pieces: MemoryPieces };
}

/** Ids that pages of the library have taken. */
const TAKEN = new Set([CENTRE_ID, 'index']);

/** Reads the library's source folder. Throws `ContentError` with every problem found. */
export const readContent = (folder: string, options: ReadOptions): LibrarySource => {
  const found: Findings = { problems: [], warnings: [] };
  const at = (path: string): Problems => new Problems(relative(join(folder, '..'), path), found);
  const library = readLibraryFile(folder, found);
  const languages = library?.languages ?? [];
  const folders = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'forms',
  );
  for (const { name } of folders) {
    if (!v.is(slug, name) || TAKEN.has(name)) {
      at(join(folder, name)).add(
        1,
        `"${name}" cannot be the id of an item.`,
        'Name the folder with small letters, digits and dashes, and neither centre nor index.',
      );
    }
  }
  const ids = new Set(folders.map(({ name }) => name));
  const forms = readForms(join(folder, 'forms'), languages, options, at);
  const formIds = new Set(forms.map(({ id }) => id));
  for (const id of formIds) {
    if (ids.has(id) || !v.is(slug, id)) {
      at(join(folder, 'forms', id)).add(
        1,
        `"${id}" cannot be the id of a form.`,
        'Small letters, digits and dashes, and no id of an item.',
      );
    }
  }
  const originals = library?.originals ?? languages;
  const sheets: SheetInput[] = [];
  const blobs: BlobFiles = new Map();
  const filed = new Map<string, string>();
  const context = {
    ...options,
    languages,
    originals,
    licence: library?.licence ?? '',
    items: ids,
    forms: formIds,
    at,
    sheets,
    blobs,
    collections: new Set(Object.keys(library?.collections ?? {})),
    filed,
  };
  const items = readItems(
    folder,
    folders.map(({ name }) => name),
    context,
    found,
    options,
  );
  for (const { severity, kind, ...finding } of sheetsToXml(sheets, { languages: originals }).findings) {
    if (severity === 'error') found.problems.push(finding);
    else found.warnings.push({ ...finding, kind: kind === 'missing-translation' ? kind : 'iati' });
  }
  const vocabulary = readVocabulary(join(folder, 'vocabulary.yml'), at);
  if (found.problems.length > 0 || !library) throw new ContentError(found.problems);
  const spoken = new Set(items.flatMap(({ lang, recording }) => (recording ? [lang] : [])));
  const heard = languages.filter((lang) => spoken.has(lang));
  const centres = languages.map((lang): Authored<CentreItem> => {
    const title = inLanguageOf(library.name, lang) ?? '';
    return {
      v: 1,
      kind: 'centre',
      id: CENTRE_ID,
      lang,
      title,
      languages,
      names: namesIn(vocabulary, lang),
      ...collectionsIn(library, filed, items, lang),
      ...(heard.length > 0 && { heard }),
    };
  });
  return {
    library,
    items: [...items, ...forms, ...centres],
    blobs,
    sheets,
    collections: filed,
    warnings: found.warnings,
  };
};

/** Reads the folders of all items, or recalls what they gave. */
const readItems = (
  folder: string,
  ids: readonly string[],
  context: ItemContext,
  found: Findings,
  { memory, icons }: ReadOptions,
): readonly Authored<LibraryItem>[] => {
  if (!memory) return ids.flatMap((id) => readItemFolder(join(folder, id), id, context));
  const { languages, originals, licence, forms, collections, filed } = context;
  const known = new ItemMemory(
    [memory.build, languages, originals, licence, [...forms], [...icons], [...collections]],
    memory.pieces,
  );
  const items = ids.flatMap((id) => {
    let read: readonly Authored<LibraryItem>[] = [];
    const own: Findings = { problems: [], warnings: [] };
    const sheets = context.sheets.length;
    const hashes = new FileHashes();
    const hash = hashes.ofFolder(join(folder, id));
    const recalled = known.recall(id, hash, context.items, (asked) => {
      const at = (path: string): Problems => new Problems(relative(join(folder, '..'), path), own);
      read = readItemFolder(join(folder, id), id, { ...context, items: asked, at, hashes });
      // A sheet that is an IATI activity too has more to it than its text.
      const collection = filed.get(id);
      return own.problems.length > 0 || context.sheets.length > sheets
        ? undefined
        : { items: read, warnings: own.warnings, ...(collection !== undefined && { collection }) };
    });
    found.problems.push(...own.problems);
    found.warnings.push(...(recalled?.warnings ?? own.warnings));
    if (recalled?.collection !== undefined) filed.set(id, recalled.collection);
    if (recalled) collectBlobs(join(folder, id), recalled.items, context.blobs, hashes);
    return recalled?.items ?? read;
  });
  known.keep();
  return items;
};

/** What the library says of itself; undefined where that is wrong. Throws `ContentError` where there is no library at all. */
const readLibraryFile = (folder: string, found: Findings): LibraryFile | undefined => {
  const path = join(folder, 'library.yml');
  if (existsSync(path))
    return readYaml(
      readFileSync(path, 'utf8'),
      1,
      libraryFile,
      new Problems(relative(join(folder, '..'), path), found),
    );
  // With its whole path: it may be the folder that is wrong.
  new Problems(path, found).add(
    1,
    'This file is missing.',
    'It names the centre and the languages: see docs/content.md. Is CONTENT_DIR the folder of the library?',
  );
  throw new ContentError(found.problems);
};

/** What the library says of itself. Throws `ContentError`. */
export const readLibrary = (folder: string): LibraryFile => {
  const found: Findings = { problems: [], warnings: [] };
  const library = readLibraryFile(folder, found);
  if (!library) throw new ContentError(found.problems);
  return library;
};

/** The names of the codes. A library without any shows the codes themselves. */
const readVocabulary = (path: string, at: (path: string) => Problems): VocabularyFile => {
  if (!existsSync(path)) return {} as VocabularyFile;
  const text = readFileSync(path, 'utf8');
  const vocabulary = readYaml(text, 1, vocabularyFile, at(path)) ?? ({} as VocabularyFile);
  for (const facet of FACETS) {
    for (const code of Object.keys(vocabulary[facet] ?? {}))
      if (!(CODES[facet] as readonly string[]).includes(code))
        at(path).add(
          lineOf(text, `${code}:`),
          `"${code}" is no code of "${facet}".`,
          `Codes: ${CODES[facet].join(', ')}.`,
        );
  }
  return vocabulary;
};

/** What the centre says of the collections that have something. */
const collectionsIn = (
  { collections }: LibraryFile,
  filed: ReadonlyMap<string, string>,
  items: readonly Authored<LibraryItem>[],
  lang: string,
): Pick<CentreItem, 'collections'> => {
  const found = new Set(items.map(({ id }) => id));
  const named = Object.entries(collections).flatMap(([id, names]) => {
    const count = [...found].filter((item) => filed.get(item) === id).length;
    return count === 0 ? [] : { id, name: inLanguageOf(names, lang) ?? id, items: count };
  });
  return named.length === 0 ? {} : { collections: named };
};

const namesIn = (vocabulary: VocabularyFile, lang: string): readonly FacetNames[] =>
  FACETS.map((facet) => ({
    facet,
    values: CODES[facet].map((code) => [code, inLanguageOf(vocabulary[facet]?.[code] ?? {}, lang) ?? code] as const),
  }));
