import * as v from 'valibot';
import { stringify } from 'yaml';
import type { IatiActivity, Narrative } from './activity.ts';
import { type ActivityYaml, activityBlock } from './activity-block.ts';
import { checkActivity } from './check-iati.ts';
import { DAC_REGIONS } from './codes.ts';
import { Findings, isError } from './findings.ts';
import { IMPORT_WORDS, type ImportWords } from './import-words.ts';
import { citedParagraphs, cut, oneLine, pieces } from './markdown-out.ts';
import { idOf, type SheetFolder } from './sheet-folders.ts';
import { descriptionWord, toBlock } from './to-block.ts';

export interface ImportOptions {
  /** As sources and findings name the file. */
  readonly file: string;
  /** The file's `generated-datetime`. */
  readonly generated?: string | undefined;
  /** Of the library: others are left out, and told. All are kept where it is not told. */
  readonly languages?: readonly string[] | undefined;
  /** Name of the drawing, and place in lists. A person chooses better. */
  readonly picture?: string;
  readonly order?: number;
}

/** As docs/content.md has it. */
const MAX = {
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

/**
 * A sheet of what an activity says, and nothing else: no word is made up. What has no place is cut and told as a
 * finding; a language that lacks a title or a description is left out, and told too. No language at all is an error.
 */
export const importSheet = (activity: IatiActivity, options: ImportOptions): SheetFolder => {
  const findings = new Findings(options.file);
  const id = idOf(activity.identifier);
  const writer = new SheetWriter(activity, options, findings);
  const files = writer.files();
  return { id, files, findings: findings.all };
};

type FieldValue =
  | string
  | readonly string[]
  | { readonly amount: number; readonly currency: string; readonly estimate: boolean }
  | { readonly from: string; readonly to: string }
  | readonly { readonly code: string; readonly title: string }[];

interface Field {
  readonly key: string;
  readonly label: string;
  readonly value: FieldValue;
}

const SOURCE = 'iati';

class SheetWriter {
  readonly #activity: IatiActivity;
  readonly #options: ImportOptions;
  readonly #findings: Findings;
  readonly #line: number;
  /** Whether a language needs the long title as a field. */
  #longTitle = false;

  constructor(activity: IatiActivity, options: ImportOptions, findings: Findings) {
    this.#activity = activity;
    this.#options = options;
    this.#findings = findings;
    this.#line = activity.line ?? 1;
  }

  files(): ReadonlyMap<string, string> {
    const { title, descriptions } = this.#activity;
    const told = (texts: readonly Narrative[], lang: string): string | undefined =>
      texts.find((one) => one.lang === lang && one.text !== '')?.text;
    const general = descriptions.find(({ type }) => (type ?? '1') === '1') ?? descriptions[0];
    const languages = [...new Set([...title, ...descriptions.flatMap(({ text }) => text)].map(({ lang }) => lang))];
    this.#longTitle = title.some(({ text }) => oneLine(text).length > MAX.title);
    const files = new Map<string, string>();
    for (const lang of languages) {
      const [name, summary] = [told(title, lang), told(general?.text ?? [], lang)];
      if (this.#options.languages?.includes(lang) === false) {
        this.#warn(
          'left-out',
          `The texts in "${lang}" are left out: the library is not in it.`,
          'Add it to library.yml first.',
        );
      } else if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(lang)) {
        this.#warn('left-out', `The texts in "${lang}" are left out.`, 'Write the language as its code, such as fr.');
      } else if (name === undefined || summary === undefined) {
        const lacks = name === undefined ? 'title' : 'description';
        this.#warn(
          'missing-translation',
          `There is no ${lacks} in "${lang}": the sheet is not there in it.`,
          'Have it translated.',
        );
      } else files.set(`${lang}.md`, this.#language(lang, name, summary));
    }
    if (files.size === 0)
      this.#findings.error(
        this.#line,
        'rule',
        'No language has both a title and a description.',
        'A sheet needs them: add them to the file.',
      );
    this.#warn(
      'to-complete',
      'picture, order, needs, doors and audiences are not in IATI.',
      'Choose them in item.yml.',
    );
    const twice = this.#activity.dates.length - new Set(this.#activity.dates.map(({ type }) => type)).size;
    if (twice > 0)
      this.#warn(
        'left-out',
        `${twice} × <activity-date> of a type that is there already.`,
        'Keep the file: only there it stands.',
      );
    return new Map([['item.yml', this.#item()], ...files]);
  }

  #item(): string {
    const { identifier, reporting, updated } = this.#activity;
    const facets = [
      ...this.#activity.regions.map(({ code, vocabulary = '1' }) =>
        vocabulary === '1' ? DAC_REGIONS[code]?.facet : undefined,
      ),
    ];
    const date = (updated ?? this.#options.generated)?.slice(0, 10);
    const by = reporting.name[0]?.text;
    return stringify(
      {
        kind: 'sheet',
        picture: this.#options.picture ?? 'mast',
        order: this.#options.order ?? 900,
        needs: [],
        doors: [],
        audiences: [],
        regions: [...new Set(facets.filter((facet) => facet !== undefined))],
        sources: [
          {
            id: SOURCE,
            title: cut(`${IMPORT_WORDS.en.source} ${identifier}`, MAX.source),
            ...(by !== undefined && { by: cut(by, MAX.by) }),
            ...(date !== undefined && { date }),
            at: cut(this.#options.file, MAX.at),
            certainty: 'says',
          },
        ],
        ...this.#block(),
      },
      YAML,
    );
  }

  /** None where the sheet could not be published with it: what stands only in transactions is missing, or a text is too long. */
  #block(): { readonly activity?: ActivityYaml } {
    const activity = toBlock(this.#activity, {
      ...(this.#longTitle && { title: 'title' }),
      descriptions: this.#descriptionKeys(),
    });
    const rules = new Findings(this.#options.file);
    checkActivity(this.#activity, rules);
    const { issues = [] } = v.safeParse(activityBlock, activity);
    const reasons = [
      ...rules.all.filter(isError).map(({ what }) => what),
      ...issues.map((issue) => `"${v.getDotPath(issue)}" is not right: ${issue.message}.`),
    ];
    for (const reason of reasons)
      this.#warn(
        'left-out',
        `The sheet has no activity block: ${reason}`,
        'Write one, if it is to be in your own file.',
      );
    return reasons.length > 0 ? {} : { activity };
  }

  /** Each description is a field of the sheet: `general`, then `general-2`. */
  #descriptionKeys(): Record<string, string[]> {
    const keys: Record<string, string[]> = {};
    for (const { type } of this.#activity.descriptions) {
      const word = descriptionWord(type);
      const list = keys[word] ?? [];
      keys[word] = [...list, list.length === 0 ? word : `${word}-${list.length + 1}`];
    }
    return keys;
  }

  #language(lang: string, name: string, description: string): string {
    const [title, summary] = [oneLine(name), oneLine(description)];
    const words = IMPORT_WORDS[lang.split('-')[0] ?? ''] ?? IMPORT_WORDS.en;
    if (words === IMPORT_WORDS.en && !lang.startsWith('en'))
      this.#warn(
        'to-complete',
        `The labels of the sheet in "${lang}" are in English.`,
        `Write them anew in ${lang}.md.`,
      );
    if (title.length > MAX.title)
      this.#warn(
        'to-complete',
        `The title in "${lang}" has ${title.length} characters and is cut.`,
        `Write one of at most ${MAX.title} into ${lang}.md; the whole one is a field.`,
      );
    if (summary.length > MAX.summary)
      this.#warn(
        'to-complete',
        `The description in "${lang}" has ${summary.length} characters: the summary is its beginning.`,
        `Write one sentence into ${lang}.md.`,
      );
    const matter = stringify(
      {
        title: cut(title, MAX.title),
        summary: cut(summary, MAX.summary),
        place: this.#place(lang),
        review: { state: 'machine-draft' },
        sources: { [SOURCE]: { title: cut(`${words.source} ${this.#activity.identifier}`, MAX.source) } },
        fields: this.#fields(lang, title, words),
      },
      YAML,
    );
    const sections = this.#activity.descriptions.flatMap(({ type, text }) => {
      const told = text.find((one) => one.lang === lang)?.text;
      if (told === undefined || told === '') return [];
      return [`## ${words.fields[descriptionWord(type)]}`, ...citedParagraphs(told, SOURCE)];
    });
    return `---\n${matter}---\n\n${sections.join('\n\n')}\n`;
  }

  #fields(lang: string, title: string, words: ImportWords): readonly Field[] {
    const { descriptions, participating, dates, status, sectors, identifier } = this.#activity;
    const inLanguage = (texts: readonly Narrative[]): string | undefined =>
      (texts.find((one) => one.lang === lang) ?? texts[0])?.text;
    const fields: Field[] = [];
    const add = (key: keyof ImportWords['fields'], value: FieldValue | undefined, own: string = key): void => {
      if (value !== undefined && !(Array.isArray(value) && value.length === 0))
        fields.push({ key: own, label: words.fields[key], value });
    };
    if (this.#longTitle) add('title', cut(title, MAX.text));
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
    add('amount', this.#amount());
    const months = (types: readonly string[]): string | undefined =>
      types
        .map((type) => dates.find((date) => date.type === type)?.day.slice(0, 7))
        .find((month) => month !== undefined);
    const [from, to] = [months(['2', '1']), months(['4', '3'])];
    if (from !== undefined && to !== undefined) add('period', { from, to });
    else if (from !== undefined) add('period', from);
    add('status', words.statuses[status]);
    add('places', this.#places(lang));
    add(
      'sectors',
      sectors.map(({ code, name }) => ({ code: code.slice(0, 24), title: cut(inLanguage(name) ?? code, MAX.label) })),
    );
    add('id', identifier);
    return fields;
  }

  /** All budgets together, where they are in one currency and none is a later form of another. */
  #amount(): FieldValue | undefined {
    const { budgets, currency } = this.#activity;
    const currencies = new Set(budgets.map((budget) => budget.currency ?? currency));
    const [only] = currencies;
    if (budgets.length === 0) return undefined;
    if (currencies.size !== 1 || only === undefined || new Set(budgets.map(({ type }) => type ?? '1')).size > 1) {
      this.#warn(
        'to-complete',
        'The budgets are in several currencies, or original and revised: no sum is told.',
        'Write the amount into the sheet.',
      );
      return undefined;
    }
    const sum = budgets.reduce((cents, { value }) => cents + Math.round(Number(value) * 100), 0) / 100;
    return { amount: sum, currency: only, estimate: budgets.some(({ status }) => status !== '2') };
  }

  /** Countries and regions as the file names them in this language, else as their lists do. */
  #places(lang: string): readonly string[] {
    const countries = this.#activity.countries.map(
      ({ code, name }) => name.find((one) => one.lang === lang)?.text ?? countryName(lang, code),
    );
    const regions = this.#activity.regions.map(({ code, vocabulary = '1', name }) => {
      const listed = vocabulary === '1' ? DAC_REGIONS[code] : undefined;
      return (
        name.find((one) => one.lang === lang)?.text ??
        (lang.startsWith('fr') ? listed?.fr : listed?.en) ??
        name[0]?.text ??
        code
      );
    });
    return [...countries, ...regions].map((place) => cut(place.replace(/, r[eé]gional$/, ''), MAX.entry));
  }

  /** As many as there is room for. */
  #place(lang: string): string {
    const [first, ...others] = this.#places(lang);
    if (first === undefined) {
      this.#warn('to-complete', 'The file tells countries or regions only of transactions.', 'Write the place.');
      return '?';
    }
    let place = cut(first, MAX.place);
    for (const other of others) {
      if (place.length + other.length + 5 > MAX.place) return cut(`${place}; …`, MAX.place);
      place = `${place}; ${other}`;
    }
    return place;
  }

  /** Each once, and not for each language anew. */
  #warn(kind: 'left-out' | 'to-complete' | 'missing-translation', what: string, remedy: string): void {
    if (!this.#findings.all.some((finding) => finding.what === what))
      this.#findings.warn(this.#line, kind, what, remedy);
  }
}

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

const YAML = { lineWidth: 0, defaultStringType: 'PLAIN', singleQuote: false } as const;
