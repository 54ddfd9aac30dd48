import type { IatiActivity, Narrative } from './activity.ts';
import { DAC_REGIONS } from './codes.ts';
import type { ImportWords } from './import-words.ts';
import { cut, pieces } from './markdown-out.ts';
import { descriptionWord } from './to-block.ts';

/** What an activity says, as fields and place of a sheet in one language. */

/** As docs/content.md has it. */
export const MAX = {
  title: 60,
  summary: 160,
  place: 80,
  text: 600,
  entry: 400,
  source: 160,
  by: 120,
  at: 200,
  label: 300,
} as const;

type FieldValue =
  | string
  | readonly string[]
  | { readonly amount: number; readonly currency: string; readonly estimate: boolean }
  | { readonly from: string; readonly to: string }
  | readonly { readonly code: string; readonly title: string }[];

export interface Field {
  readonly key: string;
  readonly label: string;
  readonly value: FieldValue;
}

/** Says what a person has to write, and why. */
export type Incomplete = (what: string, remedy: string) => void;

/** The fields of a sheet in one language. `longTitle` is the whole title, where that of the sheet is cut in any language. */
export const fieldsOf = (
  activity: IatiActivity,
  lang: string,
  longTitle: string | undefined,
  words: ImportWords,
  incomplete: Incomplete,
): readonly Field[] => {
  const { descriptions, participating, dates, status, sectors, identifier } = activity;
  const inLanguage = (texts: readonly Narrative[]): string | undefined =>
    (texts.find((one) => one.lang === lang) ?? texts[0])?.text;
  const fields: Field[] = [];
  const add = (key: keyof ImportWords['fields'], value: FieldValue | undefined, own: string = key): void => {
    if (value !== undefined && !(Array.isArray(value) && value.length === 0))
      fields.push({ key: own, label: words.fields[key], value });
  };
  if (longTitle !== undefined) add('title', cut(longTitle, MAX.text));
  const counts = new Map<string, number>();
  for (const { type, text } of descriptions) {
    const word = descriptionWord(type);
    const count = (counts.get(word) ?? 0) + 1;
    counts.set(word, count);
    const told = text.find((one) => one.lang === lang)?.text;
    if (told !== undefined && told !== '')
      add(word, told.length <= MAX.text ? told : pieces(told, MAX.entry), count === 1 ? word : `${word}-${count}`);
  }
  const partners = new Map<string, string[]>();
  for (const { name, ref, role } of participating) {
    const told = inLanguage(name) ?? ref ?? '';
    partners.set(told, [...(partners.get(told) ?? []), words.roles[role] ?? role]);
  }
  add(
    'partners',
    [...partners].map(([name, roles]) => cut(`${name} (${[...new Set(roles)].join(', ')})`, MAX.entry)),
  );
  add('amount', amountOf(activity, incomplete));
  const months = (types: readonly string[]): string | undefined =>
    types.map((type) => dates.find((date) => date.type === type)?.day.slice(0, 7)).find((month) => month !== undefined);
  const [from, to] = [months(['2', '1']), months(['4', '3'])];
  if (from !== undefined && to !== undefined) add('period', { from, to });
  else if (from !== undefined) add('period', from);
  add('status', words.statuses[status]);
  add('places', placesOf(activity, lang));
  add(
    'sectors',
    sectors.map(({ code, name }) => ({ code: code.slice(0, 24), title: cut(inLanguage(name) ?? code, MAX.label) })),
  );
  add('id', identifier);
  return fields;
};

/** All budgets together, where they are in one currency and none is a later form of another. */
const amountOf = ({ budgets, currency }: IatiActivity, incomplete: Incomplete): FieldValue | undefined => {
  const currencies = new Set(budgets.map((budget) => budget.currency ?? currency));
  const [only] = currencies;
  if (budgets.length === 0) return undefined;
  if (currencies.size !== 1 || only === undefined || new Set(budgets.map(({ type }) => type ?? '1')).size > 1) {
    incomplete(
      'The budgets are in several currencies, or original and revised: no sum is told.',
      'Write the amount into the sheet.',
    );
    return undefined;
  }
  const sum = budgets.reduce((cents, { value }) => cents + Math.round(Number(value) * 100), 0) / 100;
  return { amount: sum, currency: only, estimate: budgets.some(({ status }) => status !== '2') };
};

/** Countries and regions as the file names them in this language, else as their lists do. */
const placesOf = (activity: IatiActivity, lang: string): readonly string[] => {
  const countries = activity.countries.map(
    ({ code, name }) => name.find((one) => one.lang === lang)?.text ?? countryName(lang, code),
  );
  const regions = activity.regions.map(({ code, vocabulary = '1', name }) => {
    const listed = vocabulary === '1' ? DAC_REGIONS[code] : undefined;
    return (
      name.find((one) => one.lang === lang)?.text ??
      (lang.startsWith('fr') ? listed?.fr : listed?.en) ??
      name[0]?.text ??
      code
    );
  });
  return [...countries, ...regions].map((place) => cut(place.replace(/, r[eé]gional$/, ''), MAX.entry));
};

/** As many of its places as there is room for. */
export const placeOf = (activity: IatiActivity, lang: string, incomplete: Incomplete): string => {
  const [first, ...others] = placesOf(activity, lang);
  if (first === undefined) {
    incomplete('The file tells countries or regions only of transactions.', 'Write the place.');
    return '?';
  }
  let place = cut(first, MAX.place);
  for (const other of others) {
    if (place.length + other.length + 5 > MAX.place) return cut(`${place}; …`, MAX.place);
    place = `${place}; ${other}`;
  }
  return place;
};

/** Where Node knows no names in a language it would take those of its own: then English. */
const countryName = (lang: string, code: string): string => {
  const names = new Intl.DisplayNames([isKnown(lang) ? lang : 'en'], { type: 'region' });
  return names.of(code) ?? code;
};

const isKnown = (lang: string): boolean => {
  try {
    return Intl.DisplayNames.supportedLocalesOf([lang]).length > 0;
  } catch {
    return false;
  }
};
