import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import {
  CENTRE_ID,
  type CentreItem,
  type FormItem,
  type ItemBody,
  type LibraryItem,
  type SheetField,
  type SheetValue,
} from '../../src/core/protocol/item.ts';
import { slug } from '../../src/core/protocol/shapes.ts';
import { readMarkdown } from './markdown.ts';
import { ContentError, type ContentProblem, Problems } from './problems.ts';
import { type AuthoredField, type FormFile, formFile, frontMatter, type LibraryFile, libraryFile } from './schema.ts';
import { readYaml } from './yaml.ts';

/** An item as authored: everything but the revision, which the publisher gives. */
export type Authored<T extends ItemBody = ItemBody> = T extends ItemBody ? Omit<T, 'rev'> : never;

export interface LibrarySource {
  readonly library: LibraryFile;
  readonly items: readonly Authored[];
}

/** Names of the drawings that `picture` and `icon` may name. */
export interface ReadOptions {
  readonly icons: ReadonlySet<string>;
}

/** Reads the library's source folder. Throws `ContentError` with every problem found. */
export const readContent = (folder: string, options: ReadOptions): LibrarySource => {
  const found: ContentProblem[] = [];
  const at = (path: string): Problems => new Problems(relative(join(folder, '..'), path), found);
  const libraryPath = join(folder, 'library.yml');
  if (!existsSync(libraryPath)) {
    at(libraryPath).add(1, 'This file is missing.', 'It names the centre and the languages: see docs/content.md.');
    throw new ContentError(found);
  }
  const library = readYaml(readFileSync(libraryPath, 'utf8'), 1, libraryFile, at(libraryPath));
  const languages = library?.languages ?? [];
  const folders = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'forms',
  );
  for (const { name } of folders) {
    if (!v.is(slug, name) || name === CENTRE_ID || name === 'index') {
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
  const items = folders.flatMap(({ name }) =>
    readdirSync(join(folder, name))
      .sort()
      .flatMap((file) => {
        const path = join(folder, name, file);
        const lang = file.replace(/\.md$/, '');
        const problems = at(path);
        if (!file.endsWith('.md') || !languages.includes(lang)) {
          problems.add(
            1,
            `"${file}" is not the name of a language of this library.`,
            'Name it as in library.yml, such as fr.md.',
          );
          return [];
        }
        const text = readFileSync(path, 'utf8');
        const item = readItem({ id: name, lang, text, licence: library?.licence ?? '' }, ids, problems);
        if (item) checkNames(item, text, formIds, options, problems);
        return item ?? [];
      }),
  );
  if (found.length > 0 || !library) throw new ContentError(found);
  const centres = languages.map((lang): Authored<CentreItem> => {
    const title = library.name[lang] ?? Object.values(library.name)[0] ?? '';
    return { v: 1, kind: 'centre', id: CENTRE_ID, lang, title, languages };
  });
  return { library, items: [...items, ...forms, ...centres] };
};

/** The line on which something stands, from 1. */
const lineOf = (text: string, what: string): number =>
  Math.max(
    0,
    text.split('\n').findIndex((line) => line.includes(what)),
  ) + 1;

const checkNames = (
  item: Authored<LibraryItem>,
  text: string,
  forms: ReadonlySet<string>,
  { icons }: ReadOptions,
  problems: Problems,
): void => {
  if (!icons.has(item.picture))
    problems.add(
      lineOf(text, 'picture:'),
      `There is no drawing "${item.picture}".`,
      `Choose one of: ${[...icons].join(', ')}.`,
    );
  if (!forms.has(item.form))
    problems.add(
      lineOf(text, 'form:'),
      `There is no form "${item.form}".`,
      'Add it to content/forms/, or name another.',
    );
};

const readItem = (
  file: { readonly id: string; readonly lang: string; readonly text: string; readonly licence: string },
  items: ReadonlySet<string>,
  problems: Problems,
): Authored<LibraryItem> | undefined => {
  const { id, lang, text } = file;
  const match = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text);
  if (!match) {
    problems.add(1, 'There is no front matter.', 'Begin the file with --- and its fields, and end them with ---.');
    return undefined;
  }
  const [, yaml = '', markdown = ''] = match;
  const matter = readYaml(yaml, 2, frontMatter, problems);
  if (!matter) return undefined;
  const firstLine = yaml.split('\n').length + 3;
  const sources = new Set(matter.sources.map((source) => source.id));
  const body = readMarkdown(markdown, { firstLine, sources, items, problems });
  const { kind, title, summary, place, picture, order, form, licence = file.licence } = matter;
  const review = { state: matter.review.state, ...defined({ by: matter.review.by, on: matter.review.on }) };
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
    sources: matter.sources.map(({ by, date, at, note, ...source }) => ({
      ...source,
      ...defined({ by, date, at, note }),
    })),
  };
  return kind === 'case' ? { kind, ...common } : { kind: 'sheet', ...common, fields: matter.fields.map(readField) };
};

