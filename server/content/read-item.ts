import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LibraryItem, READABLE_KINDS, type Recording } from '../../src/core/protocol/item.ts';
import { knownLanguage } from '../../src/core/text/fallback.ts';
import { linesIn } from '../iati/block-lines.ts';
import type { SheetInput } from '../iati/sheet-to-iati.ts';
import { FileHashes } from './file-hashes.ts';
import type { Has } from './item-memory.ts';
import { defined, ownOf, sourcesOf, tagsOf } from './item-parts.ts';
import { readMarkdown } from './markdown.ts';
import { lineOf, type Problems } from './problems.ts';
import type { Authored, ReadOptions } from './read-content.ts';
import { type BlobFiles, isRefused, MEDIA_FOLDER, MediaReader } from './read-media.ts';
import { isJudged, LONGEST_SENTENCE, runningText, tooHard } from './reading-age.ts';
import { frontMatter, ITEM_FILE, type ItemFile, itemFile, type Words } from './schema.ts';
import { withFixedSpaces } from './typography.ts';
import { readYaml } from './yaml.ts';

/** What reading an item needs to know of the library. */
export interface ItemContext extends ReadOptions {
  readonly languages: readonly string[];
  /** Languages that are no translations. */
  readonly originals: readonly string[];
  readonly licence: string;
  readonly items: Has;
  readonly forms: ReadonlySet<string>;
  readonly at: (path: string) => Problems;
  /** Where project sheets that are IATI activities too are collected. */
  readonly sheets: SheetInput[];
  /** Ids of the library's collections. */
  readonly collections: ReadonlySet<string>;
  /** Where it is collected which item is in which of them, by the item's id. */
  readonly filed: Map<string, string>;
  /** Where the pictures and recordings that texts name are collected. */
  readonly blobs: BlobFiles;
  /** Of the files that were read for the item before; none but where it is remembered. */
  readonly hashes?: FileHashes;
}

/** Reads one item's folder: an item for each of its languages that may be published. */
export const readItemFolder = (folder: string, id: string, context: ItemContext): Authored<LibraryItem>[] => {
  const path = join(folder, ITEM_FILE);
  const problems = context.at(path);
  if (!existsSync(path)) {
    problems.add(1, 'This file is missing.', 'It has what is the same in every language: see docs/content.md.');
    return [];
  }
  const yaml = readFileSync(path, 'utf8');
  const file = readYaml(yaml, 1, itemFile, problems);
  if (file) checkItemFile(file, yaml, context, problems);
  const texts = readTexts(folder, context);
  const media = new MediaReader(folder, context.blobs, context.hashes ?? new FileHashes());
  for (const lang of context.originals)
    if (!texts.has(lang)) problems.warn(1, 'missing-translation', `There is no ${lang}.md.`, 'Write it.');
  if (!file) {
    // What is wrong in the texts is told in one go with what is wrong in the file that they share.
    const kind = READABLE_KINDS.find((name) => new RegExp(`^kind: *${name} *$`, 'm').test(yaml));
    for (const [lang, text] of texts) checkText(text, kind, media, context, context.at(join(folder, `${lang}.md`)));
    return [];
  }
  if (file.collection !== undefined) context.filed.set(id, file.collection);
  const items = [...texts].flatMap(([lang, text]) => {
    const own = context.at(join(folder, `${lang}.md`));
    const item = readText({ id, lang, text, file, media }, texts, context, own);
    if (!item) return [];
    if (!context.originals.includes(lang) && file.care.length > 0 && item.review.state === 'machine-draft') {
      own.warn(
        1,
        'held-back',
        `Not published: a machine's translation, about ${file.care.join(', ')}.`,
        'A person has to read it and say so in `review`.',
      );
      return [];
    }
    return [item];
  });
  if (file.kind === 'sheet' && file.activity) {
    const name = problems.file;
    const inOrder = context.languages.flatMap((lang) => items.filter((item) => item.lang === lang));
    const sheets = inOrder.flatMap((item) => (item.kind === 'sheet' ? [item] : []));
    context.sheets.push({ file: name, block: file.activity, texts: sheets, lineOf: linesIn(yaml, 'activity') });
  }
  return items;
};

const readTexts = (folder: string, { languages, at }: ItemContext): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>();
  for (const name of readdirSync(folder).sort()) {
    if (name === ITEM_FILE || name === MEDIA_FOLDER) continue;
    const lang = name.replace(/\.md$/, '');
    if (name.endsWith('.md') && languages.includes(lang)) {
      texts.set(lang, readFileSync(join(folder, name), 'utf8'));
      continue;
    }
    const meant = knownLanguage(lang, languages);
    at(join(folder, name)).add(
      1,
      `"${name}" is not the name of a language of this library.`,
      meant === undefined || !name.endsWith('.md')
        ? 'Name it as in library.yml, such as fr.md.'
        : `Name it ${meant}.md.`,
    );
  }
  return texts;
};

