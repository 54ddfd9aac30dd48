import type { FormItem } from '../../src/core/protocol/item.ts';
import type { InboxAnswer } from './answer-store.ts';

/** Answers as CSV (RFC 4180): UTF-8 with a byte-order mark, so that spreadsheets read accents; every cell quoted. */

/** A cell that a spreadsheet would take for a formula is led by an apostrophe: answers come from strangers. */
const cell = (value: string | number): string => {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};

const line = (cells: readonly (string | number)[]): string => `${cells.map(cell).join(',')}\r\n`;

/** The last second that a `Date` can hold: device clocks are data, and anybody's. */
const LATEST = 8.64e12;

const time = (seconds: number): string =>
  seconds > 0 && seconds <= LATEST ? new Date(seconds * 1000).toISOString() : '';

const FIXED = ['seq', 'number', 'received', 'filled', 'form', 'version', 'item', 'lang', 'readable'] as const;

/** Columns come from the form: one a question, by its name. */
export const csvHead = (form: FormItem | undefined): string =>
  `\ufeff${line([...FIXED, ...(form?.questions.map(({ name }) => name) ?? [])])}`;

export const csvLine = (answer: InboxAnswer, form: FormItem | undefined): string => {
  const { seq, number, received, filled, version, item, lang, readable } = answer;
  const fixed = [seq, number, time(received), time(filled), answer.form, version, item, lang, readable ? 'yes' : 'no'];
  return line([...fixed, ...(form?.questions.map(({ name }) => answer.answers[name] ?? '') ?? [])]);
};
