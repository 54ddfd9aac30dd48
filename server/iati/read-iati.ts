import type {
  ActivityDate,
  Budget,
  Contact,
  DocumentLink,
  IatiActivity,
  Narrative,
  OtherIdentifier,
  Recipient,
  Vocabulary,
} from './activity.ts';
import { checkDocument } from './check-iati.ts';
import { type Finding, Findings, inOrder, isError } from './findings.ts';
import { parseXml, type XmlElement } from './xml.ts';

export interface IatiFile {
  /** Empty where there is an error. */
  readonly activities: readonly IatiActivity[];
  readonly findings: readonly Finding[];
  /** `generated-datetime`, where the file has it. */
  readonly generated?: string;
}

export interface ReadIatiOptions {
  /** As findings name the file. */
  readonly file: string;
  /** A day: dates of what has happened must not be after it. Not checked without. */
  readonly today?: string;
}

/** Reads an activity file of IATI 2.01, 2.02 or 2.03, and says all that is wrong with it. */
export const readIati = (bytes: Uint8Array, { file, today }: ReadIatiOptions): IatiFile => {
  const findings = new Findings(file);
  const root = parseXml(bytes, findings);
  if (root) checkDocument(root, findings, today);
  if (!root || findings.all.some(isError)) return { activities: [], findings: inOrder(findings.all) };
  const activities = root.children
    .filter(({ name }) => name === 'iati-activity')
    .map((element) => readActivity(element, findings));
  const generated = root.attributes.get('generated-datetime');
  return { activities, findings: inOrder(findings.all), ...(generated !== undefined && { generated }) };
};

/** Elements that an activity of ours has a place for. */
const KEPT = new Set([
  'iati-identifier',
  'reporting-org',
  'title',
  'description',
  'participating-org',
  'other-identifier',
  'activity-status',
  'activity-date',
  'contact-info',
  'activity-scope',
  'recipient-country',
  'recipient-region',
  'sector',
  'policy-marker',
  'budget',
  'document-link',
  'related-activity',
]);

/** Of an element that has been checked. */
const readActivity = (element: XmlElement, findings: Findings): IatiActivity => {
  tellLeftOut(element, findings);
  const all = (name: string, of = element): XmlElement[] => of.children.filter((child) => child.name === name);
  const first = (name: string, of = element): XmlElement | undefined =>
    of.children.find((child) => child.name === name);
  const lang = element.attributes.get('xml:lang') ?? firstLanguage(element) ?? 'en';
  const words = (of: XmlElement | undefined): Narrative[] =>
    of === undefined
      ? []
      : all('narrative', of).map((narrative) => ({
          lang: narrative.attributes.get('xml:lang') ?? lang,
          text: narrative.text.trim(),
        }));
  const code = (name: string): string | undefined => first(name)?.attributes.get('code');
  const isTrue = (value: string | undefined): boolean | undefined =>
    value === undefined ? undefined : value === '1' || value === 'true';

  const reporting = first('reporting-org') ?? element;
  const hierarchy = element.attributes.get('hierarchy');
  return defined<IatiActivity>({
    line: element.line,
    identifier: (first('iati-identifier')?.text ?? '').trim(),
    lang,
    currency: element.attributes.get('default-currency'),
    humanitarian: isTrue(element.attributes.get('humanitarian')),
    hierarchy: hierarchy === undefined ? undefined : Number(hierarchy),
    updated: element.attributes.get('last-updated-datetime'),
    reporting: defined({
      line: reporting.line,
      ref: reporting.attributes.get('ref') ?? '',
      type: reporting.attributes.get('type') ?? '',
      secondary: isTrue(reporting.attributes.get('secondary-reporter')),
      name: words(reporting),
    }),
    title: words(first('title')),
    descriptions: all('description').map((of) =>
      defined({ line: of.line, type: of.attributes.get('type'), text: words(of) }),
    ),
    participating: all('participating-org').map((of) =>
      defined({
        line: of.line,
        ref: of.attributes.get('ref'),
        type: of.attributes.get('type'),
        role: of.attributes.get('role') ?? '',
        activityId: of.attributes.get('activity-id'),
        name: words(of),
      }),
    ),
    otherIdentifiers: all('other-identifier').map((of) => readOther(of, first('owner-org', of), words)),
    status: code('activity-status') ?? '',
    dates: all('activity-date').map(
      (of): ActivityDate => ({
        line: of.line,
        type: of.attributes.get('type') ?? '',
        day: dayOf(of),
        text: words(of),
      }),
    ),
    contacts: all('contact-info').map((of) => readContact(of, all, words)),
    scope: code('activity-scope'),
    countries: all('recipient-country').map((of) => readRecipient(of, words)),
    regions: all('recipient-region').map((of) => readRecipient(of, words)),
    sectors: all('sector').map((of) => readRecipient(of, words)),
    markers: all('policy-marker').map((of) =>
      defined({
        line: of.line,
        ...vocabularyOf(of),
        code: of.attributes.get('code') ?? '',
        significance: of.attributes.get('significance'),
        name: words(of),
      }),
    ),
    budgets: all('budget').map((of): Budget => {
      const value = first('value', of);
      return defined<Budget>({
        line: of.line,
        type: of.attributes.get('type'),
        status: of.attributes.get('status'),
        from: dayOf(first('period-start', of)),
        to: dayOf(first('period-end', of)),
        value: (value?.text ?? '').trim(),
        currency: value?.attributes.get('currency'),
        valueDate: (value?.attributes.get('value-date') ?? '').slice(0, 10),
      });
    }),
    documents: all('document-link').map((of): DocumentLink => {
      const day = first('document-date', of);
      return defined<DocumentLink>({
        line: of.line,
        url: (of.attributes.get('url') ?? '').trim(),
        format: of.attributes.get('format') ?? '',
        title: words(first('title', of)),
        description: words(first('description', of)),
        categories: all('category', of).map((inner) => inner.attributes.get('code') ?? ''),
        languages: all('language', of).map((inner) => inner.attributes.get('code') ?? ''),
        day: day && dayOf(day),
      });
    }),
    related: all('related-activity').map((of) => ({
      line: of.line,
      ref: of.attributes.get('ref') ?? '',
      type: of.attributes.get('type') ?? '',
    })),
  });
};

