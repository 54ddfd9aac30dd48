import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FormItem } from '../../src/core/protocol/item.ts';
import { inLanguageOf } from '../../src/core/text/fallback.ts';
import { lineOf, type Problems } from './problems.ts';
import type { Authored, ReadOptions } from './read-content.ts';
import { type FormFile, formFile } from './schema-files.ts';
import { readYaml } from './yaml.ts';

/** Reads all forms, each in every language of the library. What a language lacks stands in the one closest to it, with a warning. */
export const readForms = (
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
    if (texts[lang] === undefined)
      problems.warn(
        lineOf(source, Object.values(texts)[0] ?? ''),
        'missing-translation',
        `A text has no "${lang}" (${Object.values(texts)[0]}).`,
        'Add it in this language.',
      );
    return inLanguageOf(texts, lang) ?? '';
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