/** An object without its undefined fields, as `exactOptionalPropertyTypes` and canonical JSON want it. */
const defined = <T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: string };

const readField = ({ key, label, value, inferred, note }: AuthoredField): SheetField => ({
  key,
  label,
  value: readValue(value),
  ...(inferred && { inferred }),
  ...(note !== undefined && { note }),
});

const readValue = (value: AuthoredField['value']): SheetValue => {
  if (typeof value === 'string') return { t: 'text', v: value };
  if (Array.isArray(value)) {
    const entries = value as readonly (string | { code: string; title: string })[];
    const codes = entries.filter((entry) => typeof entry !== 'string');
    return codes.length > 0 ? { t: 'codes', v: codes } : { t: 'list', v: entries as readonly string[] };
  }
  return 'amount' in value ? { t: 'money', ...value } : { t: 'period', ...value };
};

const readForms = (
  folder: string,
  languages: readonly string[],
  options: ReadOptions,
  at: (path: string) => Problems,
): Authored<FormItem>[] => {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((id) => {
    const path = join(folder, id, 'form.yml');
    const problems = at(path);
    if (!existsSync(path)) {
      problems.add(1, 'This file is missing.', 'Every folder in content/forms/ is a form: see docs/content.md.');
      return [];
    }
    const text = readFileSync(path, 'utf8');
    const form = readYaml(text, 1, formFile, problems);
    return form ? languages.map((lang) => inLanguage(form, { id, lang, text }, options, problems)) : [];
  });
};

/** One language's variant of a form. */
const inLanguage = (
  form: FormFile,
  { id, lang, text: source }: { readonly id: string; readonly lang: string; readonly text: string },
  { icons }: ReadOptions,
  problems: Problems,
): Authored<FormItem> => {
  const say = (texts: Readonly<Record<string, string>>): string => {
    const text = texts[lang];
    if (text === undefined)
      problems.add(
        lineOf(source, Object.values(texts)[0] ?? ''),
        `A text has no "${lang}" (${Object.values(texts)[0]}).`,
        'Add it in this language.',
      );
    return text ?? '';
  };
  const questions = form.questions.map((question) => {
    const { name, required } = question;
    const label = say(question.label);
    if (question.type === 'text') {
      const hint = question.hint && say(question.hint);
      return { type: question.type, name, required, label, max: question.max, ...(hint && { hint }) };
    }
    const choices = question.choices.map(({ name: choice, icon, label: texts }) => {
      if (icon !== undefined && !icons.has(icon))
        problems.add(lineOf(source, `icon: ${icon}`), `There is no drawing "${icon}".`, 'See src/view/icons/.');
      return { name: choice, label: say(texts), ...(icon && { icon }) };
    });
    return { type: question.type, name, required, label, appearance: question.appearance, choices };
  });
  const { version, addressee } = form;
  return {
    v: 1,
    kind: 'form',
    id,
    lang,
    title: say(form.title),
    submit: say(form.submit),
    version,
    addressee,
    questions,
  };
};
