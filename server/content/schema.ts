import * as v from 'valibot';
import { NEEDS, READABLE_KINDS, REFERENCE_TYPES } from '../../src/core/protocol/item.ts';
import { languageTag, slug } from '../../src/core/protocol/shapes.ts';
import { COLLECTION_ID } from '../../src/core/protocol/shelf.ts';
import { activityBlock } from '../iati/activity-block.ts';

/** Shapes of what authors write of an item. Explained in docs/content.md; forms and the library's own files are in `schema-files.ts`. */

export const text = (max: number) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty('empty'), v.maxLength(max, `longer than ${max} characters`));
const month = v.pipe(v.string(), v.regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'not a month such as 2004-06'));
const date = v.pipe(v.string(), v.regex(/^\d{4}(-\d{2}){0,2}$/, 'not a date such as 2005, 2005-08 or 2005-08-01'));
const day = v.pipe(v.string(), v.isoDate('not a day such as 2026-08-01'));

/** A subset of codes, each once. */
const codes = <const T extends readonly string[]>(all: T) =>
  v.optional(
    v.pipe(
      v.array(v.picklist(all, `not one of: ${all.join(', ')}`)),
      v.check((list) => new Set(list).size === list.length, 'a code twice'),
    ),
    [],
  );

export const AUDIENCES = [
  'women',
  'youth',
  'indigenous',
  'disability',
  'farmers',
  'herders',
  'operators',
  'presenters',
  'everyone',
] as const;
export const REGIONS = [
  'sub-saharan-africa',
  'latin-america-caribbean',
  'asia',
  'arab-states',
  'north-america',
  'world',
] as const;
export const DOORS = ['connect', 'tools', 'content'] as const;
const WSIS = ['C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7', 'C8', 'C9', 'C10', 'C11'] as const;
const TARGETS = ['T-a', 'T-b', 'T-c', 'T-d', 'T-e', 'T-f', 'T-g', 'T-h', 'T-i', 'T-j'] as const;
const ISTANBUL = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6'] as const;

/** Codes by facet, in the order in which they are offered. */
export const CODES = {
  need: NEEDS,
  door: DOORS,
  audience: AUDIENCES,
  region: REGIONS,
  wsis: WSIS,
  target: TARGETS,
  istanbul: ISTANBUL,
} as const;

const source = v.strictObject({
  id: slug,
  title: text(160),
  by: v.optional(text(120)),
  date: v.optional(date),
  at: v.optional(text(200)),
  certainty: v.picklist(['says', 'unsure']),
});

const approved = v.strictObject({ by: text(80), on: day });

/** The id of a collection: a part of the names of its shelves. */
export const collectionId = v.pipe(v.string(), v.regex(COLLECTION_ID, 'not 2 to 7 small letters and digits'));

/** What is the same in every language. */
const shared = {
  picture: slug,
  order: v.pipe(v.number(), v.integer()),
  form: v.optional(slug, 'short'),
  /** The collection that it is in, as library.yml names it. */
  collection: v.optional(collectionId),
  /** Written at this centre, for the people around it. */
  local: v.optional(v.literal(true)),
  /** The library's where it is not told. */
  licence: v.optional(text(60)),
  needs: codes(NEEDS),
  doors: codes(DOORS),
  audiences: codes(AUDIENCES),
  regions: codes(REGIONS),
  wsis: codes(WSIS),
  targets: codes(TARGETS),
  istanbul: codes(ISTANBUL),
  related: v.optional(v.array(slug), []),
  /** What must not be published from a machine's translation. */
  care: codes(['health', 'disaster', 'money', 'consent']),
  sources: v.optional(v.array(source), []),
};

/** Name of the file with what is the same in every language. */
export const ITEM_FILE = 'item.yml';

export const itemFile = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('case'), ...shared }),
    v.strictObject({ kind: v.literal('sheet'), ...shared, activity: v.optional(activityBlock) }),
    v.strictObject({ kind: v.literal('guide'), ...shared }),
    v.strictObject({
      kind: v.literal('bulletin'),
      ...shared,
      urgency: v.picklist([1, 2, 3], 'not 1, 2 or 3'),
      issued: day,
      until: day,
      approved: v.optional(approved),
    }),
    v.strictObject({
      kind: v.literal('story'),
      ...shared,
      told: v.optional(slug),
      consent: v.optional(v.strictObject({ record: text(200), on: day })),
    }),
    v.strictObject({
      kind: v.literal('reference'),
      ...shared,
      type: v.picklist(REFERENCE_TYPES),
      gone: v.optional(v.literal(true)),
    }),
  ],
  `not one of: ${READABLE_KINDS.join(', ')}`,
);

export type ItemFile = v.InferOutput<typeof itemFile>;

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

/** What is heard in the language of the text; its length is measured. */
const recording = v.strictObject({
  file: text(80),
  by: text(80),
  voice: v.picklist(['person', 'synthetic'], 'neither person nor synthetic'),
});

/** What each language says for itself. */
const words = {
  title: text(60),
  summary: text(160),
  place: text(80),
  review,
  /** Of which text this is a translation, as `npm run gaps` writes it. */
  translates: v.optional(v.strictObject({ lang: languageTag, text: v.pipe(v.string(), v.regex(/^[\w-]{8}$/)) })),
  recording: v.optional(recording),
  /** Words about sources in this language, by id. */
  sources: v.optional(
    v.record(
      v.string(),
      v.strictObject({ title: v.optional(text(160)), by: v.optional(text(120)), note: v.optional(text(240)) }),
    ),
    {},
  ),
};

const term = v.strictObject({ term: text(60), says: text(240) });

/** What a presenter says of a notice: each part at most what is said in one breath or two. */
const script = v.strictObject({
  greeting: v.optional(text(160)),
  what: v.optional(text(300)),
  when: v.optional(text(300)),
  do: v.optional(
    v.pipe(v.array(text(160)), v.minLength(1), v.maxLength(3, 'more than three acts: nobody remembers more')),
  ),
  help: v.optional(text(160)),
  close: v.optional(text(160)),
});

/** Front matter by kind of item. */
export const frontMatter = {
  case: v.strictObject(words),
  sheet: v.strictObject({ ...words, fields: v.pipe(v.array(field), v.minLength(1)) }),
  guide: v.strictObject({
    ...words,
    who: v.optional(text(160)),
    time: v.optional(text(80)),
    tools: v.optional(v.array(text(80))),
  }),
  bulletin: v.strictObject({ ...words, area: text(120), script: v.optional(script) }),
  story: v.strictObject({ ...words, community: text(120) }),
  reference: v.strictObject({ ...words, terms: v.optional(v.array(term)) }),
} as const;

/** What every kind's front matter has. */
export type Words = v.InferOutput<(typeof frontMatter)['case']>;
export type AuthoredField = v.InferOutput<typeof field>;
export type AuthoredScript = v.InferOutput<typeof script>;

/** A fenced block `register`. */
export const registerBlock = v.strictObject({
  title: text(80),
  columns: v.pipe(v.array(text(40)), v.minLength(1), v.maxLength(14)),
  rows: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(40)),
  example: v.optional(v.array(v.array(v.string())), []),
});
