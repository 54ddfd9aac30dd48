import type { Findings } from './findings.ts';
import { hasNarrative, type XmlElement } from './xml.ts';

/** What is shared out: the countries and regions that receive, and the sectors. Told of the activity, or of each transaction. */
export const checkShares = (activity: XmlElement, findings: Findings): void => {
  new Shares(activity, findings).check();
};

/** Percentages of thirds do not add up to a hundred. */
const TOLERANCE = 0.011;

class Shares {
  readonly #activity: XmlElement;
  readonly #findings: Findings;
  constructor(activity: XmlElement, findings: Findings) {
    this.#activity = activity;
    this.#findings = findings;
  }

  check(): void {
    this.#shared('recipient-country', 'recipient-region');
    this.#recipients();
    this.#shared('sector');
    this.#sectors();
    for (const spend of this.#all('capital-spend')) this.#range(spend);
  }

  /** What is said of the activity as a whole is not said of its transactions, and of all of them if of one. */
  #shared(...names: readonly string[]): void {
    const own = this.#all(...names);
    const transactions = this.#all('transaction');
    const having = transactions.filter(({ children }) => children.some(({ name }) => names.includes(name)));
    const told = new Set(having);
    const what = names.map((name) => `<${name}>`).join(' or ');
    if (own.length === 0 && having.length === 0)
      this.#error(this.#activity.line, `There is no ${what}.`, 'Add at least one.');
    else if (own.length > 0 && having[0])
      this.#error(
        having[0].line,
        `${what} is told both of the activity and of a transaction.`,
        'Tell it in one place.',
      );
    else if (own.length === 0 && having.length < transactions.length) {
      for (const transaction of transactions.filter((one) => !told.has(one)))
        this.#error(
          transaction.line,
          `The transaction has no ${what}, and others have.`,
          'Tell it of each, or only of the activity.',
        );
    }
  }

  #recipients(): void {
    const countries = this.#all('recipient-country');
    const regions = this.#all('recipient-region');
    const vocabularies = new Set(regions.map((region) => region.attributes.get('vocabulary') ?? '1'));
    for (const vocabulary of vocabularies.size > 0 ? vocabularies : ['1']) {
      const ofVocabulary = regions.filter((region) => (region.attributes.get('vocabulary') ?? '1') === vocabulary);
      this.#percentages(
        [...countries, ...ofVocabulary],
        vocabularies.size > 1 ? `Countries, and regions of vocabulary ${vocabulary}` : 'Countries and regions',
      );
    }
  }

  #sectors(): void {
    const own = this.#all('sector');
    const vocabularyOf = (sector: XmlElement): string => sector.attributes.get('vocabulary') ?? '1';
    for (const vocabulary of new Set(own.map(vocabularyOf)))
      this.#percentages(
        own.filter((sector) => vocabularyOf(sector) === vocabulary),
        `Sectors of vocabulary ${vocabulary}`,
      );
    const all = [
      ...own,
      ...this.#all('transaction').flatMap(({ children }) => children.filter(({ name }) => name === 'sector')),
    ];
    for (const sector of all) {
      const code = sector.attributes.get('code') ?? '';
      const vocabulary = vocabularyOf(sector);
      const rule = Object.hasOwn(SECTOR_CODES, vocabulary) ? SECTOR_CODES[vocabulary] : undefined;
      if (rule && !rule.is.test(code))
        this.#error(
          sector.line,
          `The sector "${code}" is none of vocabulary ${vocabulary}.`,
          `Its codes are ${rule.like}.`,
        );
      if ((vocabulary === '98' || vocabulary === '99') && !hasNarrative(sector))
        this.#error(
          sector.line,
          `The sector "${code}" is of your own vocabulary and has no name.`,
          'Add a <narrative>.',
        );
    }
  }

  /** Shares of one whole: none where there is only one part, and else of each. */
  #percentages(parts: readonly XmlElement[], what: string): void {
    const [first] = parts;
    if (!first) return;
    let sum = 0;
    for (const part of parts) {
      const percentage = part.attributes.get('percentage');
      const share = Number(percentage ?? 'none');
      if (percentage === undefined && parts.length > 1)
        this.#error(
          part.line,
          `<${part.name}> "${part.attributes.get('code') ?? ''}" has no percentage.`,
          'There are several: say the share of each.',
        );
      this.#range(part);
      sum += percentage === undefined && parts.length === 1 ? 100 : share;
    }
    if (!Number.isNaN(sum) && Math.abs(sum - 100) > TOLERANCE)
      this.#error(first.line, `${what} add up to ${Number(sum.toFixed(4))}, not to 100.`, 'Correct the percentages.');
  }

  #range(part: XmlElement): void {
    const percentage = part.attributes.get('percentage');
    if (Number(percentage) < 0 || Number(percentage) > 100)
      this.#error(part.line, `The percentage ${percentage} is not from 0 to 100.`, 'Correct it.');
  }

  #all(...names: readonly string[]): XmlElement[] {
    return this.#activity.children.filter(({ name }) => names.includes(name));
  }

  #error(line: number, what: string, remedy: string): void {
    this.#findings.error(line, 'rule', what, remedy);
  }
}

const SECTOR_CODES: Readonly<Record<string, { readonly is: RegExp; readonly like: string }>> = {
  '1': { is: /^\d{5}$/, like: 'five digits, such as 22040' },
  '2': { is: /^\d{3}$/, like: 'three digits, such as 220' },
  '7': { is: /^([1-9]|1[0-7])$/, like: 'from 1 to 17' },
  '8': { is: /^([1-9]|1[0-7])\.[0-9a-z]{1,2}$/, like: 'such as 9.c' },
  '9': { is: /^([1-9]|1[0-7])\.[0-9a-z]{1,2}\.\d{1,2}$/, like: 'such as 9.c.1' },
};
