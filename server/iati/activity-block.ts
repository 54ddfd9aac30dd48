import * as v from 'valibot';
import {
  ACTIVITY_SCOPES,
  ACTIVITY_STATUSES,
  BUDGET_STATUSES,
  BUDGET_TYPES,
  CONTACT_TYPES,
  MARKER_VOCABULARIES,
  ORGANISATION_ROLES,
  ORGANISATION_TYPES,
  REGION_VOCABULARIES,
  RELATIONS,
  SECTOR_VOCABULARIES,
} from './codes.ts';

/** What an author writes in `activity:` of a sheet's `item.yml`. Explained in docs/iati.md. Words come out as codes. */

const text = (max: number) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty('empty'), v.maxLength(max, `longer than ${max} characters`));

/** A word for a code, or the code itself, which YAML may read as a number. */
const word = (words: Readonly<Record<string, string>>, open = false) =>
  v.pipe(
    v.union([v.string(), v.number()], `not one of: ${Object.keys(words).join(', ')}`),
    v.transform(String),
    v.check(
      (value) => Object.hasOwn(words, value) || Object.values(words).includes(value) || (open && value !== ''),
      `not one of: ${Object.keys(words).join(', ')}`,
    ),
    v.transform((value) => (Object.hasOwn(words, value) ? (words[value] ?? value) : value)),
  );

const code = v.pipe(
  v.union([v.string(), v.number()], 'not a code'),
  v.transform(String),
  v.trim(),
  v.nonEmpty('empty'),
);

/** A text that is the same in every language, or one for each. */
const names = v.union(
  [
    text(2000),
    v.pipe(
      v.record(v.pipe(v.string(), v.regex(/^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/)), text(2000)),
      v.check((map) => Object.keys(map).length > 0, 'empty'),
    ),
  ],
  'neither a text nor texts by language',
);

const DAY_MONTH_YEAR = /^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$/;
/** As exact as it is known. */
const date = v.pipe(v.string(), v.regex(DAY_MONTH_YEAR, 'not a date such as 2004, 2004-06 or 2004-06-30'));
const dated = v.union(
  [date, v.strictObject({ day: date, says: names })],
  'not a date such as "2004", "2004-06" or "2004-06-30", in quotes',
);

/** As written, so that no digit is lost. */
const decimal = v.pipe(
  v.union([v.pipe(v.number(), v.minValue(-1e15), v.maxValue(1e15)), v.string()], 'not a number'),
  v.transform(String),
  v.regex(/^-?\d+(\.\d+)?$/, 'not a number such as 25 or 33.3'),
);
const currency = v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, 'not a currency such as USD'));
const vocabularyUri = v.optional(text(500));

const organisation = v.strictObject({
  name: v.optional(names),
  ref: v.optional(text(200)),
  type: v.optional(word(ORGANISATION_TYPES)),
  role: v.pipe(
    v.union(
      [word(ORGANISATION_ROLES), v.pipe(v.array(word(ORGANISATION_ROLES)), v.minLength(1))],
      `not one of: ${Object.keys(ORGANISATION_ROLES).join(', ')}`,
    ),
    v.transform((roles) => (Array.isArray(roles) ? roles : [roles])),
  ),
  activity: v.optional(text(200)),
});

/** Keys of the sheet's fields, or `summary`. */
const fieldKeys = v.pipe(v.array(text(64)), v.minLength(1));

export const activityBlock = v.strictObject({
  identifier: text(200),
  reporting: v.strictObject({
    ref: text(200),
    type: word(ORGANISATION_TYPES),
    name: names,
    /** The library tells of a project that is not its own. */
    secondary: v.optional(v.boolean()),
  }),
  /** Where the title is longer than the item's: a field of the sheet. */
  title: v.optional(text(64)),
  descriptions: v.optional(
    v.strictObject({
      general: v.optional(fieldKeys),
      objectives: v.optional(fieldKeys),
      'target-groups': v.optional(fieldKeys),
      other: v.optional(fieldKeys),
    }),
    {},
  ),
  organisations: v.pipe(v.array(organisation), v.minLength(1, 'empty')),
  'other-identifiers': v.optional(
    v.array(
      v.strictObject({
        ref: text(200),
        type: text(8),
        owner: v.optional(v.strictObject({ ref: v.optional(text(200)), name: v.optional(names) })),
      }),
    ),
    [],
  ),
  status: word(ACTIVITY_STATUSES),
  dates: v.strictObject({
    'planned-start': v.optional(dated),
    'actual-start': v.optional(dated),
    'planned-end': v.optional(dated),
    'actual-end': v.optional(dated),
  }),
  contacts: v.optional(
    v.array(
      v.strictObject({
        type: v.optional(word(CONTACT_TYPES)),
        organisation: v.optional(names),
        department: v.optional(names),
        person: v.optional(names),
        job: v.optional(names),
        telephones: v.optional(v.array(text(60)), []),
        emails: v.optional(v.array(text(200)), []),
        websites: v.optional(v.array(text(500)), []),
        addresses: v.optional(v.array(names), []),
      }),
    ),
    [],
  ),
  scope: v.optional(word(ACTIVITY_SCOPES)),
  countries: v.optional(v.array(v.strictObject({ code, percent: v.optional(decimal), name: v.optional(names) })), []),
  regions: v.optional(
    v.array(
      v.strictObject({
        code,
        vocabulary: v.optional(word(REGION_VOCABULARIES, true)),
        'vocabulary-uri': vocabularyUri,
        percent: v.optional(decimal),
        name: v.optional(names),
      }),
    ),
    [],
  ),
  sectors: v.pipe(
    v.array(
      v.strictObject({
        code,
        vocabulary: v.optional(word(SECTOR_VOCABULARIES, true)),
        'vocabulary-uri': vocabularyUri,
        percent: v.optional(decimal),
        name: v.optional(names),
      }),
    ),
    v.minLength(1, 'empty'),
  ),
  markers: v.optional(
    v.array(
      v.strictObject({
        code,
        vocabulary: v.optional(word(MARKER_VOCABULARIES, true)),
        'vocabulary-uri': vocabularyUri,
        significance: v.optional(code),
        name: v.optional(names),
      }),
    ),
    [],
  ),
  currency: v.optional(currency),
  budget: v.optional(
    v.array(
      v.strictObject({
        from: date,
        to: date,
        value: decimal,
        currency: v.optional(currency),
        /** Of which day the exchange rate is; the first of the period unless told. */
        'value-date': v.optional(date),
        type: v.optional(word(BUDGET_TYPES)),
        status: v.optional(word(BUDGET_STATUSES)),
        /** IATI knows budgets of at most a year: one sum for several years is shared out by days. */
        split: v.optional(v.literal('years')),
      }),
    ),
    [],
  ),
  documents: v.optional(
    v.array(
      v.strictObject({
        url: text(500),
        format: text(100),
        title: names,
        description: v.optional(names),
        categories: v.pipe(v.array(text(8)), v.minLength(1)),
        languages: v.optional(v.array(text(32)), []),
        date: v.optional(date),
      }),
    ),
    [],
  ),
  related: v.optional(v.array(v.strictObject({ ref: text(200), type: word(RELATIONS) })), []),
  humanitarian: v.optional(v.boolean()),
  hierarchy: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  updated: v.optional(text(40)),
});

export type ActivityBlock = v.InferOutput<typeof activityBlock>;
/** As it is written. */
export type ActivityYaml = v.InferInput<typeof activityBlock>;
