/**
 * A project as IATI 2.03 has it, as far as a sheet can say it. Codes are those of the standard's codelists (`codes.ts`),
 * days are `2004-06-30`, percentages and amounts are decimals as they were written: no digit is lost on the way.
 *
 * Not here, and told when a file has them: locations, transactions, planned disbursements, results, and what only the
 * CRS needs.
 */
export interface IatiActivity extends Part {
  readonly identifier: string;
  /** Of narratives that name none. */
  readonly lang: string;
  readonly currency?: string;
  readonly humanitarian?: boolean;
  readonly hierarchy?: number;
  /** `2005-01-31T12:00:00Z` */
  readonly updated?: string;
  readonly reporting: ReportingOrg;
  readonly title: readonly Narrative[];
  readonly descriptions: readonly Description[];
  readonly participating: readonly ParticipatingOrg[];
  readonly otherIdentifiers: readonly OtherIdentifier[];
  readonly status: string;
  readonly dates: readonly ActivityDate[];
  readonly contacts: readonly Contact[];
  readonly scope?: string;
  readonly countries: readonly Recipient[];
  readonly regions: readonly (Recipient & Vocabulary)[];
  readonly sectors: readonly Sector[];
  readonly markers: readonly PolicyMarker[];
  readonly budgets: readonly Budget[];
  readonly documents: readonly DocumentLink[];
  readonly related: readonly Related[];
}

/** Where it stands in the file that it came from. Never written, and no part of what it says. */
export interface Part {
  readonly line?: number;
}

/** A text in a language; several of them say the same in several languages. */
export interface Narrative {
  readonly lang: string;
  readonly text: string;
}

export interface ReportingOrg extends Part {
  readonly ref: string;
  readonly type: string;
  readonly secondary?: boolean;
  readonly name: readonly Narrative[];
}

export interface Description extends Part {
  readonly type?: string;
  readonly text: readonly Narrative[];
}

export interface ParticipatingOrg extends Part {
  readonly ref?: string;
  readonly type?: string;
  readonly role: string;
  readonly activityId?: string;
  readonly name: readonly Narrative[];
}

export interface OtherIdentifier extends Part {
  readonly ref: string;
  readonly type: string;
  readonly owner?: { readonly ref?: string; readonly name: readonly Narrative[] };
}

export interface ActivityDate extends Part {
  readonly type: string;
  readonly day: string;
  /** Says what is less exact than a day, such as 2004-06. */
  readonly text: readonly Narrative[];
}

export interface Contact extends Part {
  readonly type?: string;
  readonly organisation: readonly Narrative[];
  readonly department: readonly Narrative[];
  readonly person: readonly Narrative[];
  readonly job: readonly Narrative[];
  readonly telephones: readonly string[];
  readonly emails: readonly string[];
  readonly websites: readonly string[];
  readonly addresses: readonly (readonly Narrative[])[];
}

export interface Recipient extends Part {
  readonly code: string;
  readonly percentage?: string;
  readonly name: readonly Narrative[];
}

export interface Vocabulary {
  readonly vocabulary?: string;
  readonly vocabularyUri?: string;
}

export interface Sector extends Recipient, Vocabulary {}

export interface PolicyMarker extends Part, Vocabulary {
  readonly code: string;
  readonly significance?: string;
  readonly name: readonly Narrative[];
}

export interface Budget extends Part {
  readonly type?: string;
  readonly status?: string;
  readonly from: string;
  readonly to: string;
  readonly value: string;
  readonly currency?: string;
  readonly valueDate: string;
}

export interface DocumentLink extends Part {
  readonly url: string;
  readonly format: string;
  readonly title: readonly Narrative[];
  readonly description: readonly Narrative[];
  readonly categories: readonly string[];
  readonly languages: readonly string[];
  readonly day?: string;
}

export interface Related extends Part {
  readonly ref: string;
  readonly type: string;
}

/** The same without its lines: two activities that say the same are equal. */
export const withoutLines = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(withoutLines) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'line')
      .map(([key, inner]) => [key, withoutLines(inner)]),
  ) as T;
};
