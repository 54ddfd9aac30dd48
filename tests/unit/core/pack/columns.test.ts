import { describe, expect, it } from 'vitest';
import { type Columns, fromColumns, toColumns } from '../../../../src/core/pack/columns.ts';
import { concat, utf8, varint } from '../../../../src/core/protocol/bytes.ts';

/** That every JSON value comes back is in `text.test.ts`; here is what the bytes are, and what is refused. */

const there = (...values: readonly unknown[]): unknown[] => [...fromColumns(toColumns(values))];
/** Columns of one value: its operations, and its columns of strings. */
const columns = (ops: readonly number[], ...texts: readonly (readonly string[])[]): Columns => ({
  structure: Uint8Array.of(1, ...ops),
  text: concat(
    texts.map((strings) =>
      concat([...strings.flatMap((text) => [utf8(text), Uint8Array.of(0xff)]), Uint8Array.of(0xfe)]),
    ),
  ),
});
const read = (of: Columns): unknown[] => [...fromColumns(of)];
const malformed = (what: string): unknown =>
  expect.objectContaining({ code: 'malformed', details: { what: `columns: ${what}` } });

const [END, ARRAY, TEXT, NUMBER, OBJECT, SHAPE] = [0, 1, 2, 3, 7, 8];

describe('values as columns', () => {
  it('say the names of keys once, and refer to them from there on', () => {
    expect(toColumns([{ far: 'one' }, { far: 'two' }])).toEqual({
      // Behind the 53 sets of keys that all know.
      structure: Uint8Array.of(2, OBJECT, 1, TEXT, SHAPE + 53, TEXT),
      text: columns([], ['far'], ['one', 'two']).text,
    });
    expect(there({ far: 'one' }, { far: 'two' })).toEqual([{ far: 'one' }, { far: 'two' }]);
  });

  it('have the names of keys in a column of their own', () => {
    const mixed = toColumns(['one', { far: 'two' }, 'three']);
    expect(mixed.text).toEqual(columns([], ['one', 'three'], ['far'], ['two']).text);
  });

  it('are the same bytes in whatever order an object has its keys', () => {
    expect(toColumns([{ c: ['Un'], t: 'p' }])).toEqual(toColumns([{ t: 'p', c: ['Un'] }]));
    expect(toColumns([{ near: 1, far: 2 }])).toEqual(toColumns([{ far: 2, near: 1 }]));
  });

  it.each([null, 5, true, ['p'], { t: null }])('keep a type that is no text: %j', (t) => {
    expect(there({ t }, { t }, { c: [], t })).toEqual([{ t }, { t }, { c: [], t }]);
  });

  it('are read as deep as 64 levels, and no deeper: a device has little stack', () => {
    const nested = (depth: number): number[] => [
      ...Array<number>(depth).fill(ARRAY),
      ...Array<number>(depth).fill(END),
    ];
    // The innermost value is in 64 others.
    expect(read(columns(nested(65)))).toHaveLength(1);
    expect(() => read(columns(nested(66)))).toThrow(malformed('depth'));
    const objects = (depth: number): Columns =>
      columns([OBJECT, 1, ...Array<number>(depth - 1).fill(SHAPE + 53), TEXT], ['far'], ['end']);
    expect(read(objects(64))).toHaveLength(1);
    expect(() => read(objects(65))).toThrow(malformed('depth'));
  });
});

describe('columns are refused, with what is wrong,', () => {
  it('for an object with more keys than bytes follow, before a name of them is read', () => {
    // One more than the four bytes that follow; as many are only short of names.
    expect(() => read(columns([OBJECT, 5, TEXT, TEXT, TEXT, TEXT]))).toThrow(malformed('keys'));
    expect(() => read(columns([OBJECT, 4, TEXT, TEXT, TEXT, TEXT]))).toThrow(malformed('string'));
    const many = { structure: concat([Uint8Array.of(1, OBJECT), varint(2 ** 31)]), text: new Uint8Array(0) };
    expect(() => read(many)).toThrow(malformed('keys'));
  });

  it('for an object whose keys nobody has told', () => {
    expect(() => read(columns([SHAPE + 53]))).toThrow(malformed('operation'));
    expect(() => read(columns([END]))).toThrow(malformed('operation'));
  });

  it('for a string that is not there', () => {
    expect(() => read(columns([TEXT]))).toThrow(malformed('string'));
    expect(() => read(columns([ARRAY, TEXT, TEXT, END], ['one']))).toThrow(malformed('string'));
  });

  it.each(['1.0', '01', '-0', '1e3', ' 1', '', 'one', 'NaN'])(
    'for “%s” as a number: JSON writes none like it',
    (text) => {
      expect(() => read(columns([NUMBER], [text]))).toThrow(malformed('number'));
      expect(read(columns([NUMBER], ['-2.5']))).toEqual([-2.5]);
    },
  );
});
