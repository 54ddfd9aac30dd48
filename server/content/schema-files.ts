import * as v from 'valibot';
import { FACETS } from '../../src/core/protocol/item.ts';
import { languageTag, slug } from '../../src/core/protocol/shapes.ts';
import { collectionOf, shelfName } from '../../src/core/protocol/shelf.ts';
import { collectionId, text } from './schema.ts';

/** Shapes of the files that are no items: forms, the library's own file, the vocabulary. Explained in docs/content.md. */

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

/** As long as the longest name of a collection's shelf lets it be. */
const language = v.pipe(
  languageTag,
  v.check((tag) => collectionOf(tag) === undefined, 'named as a collection of another language would be'),
  v.check((tag) => v.is(languageTag, shelfName(tag, '1234567')), 'longer than 23 characters'),
);

export const libraryFile = v.strictObject({
  name: byLanguage,
  languages: v.pipe(v.array(language), v.minLength(1)),
  /** Languages that texts are written in; the others are translations. All, where it is not told. */
  originals: v.optional(v.pipe(v.array(languageTag), v.minLength(1))),
  licence: text(60),
  /** Collections by id, each with its name by language; in the order in which they are offered. */
  collections: v.optional(v.record(collectionId, byLanguage), {}),
});

export type LibraryFile = v.InferOutput<typeof libraryFile>;

/** Names of the codes that items are filed under: facet -> code -> language -> name. */
export const vocabularyFile = v.record(v.picklist(FACETS), v.record(v.string(), byLanguage));

export type VocabularyFile = v.InferOutput<typeof vocabularyFile>;
