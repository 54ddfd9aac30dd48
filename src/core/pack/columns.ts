import { RelaisError } from '../errors.ts';
import { concat, fromUtf8, Reader, utf8, varint } from '../protocol/bytes.ts';

/**
 * JSON values as two streams that compress better than JSON does: what the values look like (`structure`), and their strings, those of one
 * key after the other (`text`). Lossless for every JSON value; whoever reads it back writes it canonically again.
 *
 * ```
 * structure: values:varint, then one operation after the other
 * text:      one column a key, in the order in which the keys are first needed; a string ends with 0xFF, a column with 0xFE
 * ```
 * A string is filed under the key of the object that it belongs to; a number too, as the text that JSON has for it. No UTF-8 has 0xFE or 0xFF.
 */
export interface Columns {
  readonly structure: Uint8Array;
  readonly text: Uint8Array;
}

const Op = {
  end: 0,
  array: 1,
  /** The column's next string. */
  text: 2,
  number: 3,
  true: 4,
  false: 5,
  null: 6,
  /** An object with keys that were not together before: `keys:varint`, and their names from the column of names. */
  object: 7,
  /** From here on: an object with the keys of `SHAPES`, then of those that came with `object`. */
  shape: 8,
} as const;

/** A key of an object; with `value`, one that always has it. */
interface Member {
  readonly key: string;
  readonly value?: string | undefined;
}

type Shape = readonly Member[];

const toMember = (text: string): Member => {
  const [key, value] = text.split('=') as [string, string?];
  return { key, value };
};

/** What tells shapes apart: their keys, and the values that are part of them. */
const nameOf = (shape: Shape): string => JSON.stringify(shape.map(({ key, value }) => [key, value ?? null]));

/** The key whose value may be part of a shape: the type of a node. */
const TYPE = 't';

/**
 * Sets of keys that every library has, so that they need not be told; `t=p` is a key with its value. Part of the format: a change is a new version of the protocol. Objects with
 * other keys are told once, where they first come.
 */
const SHAPES: readonly Shape[] = [
  's t=cite',
  'c t=p',
  'c l t=h',
  'c t=ul',
  'c t=ol',
  'c t=b',
  'c t=i',
  'c k t=note',
  'c href t=a',
  'head rows t=table',
  'certainty id title',
  'at certainty id title',
  'at by certainty id title',
  'at by certainty date id title',
  'at certainty id note title',
  'at by certainty id note title',
  'at by certainty date id note title',
  'by certainty date id title',
  'by certainty date id note title',
  'state',
  'of state',
  'by on state',
  'by of on state',
  'key label value',
  'inferred key label value',
  'inferred key label note value',
  'key label note value',
  't=text v',
  't=list v',
  't=codes v',
  'amount currency estimate t=money',
  'from t=period to',
  'code title',
  'body form id kind lang licence order picture place related rev review sources summary tags title v',
  'body fields form id kind lang licence order picture place related rev review sources summary tags title v',
  'body form id kind lang licence order picture place related rev review sources summary tags time title tools v who',
  'body community form id kind lang licence order picture place related rev review sources summary tags title told v',
  'body community consent form id kind lang licence order picture place related rev review sources summary tags title v',
  'body form id kind lang licence order picture place related rev review sources summary tags title type v',
  'body form gone id kind lang licence order picture place related rev review sources summary tags title type v',
  'body form id kind lang licence order picture place related rev review sources summary tags terms title type v',
  'area body form id issued kind lang licence order picture place related rev review sources summary tags title until urgency v',
  'says term',
  'lines t=formula',
  'columns example lines t=register title',
  'facet values',
  'addressee id kind lang questions rev submit title v version',
  'appearance choices label name required type',
  'icon label name',
  'label name',
  'hint label max name required type',
  'label max name required type',
  'id kind lang languages names rev title v',
].map((keys) => keys.split(' ').map(toMember));

/** The column of key names, which no JSON key is called since it would be filed under itself. */
const NAMES = '\u0000';
const END_OF_STRING = 0xff;
const END_OF_COLUMN = 0xfe;
const DEEPEST = 64;

class ColumnWriter {
  readonly #ops: Uint8Array[] = [];
  readonly #columns = new Map<string, string[]>();
  readonly #shapes = new Map(SHAPES.map((shape, i) => [nameOf(shape), i]));

  value(value: unknown, key: string): void {
    if (typeof value === 'string') {
      this.#ops.push(Uint8Array.of(Op.text));
      this.#string(value, key);
    } else if (typeof value === 'number') {
      this.#ops.push(Uint8Array.of(Op.number));
      this.#string(JSON.stringify(value), key);
    } else if (value === true || value === false || value === null) {
      this.#ops.push(Uint8Array.of(value === null ? Op.null : value ? Op.true : Op.false));
    } else if (Array.isArray(value)) {
      this.#ops.push(Uint8Array.of(Op.array));
      for (const entry of value) this.value(entry, key);
      this.#ops.push(Uint8Array.of(Op.end));
    } else {
      this.#object(value as Readonly<Record<string, unknown>>);
    }
  }