const checkItemFile = (file: ItemFile, yaml: string, context: ItemContext, problems: Problems): void => {
  const line = (what: string): number => lineOf(yaml, what);
  if (!context.icons.has(file.picture))
    problems.add(
      line('picture:'),
      `There is no drawing "${file.picture}".`,
      `Choose one of: ${[...context.icons].join(', ')}.`,
    );
  if (!context.forms.has(file.form))
    problems.add(line('form:'), `There is no form "${file.form}".`, 'Add it to content/forms/, or name another.');
  if (file.collection !== undefined && !context.collections.has(file.collection))
    problems.add(
      line('collection:'),
      `There is no collection "${file.collection}".`,
      'Name it in `collections` of library.yml, or correct the id.',
    );
  if (file.collection !== undefined && file.kind === 'bulletin' && file.urgency === 1)
    problems.add(
      line('collection:'),
      'A notice of urgency 1 cannot be in a collection: who does not keep it would not get the notice.',
      'Take `collection` out.',
    );
  for (const id of file.related)
    if (!context.items.has(id))
      problems.warn(line('related:'), 'missing-item', `There is no item "${id}".`, 'Correct the id, or take it out.');
  if (file.sources.length === 0)
    problems.warn(1, 'missing-source', 'This item has no source.', 'Name where it comes from in `sources`.');
  if (file.kind === 'story' && (file.told === undefined) === (file.consent === undefined))
    problems.add(
      1,
      'A story needs either `told` or `consent`.',
      'Name the source where it was told in public, or the consent record of who tells it.',
    );
  if (file.kind === 'story' && file.told !== undefined && !file.sources.some(({ id }) => id === file.told))
    problems.add(line('told:'), `There is no source "${file.told}".`, 'Add it to `sources`, or correct the id.');
  if (file.kind !== 'bulletin') return;
  if (file.until < file.issued)
    problems.add(line('until:'), 'The notice ends before it is issued.', 'Correct `issued` or `until`.');
  if (file.approved === undefined && file.care.some((what) => what === 'health' || what === 'disaster'))
    problems.add(
      line('care:'),
      'A notice about health or a disaster needs a second person.',
      'Let somebody else read it, and name them in `approved: { by, on }`.',
    );
};

/** Eight characters that change with the words of a text, not with who read it or speaks it: what a translation notes of its original. */
export const textMark = (markdown: string): string =>
  createHash('sha256')
    .update(markdown.replace(/^review:.*$/m, '').replace(/^recording:.*\n/m, ''))
    .digest('base64url')
    .slice(0, 8);

const MATTER = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/;

/** Front matter and Markdown of a text, apart. */
const splitText = (text: string, problems: Problems): { yaml: string; markdown: string } | undefined => {
  const [, yaml, markdown] = MATTER.exec(text) ?? [];
  if (yaml !== undefined && markdown !== undefined) return { yaml, markdown };
  problems.add(1, 'There is no front matter.', 'Begin the file with --- and its fields, and end them with ---.');
  return undefined;
};

/** Looks for what is wrong in a text whose sources are not known. */
const checkText = (
  text: string,
  kind: ItemFile['kind'] | undefined,
  media: MediaReader,
  context: ItemContext,
  problems: Problems,
): void => {
  const parts = splitText(text, problems);
  if (!parts) return;
  const { yaml, markdown } = parts;
  if (kind) readYaml<(typeof frontMatter)[ItemFile['kind']]>(yaml, 2, frontMatter[kind], problems);
  readMarkdown(markdown, { firstLine: firstLineAfter(yaml), items: context.items, problems, media });
};

const firstLineAfter = (yaml: string): number => yaml.split('\n').length + 3;

interface TextFile {
  readonly id: string;
  readonly lang: string;
  readonly text: string;
  readonly file: ItemFile;
  readonly media: MediaReader;
}

const readText = (
  { id, lang, text, file, media }: TextFile,
  texts: ReadonlyMap<string, string>,
  context: ItemContext,
  problems: Problems,
): Authored<LibraryItem> | undefined => {
  const parts = splitText(withFixedSpaces(text, lang), problems);
  if (!parts) return undefined;
  const { yaml, markdown } = parts;
  const matter = readYaml<(typeof frontMatter)[ItemFile['kind']]>(yaml, 2, frontMatter[file.kind], problems);
  if (!matter) return undefined;
  const sources = sourcesOf(file, matter, yaml, problems);
  const body = readMarkdown(markdown, {
    firstLine: firstLineAfter(yaml),
    sources: new Set(file.sources.map((source) => source.id)),
    items: context.items,
    problems,
    media,
    // The languages whose sentences we can judge.
    ...(isJudged(lang) && { longestSentence: LONGEST_SENTENCE }),
  });
  const hard = isJudged(lang) ? tooHard([matter.summary, ...runningText(body)], lang) : undefined;
  if (hard !== undefined)
    problems.warn(1, 'reading-age', hard, 'Use shorter sentences and the shorter of two words; read it to somebody.');
  const recording = recordingOf(matter, yaml, media, problems);
  const { translates } = matter;
  const original = translates && texts.get(translates.lang);
  if (translates && (original === undefined || textMark(original) !== translates.text))
    problems.warn(
      lineOf(text, 'translates:'),
      'outdated-translation',
      `The ${translates.lang} text has changed since.`,
      'Translate anew what changed: see npm run gaps.',
    );
  const { title, summary, place } = matter;
  const { picture, order, form, licence = context.licence } = file;
  const related = file.related.filter((id) => context.items.has(id));
  const { state, by, on } = matter.review;
  const of = context.originals.includes(lang) ? undefined : (translates?.lang ?? context.originals[0]);
  const review = { state, ...defined({ by, on, of }) };
  const common = {
    v: 1 as const,
    id,
    lang,
    title,
    summary,
    place,
    picture,
    order,
    body,
    review,
    licence,
    form,
    sources,
    ...(recording && { recording }),
    ...(file.local && { local: file.local }),
  };
  // `ownOf` gives what the kind of the file asks for.
  return { ...common, related, tags: tagsOf(file), ...ownOf(file, matter) } as unknown as Authored<LibraryItem>;
};

const recordingOf = (
  { recording }: Words,
  yaml: string,
  media: MediaReader,
  problems: Problems,
): Recording | undefined => {
  if (!recording) return undefined;
  const { file, by, voice } = recording;
  const found = media.recording(file);
  if (!isRefused(found)) return { ...found, by, voice };
  problems.add(lineOf(yaml, 'recording:') + 1, found.what, found.remedy);
  return undefined;
};
