/**
 * Codelists of IATI 2.03 that sheets use, with the words that authors write for codes.
 *
 * Codes from https://github.com/IATI/IATI-Codelists (version-2.03) and IATI-Codelists-NonEmbedded (IATI Standard,
 * https://iatistandard.org/, CC BY 4.0). The words are ours.
 */
export const ORGANISATION_ROLES = { funding: '1', accountable: '2', extending: '3', implementing: '4' } as const;

export const ORGANISATION_TYPES = {
  government: '10',
  'local-government': '11',
  'other-public': '15',
  'international-ngo': '21',
  'national-ngo': '22',
  'regional-ngo': '23',
  'partner-country-ngo': '24',
  'public-private': '30',
  multilateral: '40',
  foundation: '60',
  private: '70',
  'private-in-provider-country': '71',
  'private-in-recipient-country': '72',
  'private-in-third-country': '73',
  academic: '80',
  other: '90',
} as const;

export const ACTIVITY_STATUSES = {
  pipeline: '1',
  implementation: '2',
  finalisation: '3',
  closed: '4',
  cancelled: '5',
  suspended: '6',
} as const;

export const ACTIVITY_DATES = {
  'planned-start': '1',
  'actual-start': '2',
  'planned-end': '3',
  'actual-end': '4',
} as const;

export const ACTIVITY_SCOPES = {
  global: '1',
  regional: '2',
  'multi-national': '3',
  national: '4',
  'several-provinces': '5',
  province: '6',
  district: '7',
  place: '8',
} as const;

export const BUDGET_TYPES = { original: '1', revised: '2' } as const;
export const BUDGET_STATUSES = { indicative: '1', committed: '2' } as const;
export const DESCRIPTION_TYPES = { general: '1', objectives: '2', 'target-groups': '3', other: '4' } as const;
export const CONTACT_TYPES = { general: '1', 'project-management': '2', finance: '3', communications: '4' } as const;
export const RELATIONS = { parent: '1', child: '2', sibling: '3', 'co-funded': '4', 'third-party': '5' } as const;

export const SECTOR_VOCABULARIES = {
  'dac-5': '1',
  'dac-3': '2',
  cofog: '3',
  nace: '4',
  ntee: '5',
  aiddata: '6',
  'sdg-goal': '7',
  'sdg-target': '8',
  'sdg-indicator': '9',
  'humanitarian-cluster': '10',
  naics: '11',
  'un-function': '12',
  'own-2': '98',
  own: '99',
} as const;

export const REGION_VOCABULARIES = { dac: '1', un: '2', own: '99' } as const;
export const MARKER_VOCABULARIES = { dac: '1', own: '99' } as const;

/** Regions of the OECD DAC: names from the codelist, and the region of the library under which each falls. */
export const DAC_REGIONS: Readonly<
  Record<string, { readonly en: string; readonly fr: string; readonly facet?: string }>