  #object(value: Readonly<Record<string, unknown>>): void {
    const plain: Shape = Object.keys(value)
      .sort()
      .map((key) => ({ key }));
    const type = value[TYPE];
    const typed =
      typeof type === 'string' ? plain.map(({ key }) => (key === TYPE ? { key, value: type } : { key })) : plain;
    const known = this.#shapes.get(nameOf(typed));
    const shape = known ?? this.#shapes.get(nameOf(plain));
    if (shape === undefined) {
      this.#shapes.set(nameOf(plain), this.#shapes.size);
      this.#ops.push(Uint8Array.of(Op.object), varint(plain.length));
      for (const { key } of plain) this.#string(key, NAMES);
    } else {
      this.#ops.push(varint(Op.shape + shape));
    }
    for (const member of known === undefined ? plain : typed) {
      if (member.value === undefined) this.value(value[member.key], member.key);
    }
  }

  #string(text: string, key: string): void {
    const column = this.#columns.get(key) ?? [];
    this.#columns.set(key, column);
    column.push(text);
  }

  finish(values: number): Columns {
    const texts = [...this.#columns.values()].flatMap((strings) => [
      ...strings.flatMap((text) => [utf8(text), Uint8Array.of(END_OF_STRING)]),
      Uint8Array.of(END_OF_COLUMN),
    ]);
    return { structure: concat([varint(values), ...this.#ops]), text: concat(texts) };
  }
}

export const toColumns = (values: readonly unknown[]): Columns => {
  const writer = new ColumnWriter();
  for (const value of values) writer.value(value, '');
  return writer.finish(values.length);
};

class ColumnReader {
  readonly #reader: Reader;
  /** Columns whose keys have not been needed yet. */
  readonly #waiting: Parts;
  readonly #columns = new Map<string, Parts>();
  readonly #shapes: Shape[] = [...SHAPES];

  constructor({ structure, text }: Columns) {
    this.#reader = new Reader(structure);
    this.#waiting = new Parts(text, END_OF_COLUMN);
  }

  *values(): Generator<unknown, void, undefined> {
    for (let left = this.#reader.varint(); left > 0; left--) yield this.#value(this.#reader.varint(), '', 0);
  }

  #value(op: number, key: string, depth: number): unknown {
    if (depth > DEEPEST) throw malformed('depth');
    if (op === Op.text) return this.#string(key);
    if (op === Op.number) return toNumber(this.#string(key));
    if (op === Op.true || op === Op.false) return op === Op.true;
    if (op === Op.null) return null;
    if (op === Op.array) {
      const entries: unknown[] = [];
      for (let next = this.#reader.varint(); next !== Op.end; next = this.#reader.varint()) {
        entries.push(this.#value(next, key, depth + 1));
      }
      return entries;
    }
    return this.#object(op, depth);
  }

  #object(op: number, depth: number): Readonly<Record<string, unknown>> {
    let shape: Shape | undefined;
    if (op === Op.object) {
      const keys = this.#reader.varint();
      // Each key is followed by a value of at least one byte: more keys than bytes are no object, and no reason to take memory.
      if (keys > this.#reader.left) throw malformed('keys');
      shape = Array.from({ length: keys }, () => ({ key: this.#string(NAMES) }));
      this.#shapes.push(shape);
    } else {
      shape = this.#shapes[op - Op.shape];
    }
    if (!shape) throw malformed('operation');
    return Object.fromEntries(
      shape.map(({ key, value }) => [key, value ?? this.#value(this.#reader.varint(), key, depth + 1)]),
    );
  }

  #string(key: string): string {
    let column = this.#columns.get(key);
    if (!column) {
      column = new Parts(this.#waiting.next() ?? new Uint8Array(0), END_OF_STRING);
      this.#columns.set(key, column);
    }
    const text = column.next();
    if (text === undefined) throw malformed('string');
    return fromUtf8(text);
  }
}

/** A number as JSON writes it, and as no other text does. */
const toNumber = (text: string): number => {
  const value = Number(text);
  if (JSON.stringify(value) !== text) throw malformed('number');
  return value;
};

const malformed = (what: string): RelaisError => new RelaisError('malformed', { what: `columns: ${what}` });

/** The parts of `bytes` that end with `mark`, one after the other: a list of all of them could be a hundred times as large as the bytes. */
class Parts {
  readonly #bytes: Uint8Array;
  readonly #mark: number;
  #at = 0;

  constructor(bytes: Uint8Array, mark: number) {
    this.#bytes = bytes;
    this.#mark = mark;
  }

  /** Undefined behind the last. */
  next(): Uint8Array | undefined {
    const end = this.#bytes.indexOf(this.#mark, this.#at);
    if (end < 0) return undefined;
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end + 1;
    return part;
  }
}

/** The values again, each made when it is asked for. Throws `malformed` or `truncated`. */
export const fromColumns = (columns: Columns): Iterable<unknown> => new ColumnReader(columns).values();
