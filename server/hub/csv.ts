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

const FIXED = ['seq', 'number', 'received', 'filled', 'form', 'version', 'item', 'lang', 'readable'];
const REST = 'other';

/** Answers come from strangers too: what they name beyond this many questions shares the last column, as JSON. */
const MOST_COLUMNS = 200;

/** The questions of the forms, then every other one that an answer names: of a form that is gone, or of an earlier version. */
export const csvColumns = (forms: readonly FormItem[], answers: Iterable<InboxAnswer>): readonly string[] => {
  const names = new Set(forms.flatMap(({ questions }) => questions.map(({ name }) => name)));
  for (const { answers: said } of answers) {
    for (const name of Object.keys(said)) if (names.size < MOST_COLUMNS) names.add(name);
  }
  return [...names];
};

const titleOf = (column: string): string => ([...FIXED, REST].includes(column) ? `answer.${column}` : column);

export const csvHead = (columns: readonly string[]): string =>
  `\ufeff${line([...FIXED, ...columns.map(titleOf), REST])}`;

export const csvLine = (answer: InboxAnswer, columns: readonly string[]): string => {
  const { seq, number, received, filled, form, version, item, lang, readable, answers } = answer;
  const fixed = [seq, number, time(received), time(filled), form, version, item, lang, readable ? 'yes' : 'no'];
  const rest = Object.entries(answers).filter(([name]) => !columns.includes(name));
  const last = rest.length > 0 ? JSON.stringify(Object.fromEntries(rest)) : '';
  return line([...fixed, ...columns.map((name) => (Object.hasOwn(answers, name) ? (answers[name] ?? '') : '')), last]);
};
