import * as v from 'valibot';
import { stringify } from 'yaml';
import type { IatiActivity, Narrative } from './activity.ts';
import { type ActivityYaml, activityBlock } from './activity-block.ts';
import { checkActivity } from './check-iati.ts';
import { DAC_REGIONS } from './codes.ts';
import { Findings, isError } from './findings.ts';
import { fieldsOf, MAX, placeOf } from './import-fields.ts';
import { IMPORT_WORDS } from './import-words.ts';
import { citedParagraphs, cut, oneLine } from './markdown-out.ts';
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
  /** The collection that the sheet is in. */
  readonly collection?: string | undefined;
}

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

const SOURCE = 'iati';

class SheetWriter {
  readonly #activity: IatiActivity;
  readonly #options: ImportOptions;
  readonly #findings: Findings;
  readonly #line: number;
  /** Whether a language needs the long title as a field. */
  #longTitle = false;
  readonly #incomplete = (what: string, remedy: string): void => this.#warn('to-complete', what, remedy);

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
        ...(this.#options.collection !== undefined && { collection: this.#options.collection }),
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
        place: placeOf(this.#activity, lang, this.#incomplete),
        review: { state: 'machine-draft' },
        sources: { [SOURCE]: { title: cut(`${words.source} ${this.#activity.identifier}`, MAX.source) } },
        fields: fieldsOf(this.#activity, lang, this.#longTitle ? title : undefined, words, this.#incomplete),
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

  /** Each once, and not for each language anew. */
  #warn(kind: 'left-out' | 'to-complete' | 'missing-translation', what: string, remedy: string): void {
    if (!this.#findings.all.some((finding) => finding.what === what))
      this.#findings.warn(this.#line, kind, what, remedy);
  }
}

const YAML = { lineWidth: 0, defaultStringType: 'PLAIN', singleQuote: false } as const;
