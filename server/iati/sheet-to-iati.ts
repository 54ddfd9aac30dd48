import type { Budget, Description, IatiActivity, Narrative, ParticipatingOrg } from './activity.ts';
import type { ActivityBlock } from './activity-block.ts';
import type { LineOf } from './block-lines.ts';
import { checkActivity } from './check-iati.ts';
import { ACTIVITY_DATES, DESCRIPTION_TYPES } from './codes.ts';
import { asDay, splitYears } from './days.ts';
import { type Finding, Findings, inOrder, isError } from './findings.ts';
import { writeIati } from './write-iati.ts';

/** A sheet as this room needs it: what `item.yml` says, and what each language says. */
export interface SheetInput {
  /** `item.yml`, as findings name it. */
  readonly file: string;
  readonly block: ActivityBlock;
  /** One for each language that the sheet is in; the first is the language of what names none. */
  readonly texts: readonly SheetText[];
  /** Lines of `item.yml` by path inside the block: `linesIn(yaml, 'activity')`. 1 without. */
  readonly lineOf?: LineOf;
}

export interface SheetText {
  readonly lang: string;
  readonly title: string;
  readonly summary: string;
  /** Values are texts, lists of texts, or what the library makes of them: `{t: 'text' | 'list', v}`. Others are passed over. */
  readonly fields?: readonly { readonly key: string; readonly value: unknown }[];
}

export interface SheetOptions {
  /** Languages of the library: one that the sheet is not in is a missing translation. */
  readonly languages?: readonly string[];
  /** A day: dates of what has happened must not be after it. */
  readonly today?: string;
}

/** The activity that a sheet tells of, and what is wrong with it. Undefined where there is an error. */
export const sheetToIati = (
  sheet: SheetInput,
  options: SheetOptions = {},
): { readonly activity: IatiActivity | undefined; readonly findings: readonly Finding[] } => {
  const findings = new Findings(sheet.file);
  const activity = new Translator(sheet, findings).activity();
  for (const lang of options.languages ?? []) {
    if (!sheet.texts.some((one) => one.lang === lang))
      findings.warn(
        activity.line ?? 1,
        'missing-translation',
        `The sheet is not there in "${lang}".`,
        'Have it translated.',
      );
  }
  checkActivity(activity, findings, options.today);
  return { activity: findings.all.some(isError) ? undefined : activity, findings: inOrder(findings.all) };
};

/**
 * All sheets as one document. `xml` is undefined where there is an error, or no sheet: the schema has no empty document.
 * `generated` is the time of the publication, such as `2026-11-24T12:00:00Z`.
 */
export const sheetsToXml = (
  sheets: readonly SheetInput[],
  options: SheetOptions & { readonly generated?: string } = {},
): { readonly xml: string | undefined; readonly findings: readonly Finding[] } => {
  const results = sheets.map((sheet) => ({ sheet, ...sheetToIati(sheet, options) }));
  const findings = results.flatMap((result) => result.findings);
  const seen = new Map<string, string>();
  for (const { file, block, lineOf } of sheets) {
    const before = seen.get(block.identifier);
    if (before !== undefined) {
      const own = new Findings(file);
      own.error(
        lineOf?.(['identifier']) ?? 1,
        'rule',
        `The activity "${block.identifier}" is that of ${before} already.`,
        'Give each its own identifier.',
      );
      findings.push(...own.all);
    }
    seen.set(block.identifier, before ?? file);
  }
  const activities = results.flatMap(({ activity }) => activity ?? []);
  const fine = activities.length > 0 && !findings.some(isError);
  return { xml: fine ? writeIati(activities, options.generated) : undefined, findings };
};

type Names = string | Readonly<Record<string, string>>;

class Translator {
  readonly #sheet: SheetInput;
  readonly #findings: Findings;
  readonly #lineOf: LineOf;

  constructor(sheet: SheetInput, findings: Findings) {
    this.#sheet = sheet;
    this.#findings = findings;
    this.#lineOf = sheet.lineOf ?? (() => 1);
  }