> = {
  '88': { en: 'States Ex-Yugoslavia unspecified', fr: 'États ex-Yougoslavie non spécifié' },
  '89': { en: 'Europe, regional', fr: 'Europe, régional' },
  '189': { en: 'North of Sahara, regional', fr: 'Nord du Sahara, régional', facet: 'arab-states' },
  '289': { en: 'South of Sahara, regional', fr: 'Sud du Sahara, régional', facet: 'sub-saharan-africa' },
  '298': { en: 'Africa, regional', fr: 'Afrique, régional' },
  '380': { en: 'West Indies, regional', fr: 'Indes occ., régional', facet: 'latin-america-caribbean' },
  '389': { en: 'North & Central America, regional', fr: 'Amérique N. & C., régional' },
  '489': { en: 'South America, regional', fr: 'Amérique du Sud, régional', facet: 'latin-america-caribbean' },
  '498': { en: 'America, regional', fr: 'Amérique, régional' },
  '589': { en: 'Middle East, regional', fr: 'Moyen-Orient, régional', facet: 'arab-states' },
  '619': { en: 'Central Asia, regional', fr: 'Asie centrale, régional', facet: 'asia' },
  '679': { en: 'South Asia, regional', fr: 'Asie du Sud, régional', facet: 'asia' },
  '689': { en: 'South & Central Asia, regional', fr: 'Asie du Sud & C., régional', facet: 'asia' },
  '789': { en: 'Far East Asia, regional', fr: 'Extrême-Orient, régional', facet: 'asia' },
  '798': { en: 'Asia, regional', fr: 'Asie, régional', facet: 'asia' },
  '889': { en: 'Oceania, regional', fr: 'Océanie, régional' },
  '998': { en: 'Developing countries, unspecified', fr: 'Pays en développement, non spécifié', facet: 'world' },
  '1027': { en: 'Eastern Africa, regional', fr: 'Afrique orientale, régional', facet: 'sub-saharan-africa' },
  '1028': { en: 'Middle Africa, regional', fr: 'Afrique centrale, régional', facet: 'sub-saharan-africa' },
  '1029': { en: 'Southern Africa, regional', fr: 'Afrique australe, régional', facet: 'sub-saharan-africa' },
  '1030': { en: 'Western Africa, regional', fr: 'Afrique occidentale, régional', facet: 'sub-saharan-africa' },
  '1031': { en: 'Caribbean, regional', fr: 'Caraïbes, régional', facet: 'latin-america-caribbean' },
  '1032': { en: 'Central America, regional', fr: 'Amérique centrale, régional', facet: 'latin-america-caribbean' },
  '1033': { en: 'Melanesia, regional', fr: 'Mélanésie, régional' },
  '1034': { en: 'Micronesia, regional', fr: 'Micronésie, régional' },
  '1035': { en: 'Polynesia, regional', fr: 'Polynésie, régional' },
};

const range = (from: number, to: number, prefix = '', digits = 1): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${prefix}${String(from + i).padStart(digits, '0')}`);

interface Codelist {
  readonly codes: ReadonlySet<string>;
  /** False for lists that grow between versions of the standard: an unknown code is a warning there. */
  readonly complete: boolean;
}
const list = (codes: Iterable<string>, complete = true): Codelist => ({ codes: new Set(codes), complete });

/** By the name that the standard gives them; `shape.ts` names them as types of attributes. */
export const CODELISTS: Readonly<Record<string, Codelist>> = {
  OrganisationRole: list(Object.values(ORGANISATION_ROLES)),
  OrganisationType: list(Object.values(ORGANISATION_TYPES)),
  ActivityStatus: list(Object.values(ACTIVITY_STATUSES)),
  ActivityDateType: list(Object.values(ACTIVITY_DATES)),
  ActivityScope: list(Object.values(ACTIVITY_SCOPES)),
  BudgetType: list(Object.values(BUDGET_TYPES)),
  BudgetStatus: list(Object.values(BUDGET_STATUSES)),
  DescriptionType: list(Object.values(DESCRIPTION_TYPES)),
  ContactType: list(Object.values(CONTACT_TYPES)),
  RelatedActivityType: list(Object.values(RELATIONS)),
  TransactionType: list(range(1, 13)),
  PolicySignificance: list(range(0, 4)),
  PolicyMarkerVocabulary: list(Object.values(MARKER_VOCABULARIES), false),
  SectorVocabulary: list(Object.values(SECTOR_VOCABULARIES), false),
  RegionVocabulary: list(Object.values(REGION_VOCABULARIES), false),
  DocumentCategory: list([...range(1, 12, 'A', 2), ...range(1, 18, 'B', 2)], false),
};

const countryNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
/** Two letters that name no country: groups, unknown, and those for tests. */
const NO_COUNTRY = new Set(['EU', 'EZ', 'UN', 'QO', 'ZZ', 'XA', 'XB']);

/** ISO 3166-1 alpha-2, as far as this Node's tables of names go. */
export const isCountry = (code: string): boolean =>
  /^[A-Z]{2}$/.test(code) && !NO_COUNTRY.has(code) && countryNames.of(code) !== undefined;

const currencies = new Set(Intl.supportedValuesOf('currency'));
/** ISO 4217, past ones too. */
export const isCurrency = (code: string): boolean => currencies.has(code);

/** The word that authors write for a code; the code itself where there is none. */
export const wordOf = (words: Readonly<Record<string, string>>, code: string): string =>
  Object.entries(words).find(([, own]) => own === code)?.[0] ?? code;
