import { checkShares } from './check-shares.ts';
import type { Findings } from './findings.ts';
import { isDay } from './values.ts';
import { hasNarrative, type XmlElement } from './xml.ts';

/**
 * The standard's rules beyond its schema: https://github.com/IATI/IATI-Rulesets, rulesets/standard.json (IATI Standard,
 * https://iatistandard.org/, CC BY 4.0), and what the schema's own texts say must be.
 *
 * A value that is wrong in itself is the schema's to tell: here it is passed over.
 */
export const checkRules = (root: XmlElement, findings: Findings, today?: string): void => {
  const seen = new Map<string, number>();
  let reporter: string | undefined;
  for (const activity of root.children.filter(({ name }) => name === 'iati-activity')) {
    const rules = new Rules(activity, findings, today);
    rules.check();
    const { identifier, line } = rules;
    const before = seen.get(identifier);
    if (identifier !== '' && before !== undefined)
      findings.error(
        line,
        'rule',
        `The activity "${identifier}" stands in line ${before} already.`,
        'Give each its own identifier.',
      );
    seen.set(identifier, before ?? line);
    reporter ??= rules.reporter;
    if (rules.reporter !== undefined && rules.reporter !== reporter)
      findings.warn(
        line,
        'rule',
        `The reporting organisation is "${rules.reporter}", and "${reporter}" before.`,
        'A file is of one organisation: make a file for each.',
      );
  }
};

class Rules {
  readonly #activity: XmlElement;
  readonly #findings: Findings;
  readonly #today: string | undefined;
  readonly identifier: string;
  readonly line: number;
  readonly reporter: string | undefined;

  constructor(activity: XmlElement, findings: Findings, today: string | undefined) {
    this.#activity = activity;
    this.#findings = findings;
    this.#today = today;
    const identifier = activity.children.find(({ name }) => name === 'iati-identifier');
    this.identifier = (identifier?.text ?? '').trim();
    this.line = identifier?.line ?? activity.line;
    this.reporter = this.#all('reporting-org')[0]?.attributes.get('ref');
  }

