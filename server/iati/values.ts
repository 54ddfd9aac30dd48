import { CODELISTS, isCountry, isCurrency } from './codes.ts';
import type { ValueType } from './shape.ts';

/** Values of XML Schema's types and of codelists. */

const DAY = /^(\d{4})-(\d{2})-(\d{2})(Z|[+-]\d{2}:\d{2})?$/;

/** Whether this is a day of the calendar, such as 2004-06-30. A time zone may follow. */
export const isDay = (value: string): boolean => {
  const match = DAY.exec(value);
  if (!match) return false;
  const [, year, month, day] = match.map(Number);
  const at = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day));
  at.setUTCFullYear(year ?? 0);
  return Number(year) > 0 && at.getUTCMonth() + 1 === month && at.getUTCDate() === day;
};

const isDateTime = (value: string): boolean => {
  const [, day = '', hours = '', seconds = ''] =
    /^(.{10})T(\d\d):[0-5]\d:(\d\d)(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?$/.exec(value) ?? [];
  return isDay(day) && Number(hours) < 24 && Number(seconds) < 60;
};

const isDecimal = (value: string): boolean => /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(value);

interface Type {
  readonly is: (value: string) => boolean;
  /** What would have been right, after "is not". */
  readonly expected: string;
  readonly remedy: string;
  /** XML Schema lets it pass: to be told, not refused. */
  readonly soft?: true;
}

const TYPES: Readonly<Record<string, Type>> = {
  string: { is: () => true, expected: '', remedy: '' },
  date: { is: isDay, expected: 'a day', remedy: 'Write it as 2004-06-30.' },
  dateTime: { is: isDateTime, expected: 'a date with its time', remedy: 'Write it as 2004-06-30T12:00:00Z.' },
  decimal: {
    is: isDecimal,
    expected: 'a number',
    remedy: 'Digits with a point for decimals: no spaces, commas or signs.',
  },
  boolean: { is: (value) => /^(true|false|0|1)$/.test(value), expected: 'yes or no', remedy: 'Write 1 or 0.' },
  int: {
    is: (value) => /^[+-]?\d{1,10}$/.test(value) && Math.abs(Number(value)) < 2 ** 31,
    expected: 'a whole number',
    remedy: 'Write a whole number such as 1.',
  },
  nonNegativeInteger: { is: (value) => /^\+?\d+$/.test(value), expected: 'a whole number', remedy: 'Write 0 or more.' },
  positiveInteger: {
    is: (value) => /^\+?\d+$/.test(value) && Number(value) > 0,
    expected: 'a whole number above 0',
    remedy: 'Write 1 or more.',
  },
  anyURI: {
    is: (value) => !/[\s<>"{}|\\^`]/.test(value),
    expected: 'an address',
    remedy: 'Write spaces in it as %20.',
  },
  language: {
    is: (value) => /^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/.test(value),
    expected: 'a language',
    remedy: 'Write its code, such as fr.',
  },
  NMTOKEN: { is: (value) => /^[\w:.\-·]+$/u.test(value), expected: 'a name', remedy: 'Letters, digits, dashes.' },
  Currency: { is: isCurrency, expected: 'a currency', remedy: 'Write its code of ISO 4217, such as USD.' },
  Country: { is: isCountry, expected: 'a country', remedy: 'Write its two letters of ISO 3166-1, such as NE.' },
};

export interface Wrong {
  readonly what: string;
  readonly remedy: string;
  /** Lists that grow: to be told, not refused. */
  readonly warning: boolean;
}

/** What is wrong with a value, if anything. `name` says whose value it is. */
export const wrongWith = (name: string, value: string, type: ValueType): Wrong | undefined => {
  const list = CODELISTS[type];
  if (list) {
    if (list.codes.has(value)) return undefined;
    const what = `${name} is "${value}", which is not in the codelist ${type}.`;
    return { what, remedy: `Choose one of ${[...list.codes].join(', ')}.`, warning: !list.complete };
  }
  // As XML Schema has it: spaces around a value do not count, but in a string.
  const { is, expected, remedy, soft = false } = TYPES[type] ?? { is: () => true, expected: '', remedy: '' };
  return is(type === 'string' ? value : value.trim())
    ? undefined
    : { what: `${name} is "${value}", which is not ${expected}.`, remedy, warning: soft };
};