  activity(): IatiActivity {
    const { block, texts } = this.#sheet;
    const { reporting } = block;
    return {
      line: this.#lineOf([]),
      identifier: block.identifier,
      lang: texts[0]?.lang ?? 'en',
      ...defined({ currency: block.currency, humanitarian: block.humanitarian }),
      ...defined({ hierarchy: block.hierarchy, updated: block.updated, scope: block.scope }),
      reporting: {
        line: this.#lineOf(['reporting']),
        ref: reporting.ref,
        type: reporting.type,
        ...defined({ secondary: reporting.secondary }),
        name: this.#names(reporting.name),
      },
      title:
        block.title === undefined
          ? texts.map(({ lang, title }) => ({ lang, text: title }))
          : this.#fromFields([block.title], ['title']),
      descriptions: this.#descriptions(),
      participating: this.#organisations(),
      otherIdentifiers: block['other-identifiers'].map(({ ref, type, owner }, i) => ({
        line: this.#lineOf(['other-identifiers', i]),
        ref,
        type,
        ...(owner && { owner: { ...defined({ ref: owner.ref }), name: this.#names(owner.name) } }),
      })),
      status: block.status,
      dates: this.#dates(),
      contacts: block.contacts.map((contact, i) => ({
        line: this.#lineOf(['contacts', i]),
        ...defined({ type: contact.type }),
        organisation: this.#names(contact.organisation),
        department: this.#names(contact.department),
        person: this.#names(contact.person),
        job: this.#names(contact.job),
        telephones: contact.telephones,
        emails: contact.emails,
        websites: contact.websites,
        addresses: contact.addresses.map((address) => this.#names(address)),
      })),
      countries: block.countries.map((country, i) => this.#recipient(country, ['countries', i])),
      regions: block.regions.map((region, i) => this.#recipient(region, ['regions', i])),
      sectors: block.sectors.map((sector, i) => this.#recipient(sector, ['sectors', i])),
      markers: block.markers.map((marker, i) => ({
        ...this.#recipient(marker, ['markers', i]),
        ...defined({ significance: marker.significance }),
      })),
      budgets: this.#budgets(),
      documents: block.documents.map((document, i) => ({
        line: this.#lineOf(['documents', i]),
        url: document.url,
        format: document.format,
        title: this.#names(document.title),
        description: this.#names(document.description),
        categories: document.categories,
        languages: document.languages,
        ...(document.date !== undefined && { day: asDay(document.date, false) }),
      })),
      related: block.related.map((related, i) => ({ line: this.#lineOf(['related', i]), ...related })),
    };
  }

  /** One text for all languages is told in each: an own name is no missing translation. */
  #names(names: Names | undefined): readonly Narrative[] {
    if (names === undefined) return [];
    if (typeof names === 'string') return this.#sheet.texts.map(({ lang }) => ({ lang, text: names }));
    return Object.entries(names).map(([lang, text]) => ({ lang, text }));
  }

  #descriptions(): readonly Description[] {
    const { descriptions } = this.#sheet.block;
    const types = Object.entries(DESCRIPTION_TYPES).flatMap(([word, type]) => {
      const keys = descriptions[word as keyof typeof DESCRIPTION_TYPES];
      return keys ? [{ word, type, keys }] : [];
    });
    const told = types.length > 0 ? types : [{ word: 'general', type: '1', keys: ['summary'] }];
    return told.map(({ word, type, keys }) => ({
      line: this.#lineOf(['descriptions', word]),
      type,
      text: this.#fromFields(keys, ['descriptions', word]),
    }));
  }

  /** What the sheet's fields of these keys say, in each language that has all of them. */
  #fromFields(keys: readonly string[], path: readonly string[]): readonly Narrative[] {
    const { texts } = this.#sheet;
    for (const key of keys) {
      if (texts.some((text) => wordsOf(text, key) !== undefined)) continue;
      this.#findings.error(
        this.#lineOf(path),
        'schema',
        `The sheet has no field "${key}" with words.`,
        'Name one of its fields, or summary.',
      );
    }
    return texts.flatMap((text) => {
      const words = keys.map((key) => wordsOf(text, key));
      return words.includes(undefined) ? [] : [{ lang: text.lang, text: words.join('\n\n') }];
    });
  }

  #organisations(): readonly ParticipatingOrg[] {
    return this.#sheet.block.organisations.flatMap(({ name, ref, type, role, activity }, i) =>
      role.map((code) => ({
        line: this.#lineOf(['organisations', i]),
        ...defined({ ref, type, activityId: activity }),
        role: code,
        name: this.#names(name),
      })),
    );
  }

  /** A month stands as its first or last day, and is told as it was written. */
  #dates(): IatiActivity['dates'] {
    const { dates } = this.#sheet.block;
    return Object.entries(ACTIVITY_DATES).flatMap(([word, type]) => {
      const date = dates[word as keyof typeof ACTIVITY_DATES];
      if (date === undefined) return [];
      const { day, says } = typeof date === 'string' ? { day: date, says: date.length < 10 ? date : undefined } : date;
      const text = says === day ? [{ lang: this.#sheet.texts[0]?.lang ?? 'en', text: day }] : this.#names(says);
      return [{ line: this.#lineOf(['dates', word]), type, day: asDay(day, word.endsWith('end')), text }];
    });
  }

  #recipient(
    of: ActivityBlock['sectors'][number] | ActivityBlock['countries'][number] | ActivityBlock['markers'][number],
    path: readonly (string | number)[],
  ) {
    const {
      vocabulary,
      'vocabulary-uri': vocabularyUri,
      percent,
    } = { vocabulary: undefined, 'vocabulary-uri': undefined, percent: undefined, ...of };
    return {
      line: this.#lineOf(path),
      ...defined({ vocabulary, vocabularyUri, percentage: percent }),
      code: of.code,
      name: this.#names(of.name),
    };
  }

  #budgets(): readonly Budget[] {
    return this.#sheet.block.budget.flatMap((line, i) => {
      const [from, to] = [asDay(line.from, false), asDay(line.to, true)];
      const spans = line.split ? splitYears(from, to, line.value) : [{ from, to, value: line.value }];
      const told = line['value-date'];
      return spans.map((span) => ({
        line: this.#lineOf(['budget', i]),
        ...defined({ type: line.type, status: line.status, currency: line.currency }),
        ...span,
        valueDate: told === undefined ? span.from : asDay(told, false),
      }));
    });
  }
}

const wordsOf = (text: SheetText, key: string): string | undefined => {
  if (key === 'summary') return text.summary;
  const value = text.fields?.find((field) => field.key === key)?.value;
  const words = isWrapped(value) ? value.v : value;
  if (typeof words === 'string') return words;
  return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words.join('\n') : undefined;
};

const isWrapped = (value: unknown): value is { readonly v: unknown } =>
  typeof value === 'object' && value !== null && 't' in value && 'v' in value;

/** Without what is undefined, as `exactOptionalPropertyTypes` wants it. */
const defined = <T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