  check(): void {
    this.#identifiers();
    this.#organisations();
    this.#dates();
    checkShares(this.#activity, this.#findings);
    this.#markers();
    this.#budgets();
    this.#transactions();
    this.#documents();
    this.#languages();
    this.#translations();
  }

  #identifiers(): void {
    const { identifier, reporter } = this;
    if (!this.#all('iati-identifier')[0]) return;
    if (identifier === '') {
      this.#error(
        this.line,
        'The identifier is empty.',
        'Write the reporting organisation’s identifier, a dash, and your own number.',
      );
      return;
    }
    this.#forbidden(this.line, 'The identifier', identifier);
    const former = this.#all('other-identifier')
      .filter((other) => other.attributes.get('type') === 'B1')
      .map((other) => other.attributes.get('ref'));
    const prefixes = [reporter, ...former].filter((ref) => ref !== undefined && ref !== '');
    if (
      prefixes.length > 0 &&
      !prefixes.some((ref) => identifier.startsWith(`${ref}-`) && identifier.length > `${ref}-`.length)
    ) {
      this.#error(
        this.line,
        `The identifier "${identifier}" does not begin with that of the reporting organisation.`,
        `Begin it with "${prefixes[0]}-", and your own number after that.`,
      );
    }
  }

  #organisations(): void {
    for (const org of this.#all('reporting-org')) {
      const ref = org.attributes.get('ref');
      if (ref?.trim() === '')
        this.#error(
          org.line,
          'The reporting organisation’s ref is empty.',
          'Write its identifier: see https://org-id.guide.',
        );
    }
    const named = [
      ...this.#all('reporting-org', 'participating-org'),
      ...this.#all('transaction', 'planned-disbursement').flatMap(({ children }) =>
        children.filter(({ name }) => name === 'provider-org' || name === 'receiver-org'),
      ),
      ...this.#all('other-identifier').flatMap(({ children }) => children.filter(({ name }) => name === 'owner-org')),
    ];
    for (const org of named) {
      const ref = org.attributes.get('ref');
      if (ref !== undefined) this.#forbidden(org.line, `The ref of <${org.name}>`, ref);
      if (!ref && !hasNarrative(org) && org.name !== 'reporting-org')
        this.#error(org.line, `<${org.name}> has neither a ref nor a name.`, 'Add one of them.');
    }
  }

  #forbidden(line: number, what: string, value: string): void {
    if (/[/&|?]/.test(value)) this.#error(line, `${what} "${value}" has one of / & | ?.`, 'Write it without.');
  }

  #dates(): void {
    const dates = this.#all('activity-date');
    const of = (type: string): XmlElement[] => dates.filter(({ attributes }) => attributes.get('type') === type);
    if (dates.length > 0 && of('1').length + of('2').length === 0)
      this.#error(
        dates[0]?.line ?? this.#activity.line,
        'There is no date of a start.',
        'Add a planned start (type 1) or an actual one (type 2).',
      );
    for (const [start, end] of [
      [of('1')[0], of('3')[0]],
      [of('2')[0], of('4')[0]],
    ] as const)
      this.#order(start, end);
    for (const date of [...of('2'), ...of('4')]) this.#past(date, 'iso-date', 'An actual date', 'Give it as planned.');
    const updated = this.#activity.attributes.get('last-updated-datetime')?.slice(0, 10);
    if (this.#today !== undefined && updated !== undefined && isDay(updated) && updated > this.#today)
      this.#error(this.#activity.line, `last-updated-datetime is ${updated}, which is still to come.`, 'Correct it.');
  }

  #order(start: XmlElement | undefined, end: XmlElement | undefined): void {
    const [from, to] = [dayOf(start), dayOf(end)];
    if (start && end && from && to && from > to)
      this.#error(end.line, `The end, ${to}, comes before the start, ${from}.`, 'Correct one of them.');
  }

  #past(element: XmlElement, attribute: string, what: string, remedy: string): void {
    const day = dayOf(element, attribute);
    if (this.#today !== undefined && day && day > this.#today)
      this.#error(element.line, `${what}, ${day}, is still to come.`, remedy);
  }

  #markers(): void {
    for (const marker of this.#all('policy-marker')) {
      const vocabulary = marker.attributes.get('vocabulary') ?? '1';
      if (vocabulary === '1' && !marker.attributes.has('significance'))
        this.#error(marker.line, 'The policy marker has no significance.', 'Add one of 0, 1, 2, 3, 4.');
      if (vocabulary === '99' && !hasNarrative(marker))
        this.#error(marker.line, 'The policy marker is of your own vocabulary and has no name.', 'Add a <narrative>.');
    }
  }

  #budgets(): void {
    const budgets = this.#all('budget');
    if (budgets[0] && this.#activity.attributes.has('budget-not-provided'))
      this.#error(this.#activity.line, 'budget-not-provided stands there, and a budget too.', 'Take one of them out.');
    for (const period of [...budgets, ...this.#all('planned-disbursement')]) {
      const child = (name: string): XmlElement | undefined => period.children.find((one) => one.name === name);
      const [start, end, value] = [child('period-start'), child('period-end'), child('value')];
      this.#order(start, end);
      const [from, to] = [dayOf(start), dayOf(end)];
      if (period.name === 'budget' && from && to && to > yearAfter(from))
        this.#error(
          period.line,
          `The budget's period, ${from} to ${to}, is longer than a year.`,
          'Cut it into years or less.',
        );
      this.#money(value);
    }
  }

  #money(value: XmlElement | undefined): void {
    if (value && !value.attributes.has('currency') && !this.#activity.attributes.has('default-currency'))
      this.#error(value.line, 'The amount has no currency.', 'Add it here, or as default-currency of the activity.');
  }

  #transactions(): void {
    for (const { children } of this.#all('transaction')) {
      for (const child of children) {
        if (child.name === 'transaction-date')
          this.#past(child, 'iso-date', 'The date of a transaction', 'Correct it, or make it a planned disbursement.');
        if (child.name !== 'value') continue;
        this.#past(child, 'value-date', 'The value-date of a transaction', 'Correct it.');
        this.#money(child);
      }
    }
  }

  #documents(): void {
    for (const link of this.#all('document-link')) {
      const { url, format } = Object.fromEntries(link.attributes);
      if (url !== undefined && !/^[a-z][a-z0-9+.-]*:\S/i.test(url.trim()))
        this.#error(link.line, `The document's address "${url}" is not whole.`, 'Begin it with https://.');
      if (format !== undefined && !/^[\w.+-]+\/[\w.+-]+$/.test(format))
        this.#findings.warn(
          link.line,
          'rule',
          `The document's format "${format}" is no media type.`,
          'Write it as application/pdf or text/html.',
        );
    }
  }

  #languages(): void {
    const has = this.#activity.attributes.has('xml:lang');
    const visit = (element: XmlElement): void => {
      const languages = new Set<string>();
      for (const child of element.children) {
        if (child.name !== 'narrative') {
          visit(child);
          continue;
        }
        const lang = child.attributes.get('xml:lang') ?? this.#activity.attributes.get('xml:lang') ?? '';
        if (child.text.trim() === '')
          this.#error(child.line, `A <narrative> of <${element.name}> is empty.`, 'Write its text, or take it out.');
        if (!has && !child.attributes.has('xml:lang'))
          this.#error(
            child.line,
            `A <narrative> of <${element.name}> says no language, and neither does the activity.`,
            'Add xml:lang to the activity.',
          );
        if (lang !== '' && languages.has(lang))
          this.#findings.warn(
            child.line,
            'rule',
            `<${element.name}> has two texts in "${lang}".`,
            'Say the language of each.',
          );
        languages.add(lang);
      }
    };
    visit(this.#activity);
  }

  /** What is said in one of the activity's languages is to be said in all of them. */
  #translations(): void {
    const lang = this.#activity.attributes.get('xml:lang');
    const languagesOf = (element: XmlElement): Set<string> =>
      new Set(
        element.children
          .filter(({ name }) => name === 'narrative')
          .map((one) => one.attributes.get('xml:lang') ?? lang ?? ''),
      );
    const told = this.#all('title', 'description', 'reporting-org', 'participating-org').filter(hasNarrative);
    const languages = new Set(
      told
        .filter(({ name }) => name === 'title' || name === 'description')
        .flatMap((element) => [...languagesOf(element)]),
    );
    for (const element of told) {
      const missing = [...languages].filter((one) => one !== '' && !languagesOf(element).has(one));
      for (const one of missing)
        this.#findings.warn(
          element.line,
          'missing-translation',
          `<${element.name}> is not told in "${one}".`,
          'Have it translated.',
        );
    }
  }

  #all(...names: readonly string[]): XmlElement[] {
    return this.#activity.children.filter(({ name }) => names.includes(name));
  }

  #error(line: number, what: string, remedy: string): void {
    this.#findings.error(line, 'rule', what, remedy);
  }
}

/** The day that an element tells, where it is one. */
const dayOf = (element: XmlElement | undefined, attribute = 'iso-date'): string | undefined => {
  const value = element?.attributes.get(attribute)?.trim();
  return value !== undefined && isDay(value) ? value.slice(0, 10) : undefined;
};

/** The same day of the next year; 1 March after 29 February. */
const yearAfter = (day: string): string => {
  const next = `${String(Number(day.slice(0, 4)) + 1).padStart(4, '0')}${day.slice(4)}`;
  return isDay(next) ? next : `${next.slice(0, 4)}-03-01`;
};
