import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fallbackOf } from '../../src/core/text/fallback.ts';
import { writeDurably } from '../box/files.ts';
import { textMark } from './read-item.ts';
import { ITEM_FILE } from './schema.ts';
import type { LibraryFile } from './schema-files.ts';

/** What a translator of one language finds to do. */
export interface LanguageGaps {
  readonly lang: string;
  /** Texts that are there. */
  readonly there: number;
  /** Files to write, with the one to translate from. */
  readonly missing: readonly Gap[];
  /** Files whose original has changed since, or that do not say what they were translated from. */
  readonly outdated: readonly Gap[];
}

export interface Gap {
  /** `content/pump/ha.md`. */
  readonly file: string;
  /** Language of the text to translate from. */
  readonly from: string;
}

/** In front matter: the language of the original, and the mark of the text that was translated. */
const TRANSLATES = /^translates: *\{ *lang: *"?([\w-]+)"?, *text: *"?([\w?-]{8})"? *\} *$/m;
/** Stands where nobody has written the mark yet. */
const UNSTAMPED = '????????';

const itemFolders = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, ITEM_FILE)))
    .map(({ name }) => name)
    .sort();

const textOf = (folder: string, id: string, lang: string): string | undefined => {
  const path = join(folder, id, `${lang}.md`);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
};

/** What is missing or outdated, by language of the library. */
export const gapsOf = (folder: string, { languages, originals = languages }: LibraryFile): readonly LanguageGaps[] => {
  const ids = itemFolders(folder);
  return languages.map((lang) => {
    const missing: Gap[] = [];
    const outdated: Gap[] = [];
    for (const id of ids) {
      const text = textOf(folder, id, lang);
      const file = `content/${id}/${lang}.md`;
      const [from] = fallbackOf(lang, originals).filter((other) => other !== lang && textOf(folder, id, other));
      if (text === undefined) {
        if (from !== undefined) missing.push({ file, from });
        continue;
      }
      if (originals.includes(lang)) continue;
      const [, source = from ?? '', mark] = TRANSLATES.exec(text) ?? [];
      const original = textOf(folder, id, source);
      if (original === undefined || textMark(original) !== mark) outdated.push({ file, from: source });
    }
    return { lang, there: ids.length - missing.length, missing, outdated };
  });
};

/** Writes the mark of its original into each translation that has none yet. Returns the files that it wrote. */
export const stamp = (folder: string, { languages }: LibraryFile): readonly string[] => {
  const written: string[] = [];
  for (const id of itemFolders(folder)) {
    for (const lang of languages) {
      const text = textOf(folder, id, lang);
      const [line = '', source = '', mark] = TRANSLATES.exec(text ?? '') ?? [];
      const original = textOf(folder, id, source);
      if (text === undefined || mark !== UNSTAMPED || original === undefined) continue;
      const stamped = line.replace(UNSTAMPED, () => textMark(original));
      writeDurably(
        join(folder, id, `${lang}.md`),
        text.replace(line, () => stamped),
      );
      written.push(`content/${id}/${lang}.md`);
    }
  }
  return written;
};

/** The gaps as lines for people: a line a language, then what to do in it. */
export const gapLines = (gaps: readonly LanguageGaps[]): readonly string[] =>
  gaps.flatMap(({ lang, there, missing, outdated }) => [
    `${lang}: ${there} there, ${missing.length} missing, ${outdated.length} outdated`,
    ...missing.map(({ file, from }) => `  missing   ${file} (from ${from})`),
    ...outdated.map(({ file, from }) => `  outdated  ${file} (from ${from})`),
  ]);
