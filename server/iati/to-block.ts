import type { IatiActivity, Narrative, Recipient, Vocabulary } from './activity.ts';
import type { ActivityYaml } from './activity-block.ts';
import {
  ACTIVITY_DATES,
  ACTIVITY_SCOPES,
  ACTIVITY_STATUSES,
  BUDGET_STATUSES,
  BUDGET_TYPES,
  CONTACT_TYPES,
  DESCRIPTION_TYPES,
  MARKER_VOCABULARIES,
  ORGANISATION_ROLES,
  ORGANISATION_TYPES,
  REGION_VOCABULARIES,
  RELATIONS,
  SECTOR_VOCABULARIES,
  wordOf,
} from './codes.ts';
import { asDay } from './days.ts';

/**
 * An activity as its block in `item.yml`: the other way round from `sheet-to-iati.ts`. Titles and descriptions are the
 * sheet's words; `descriptions` says under which keys they stand there.
 */
export const toBlock = (
  activity: IatiActivity,
  words: { readonly title?: string; readonly descriptions: ActivityYaml['descriptions'] },
): ActivityYaml => {
  const { reporting } = activity;
  return defined<ActivityYaml>({
    identifier: activity.identifier,
    reporting: defined({
      ref: reporting.ref,
      type: wordOf(ORGANISATION_TYPES, reporting.type),
      name: names(reporting.name) ?? reporting.ref,
      secondary: reporting.secondary,
    }),
    title: words.title,
    descriptions: words.descriptions,
    organisations: activity.participating.map(({ name, ref, type, role, activityId }) =>
      defined({
        name: names(name),
        ref: ref || undefined,
        type: word(ORGANISATION_TYPES, type),
        role: wordOf(ORGANISATION_ROLES, role),
        activity: activityId,
      }),
    ),
    'other-identifiers': list(
      activity.otherIdentifiers.map(({ ref, type, owner }) =>
        defined({ ref, type, owner: owner && defined({ ref: owner.ref, name: names(owner.name) }) }),
      ),
    ),
    status: wordOf(ACTIVITY_STATUSES, activity.status),
    dates: Object.fromEntries(
      Object.entries(ACTIVITY_DATES).flatMap(([key, type]) => {
        const date = activity.dates.find((one) => one.type === type);
        return date ? [[key, dateOf(date.day, date.text, key.endsWith('end'))]] : [];
      }),
    ),
    contacts: list(
      activity.contacts.map((contact) =>
        defined({
          type: word(CONTACT_TYPES, contact.type),
          organisation: names(contact.organisation),
          department: names(contact.department),
          person: names(contact.person),
          job: names(contact.job),
          telephones: list(contact.telephones),
          emails: list(contact.emails),
          websites: list(contact.websites),
          addresses: list(contact.addresses.map(names).filter((address) => address !== undefined)),
        }),
      ),
    ),
    scope: word(ACTIVITY_SCOPES, activity.scope),
    countries: list(activity.countries.map((one) => recipient(one, {}))),
    regions: list(activity.regions.map((one) => recipient(one, REGION_VOCABULARIES))),
    sectors: activity.sectors.map((one) => recipient(one, SECTOR_VOCABULARIES)),
    markers: list(
      activity.markers.map((one) =>
        defined({ ...recipient(one, MARKER_VOCABULARIES), significance: one.significance, percent: undefined }),
      ),
    ),
    currency: activity.currency,
    budget: list(
      activity.budgets.map(({ from, to, value, currency, valueDate, type, status }) =>
        defined({
          from,
          to,
          value: decimal(value),
          currency,
          'value-date': valueDate === from ? undefined : valueDate,
          type: word(BUDGET_TYPES, type),
          status: word(BUDGET_STATUSES, status),
        }),
      ),
    ),
    documents: list(
      activity.documents.map((document) =>
        defined({
          url: document.url,
          format: document.format,
          title: names(document.title) ?? document.url,
          description: names(document.description),
          categories: [...document.categories],
          languages: list(document.languages),
          date: document.day,
        }),
      ),
    ),
    related: list(activity.related.map(({ ref, type }) => ({ ref, type: wordOf(RELATIONS, type) }))),
    humanitarian: activity.humanitarian,
    hierarchy: activity.hierarchy,
    updated: activity.updated,
  } as { [K in keyof ActivityYaml]: ActivityYaml[K] | undefined });
};

/** The word for a description's type. */
export const descriptionWord = (type: string | undefined): keyof typeof DESCRIPTION_TYPES =>
  wordOf(DESCRIPTION_TYPES, type ?? '1') as keyof typeof DESCRIPTION_TYPES;

/** By language; the first of two in the same. Undefined where there is none. */
const names = (texts: readonly Narrative[]): Record<string, string> | undefined =>
  texts.length > 0
    ? Object.fromEntries(
        [...texts]
          .reverse()
          .map(({ lang, text }): [string, string] => [lang, text])
          .reverse(),
      )
    : undefined;

const word = (words: Readonly<Record<string, string>>, code: string | undefined): string | undefined =>
  code === undefined ? undefined : wordOf(words, code);

const recipient = (of: Recipient & Vocabulary, vocabularies: Readonly<Record<string, string>>) =>
  defined({
    code: of.code,
    vocabulary: word(vocabularies, of.vocabulary),
    'vocabulary-uri': of.vocabularyUri,
    percent: of.percentage === undefined ? undefined : decimal(of.percentage),
    name: names(of.name),
  });

/** As a number where that loses nothing; XML Schema's other ways to write one in the way that YAML has. */
const decimal = (value: string): number | string => {
  const plain = value
    .replace(/^\+/, '')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.$/, '');
  return String(Number(plain)) === plain ? Number(plain) : plain;
};

/** A month where the day is only its first or last, and the text says so. */
const dateOf = (
  day: string,
  text: readonly Narrative[],
  end: boolean,
): string | { day: string; says: Record<string, string> } => {
  const said = text[0]?.text ?? '';
  if (text.length === 1 && /^\d{4}(-\d{2})?$/.test(said) && asDay(said, end) === day) return said;
  const says = names(text);
  return says ? { day, says } : day;
};

const list = <T>(values: readonly T[]): T[] | undefined => (values.length > 0 ? [...values] : undefined);

const defined = <T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
