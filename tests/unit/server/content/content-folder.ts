import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { ContentError, type ContentProblem } from '../../../../server/content/problems.ts';
import { type LibrarySource, readContent } from '../../../../server/content/read-content.ts';

/** A library's source folder for one test: one item and one form, with other files in the place of its own. */

export const icons = new Set(['radio', 'face-yes']);

/** A line of a file: `lines('a', 'b')` has `a` as line 1. */
export const lines = (...all: string[]): string => `${all.join('\n')}\n`;

export const LIBRARY = lines('name: { fr: Centre, en: Centre }', 'languages: [fr, en]', 'licence: CC-BY-4.0');

export const FORM = [
  'version: 1',
  'addressee: centre',
  'title: { fr: Avis, en: View }',
  'submit: { fr: Envoyer, en: Send }',
  'questions:',
  '  - name: helped',
  '    type: select_one',
  '    appearance: faces',
  '    required: true',
  '    label: { fr: Utile, en: Useful }',
  '    choices:',
  "      - { name: 'yes', icon: face-yes, label: { fr: Oui, en: 'Yes' } }",
  "      - { name: 'no', label: { fr: Non, en: 'No' } }",
];

/** What is the same in every language of an item. */
export const SHARED = [
  'kind: case',
  'picture: radio',
  'order: 10',
  'sources:',
  '  - id: visit',
  '    title: Visite',
  '    certainty: says',
];

/** Lines 1 to 6 of an item's text; its Markdown begins in line 7. */
export const MATTER = [
  '---',
  'title: La pompe',
  'summary: Poser une pompe.',
  'place: Tillia',
  'review: { state: machine-draft }',
  '---',
];
export const TEXT = ['', '## Le début', '', 'En 1999, la pompe arrive[^visit].'];

/** The folder that holds `content/`. */
export let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relais-content-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

export const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

/** Reads a library of one item and one form, with `files` in the place of its own. */
export const read = (files: Readonly<Record<string, string>> = {}): LibrarySource => {
  const all = {
    'content/library.yml': LIBRARY,
    'content/forms/short/form.yml': lines(...FORM),
    'content/pump/item.yml': lines(...SHARED),
    'content/pump/fr.md': lines(...MATTER, ...TEXT),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) write(path, text);
  return readContent(join(folder, 'content'), { icons });
};

export const problemsIn = (files: Readonly<Record<string, string>>): readonly ContentProblem[] => {
  try {
    read(files);
  } catch (error) {
    if (error instanceof ContentError) return error.problems;
    throw error;
  }
  return [];
};

export const ITEM = 'content/pump/fr.md';
export const SHARED_FILE = 'content/pump/item.yml';

/** `list` with line `number` (1 is the first) in other words, or without it. */
export const withLine = (list: readonly string[], number: number, ...words: string[]): string[] => [
  ...list.slice(0, number - 1),
  ...words,
  ...list.slice(number),
];
export const item = (...text: string[]): Record<string, string> => ({
  'content/pump/fr.md': lines(...MATTER, ...text),
});
export const matter = (number: number, ...words: string[]): Record<string, string> => ({
  'content/pump/fr.md': lines(...withLine(MATTER, number, ...words), ...TEXT),
});
export const shared = (number: number, ...words: string[]): Record<string, string> => ({
  [SHARED_FILE]: lines(...withLine(SHARED, number, ...words)),
});
export const form = (number: number, ...words: string[]): Record<string, string> => ({
  'content/forms/short/form.yml': lines(...withLine(FORM, number, ...words)),
});

export const FORM_FILE = 'content/forms/short/form.yml';