type Words = (of: XmlElement | undefined) => Narrative[];

/** A day without its time zone: nothing here is as exact as that. */
const dayOf = (element: XmlElement | undefined): string =>
  (element?.attributes.get('iso-date') ?? '').trim().slice(0, 10);

const vocabularyOf = (of: XmlElement): Optional<Vocabulary> => ({
  vocabulary: of.attributes.get('vocabulary'),
  vocabularyUri: of.attributes.get('vocabulary-uri'),
});

const readRecipient = (of: XmlElement, words: Words): Recipient & Vocabulary =>
  defined<Recipient & Vocabulary>({
    line: of.line,
    ...vocabularyOf(of),
    code: of.attributes.get('code') ?? '',
    percentage: of.attributes.get('percentage')?.trim(),
    name: words(of),
  });

const readOther = (of: XmlElement, owner: XmlElement | undefined, words: Words): OtherIdentifier =>
  defined<OtherIdentifier>({
    line: of.line,
    ref: of.attributes.get('ref') ?? '',
    type: of.attributes.get('type') ?? '',
    owner: owner && defined({ ref: owner.attributes.get('ref'), name: words(owner) }),
  });

const readContact = (of: XmlElement, all: (name: string, of: XmlElement) => XmlElement[], words: Words): Contact => {
  const texts = (name: string): string[] => all(name, of).map(({ text }) => text.trim());
  return defined<Contact>({
    line: of.line,
    type: of.attributes.get('type'),
    organisation: words(all('organisation', of)[0]),
    department: words(all('department', of)[0]),
    person: words(all('person-name', of)[0]),
    job: words(all('job-title', of)[0]),
    telephones: texts('telephone'),
    emails: texts('email'),
    websites: texts('website'),
    addresses: all('mailing-address', of).map(words),
  });
};

const firstLanguage = (element: XmlElement): string | undefined => {
  for (const child of element.children) {
    const lang = child.attributes.get('xml:lang') ?? firstLanguage(child);
    if (lang !== undefined) return lang;
  }
  return undefined;
};

const tellLeftOut = (element: XmlElement, findings: Findings): void => {
  const told = new Map<string, { line: number; count: number }>();
  for (const { name, line } of element.children) {
    if (KEPT.has(name)) continue;
    const before = told.get(name);
    told.set(name, { line: before?.line ?? line, count: (before?.count ?? 0) + 1 });
  }
  for (const [name, { line, count }] of told) {
    findings.warn(
      line,
      'left-out',
      `${count} × <${name}>: a sheet has no place for it.`,
      'Keep the file: only there it stands.',
    );
  }
};

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** An object without its undefined fields, as `exactOptionalPropertyTypes` wants it. */
const defined = <T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
