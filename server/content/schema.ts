import * as v from 'valibot';
import { languageTag, slug } from '../../src/core/protocol/shapes.ts';

/** Shapes of what authors write: front matter, forms, the library's own file. Explained in docs/content.md. */

const text = (max: number) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty('empty'), v.maxLength(max, `longer than ${max} characters`));
const month = v.pipe(v.string(), v.regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'not a month such as 2004-06'));
const date = v.pipe(v.string(), v.regex(/^\d{4}(-\d{2}){0,2}$/, 'not a date such as 2005, 2005-08 or 2005-08-01'));

const source = v.strictObject({
  id: slug,
  title: text(160),
  by: v.optional(text(120)),
  date: v.optional(date),
  at: v.optional(text(200)),
  certainty: v.picklist(['says', 'unsure']),
  note: v.optional(text(240)),
});

const review = v.strictObject({
  state: v.picklist(['machine-draft', 'human-draft', 'reviewed']),
  by: v.optional(text(80)),
  on: v.optional(date),
});

const fieldValue = v.union(
  [
    text(600),
    v.pipe(v.array(text(400)), v.minLength(1)),
    v.pipe(v.array(v.strictObject({ code: text(24), title: text(300) })), v.minLength(1)),
    v.strictObject({ amount: v.number(), currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/)), estimate: v.boolean() }),
    v.strictObject({ from: month, to: month }),
  ],
  'neither text, a list, an amount, a period nor a list of codes',
);

const field = v.strictObject({
  key: slug,
  label: text(60),
  value: fieldValue,
  inferred: v.optional(v.boolean()),
  note: v.optional(text(300)),
});

const common = {
  title: text(60),
  summary: text(160),
  place: text(80),
  picture: slug,
  order: v.pipe(v.number(), v.integer()),
  form: v.optional(slug, 'short'),
  /** The library's where it is not told. */
  licence: v.optional(text(60)),
  review,
  sources: v.pipe(v.array(source), v.minLength(1, 'no source')),
};

export const frontMatter = v.variant('kind', [
  v.strictObject({ kind: v.literal('case'), ...common }),
  v.strictObject({ kind: v.literal('sheet'), ...common, fields: v.pipe(v.array(field), v.minLength(1)) }),
]);

export type FrontMatter = v.InferOutput<typeof frontMatter>;
export type AuthoredField = v.InferOutput<typeof field>;

const byLanguage = v.record(v.string(), text(300));
const choice = v.strictObject({ name: slug, icon: v.optional(slug), label: byLanguage });
const name = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9_]*$/, 'not a name of small letters, digits and _'),
  v.maxLength(64, 'longer than 64 characters'),
  // Records of answers never carry these, whatever was typed.
  // The page's form says the other four of itself.
  v.notValues(['constructor', 'prototype', 'form', 'version', 'item', 'lang', 'token'], 'a name that cannot be used'),
);

export const formFile = v.strictObject({
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  addressee: v.literal('centre'),
  title: byLanguage,
  submit: byLanguage,
  questions: v.pipe(
    v.array(
      v.variant('type', [
        v.strictObject({
          name,
          type: v.literal('select_one'),
          appearance: v.picklist(['faces', 'list']),
          required: v.boolean(),
          label: byLanguage,
          choices: v.pipe(v.array(choice), v.minLength(2)),
        }),
        v.strictObject({
          name,
          type: v.literal('text'),
          required: v.boolean(),
          max: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4000)),
          label: byLanguage,
          hint: v.optional(byLanguage),
        }),
      ]),
    ),
    v.minLength(1),
    v.check((list) => new Set(list.map((one) => one.name)).size === list.length, 'two questions of the same name'),
  ),
});

export type FormFile = v.InferOutput<typeof formFile>;

export const libraryFile = v.strictObject({
  name: byLanguage,
  languages: v.pipe(v.array(languageTag), v.minLength(1)),
  licence: text(60),
});

export type LibraryFile = v.InferOutput<typeof libraryFile>;
