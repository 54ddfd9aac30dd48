import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concat,
  equal,
  fromBase64Url,
  fromUtf8,
  Reader,
  toBase64Url,
  toHex,
  u16,
  u32,
  utf8,
  varint,
} from '../../../../src/core/protocol/bytes.ts';
import { codeFrom } from '../../../support/fixtures.ts';

const anyBytes = fc.uint8Array({ maxLength: 200 });

describe('base64url', () => {
  it('is what Node writes, and reads back', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64Url(text)).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it('refuses a second spelling of the same bytes', async () => {
    expect(toBase64Url(Uint8Array.of(255))).toBe('_w');
    for (const text of ['_w==', '_x', '/w', ' _w', '_w\n', '_', '!!']) {
      expect(await codeFrom(() => fromBase64Url(text)), text).toBe('malformed');
    }
  });
});

describe('utf8', () => {
  it('keeps any text, a byte-order mark too', () => {
    for (const text of ['', 'Bankilaré', '\ufeffx', 'ߛߊ߲', '🐪']) expect(fromUtf8(utf8(text))).toBe(text);
  });

  it('refuses bytes that are not UTF-8', async () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      expect(await codeFrom(() => fromUtf8(Uint8Array.from(bytes)))).toBe('malformed');
    }
  });
});

describe('concat and equal', () => {
  it('agree with Buffer', () => {
    fc.assert(
      fc.property(fc.array(anyBytes), anyBytes, (parts, other) => {
        const joined = concat(parts);
        expect(Buffer.from(joined).equals(Buffer.concat(parts))).toBe(true);
        expect(equal(joined, other)).toBe(Buffer.from(joined).equals(Buffer.from(other)));
      }),
    );
  });

  it('tell a prefix from the whole', () => {
    expect(equal(utf8('ab'), utf8('abc'))).toBe(false);
    expect(equal(utf8('abc'), utf8('ab'))).toBe(false);
    expect(equal(utf8('abc'), utf8('abd'))).toBe(false);
  });
});

describe('varint', () => {
  it('reads back every length, in as few bytes as LEB128 allows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
        const bytes = varint(value);
        const reader = new Reader(bytes);
        expect(reader.varint()).toBe(value);
        expect(reader.left).toBe(0);
        expect(bytes.length).toBe(Math.max(1, Math.ceil(Math.log2(value + 1) / 7)));
      }),
    );
  });

  it('has the bytes of the LEB128 examples', () => {
    expect(toHex(varint(624_485))).toBe('e58e26');
    expect(toHex(varint(127))).toBe('7f');
    expect(toHex(varint(128))).toBe('8001');
  });

  it('ends after five bytes', async () => {
    const reader = new Reader(Uint8Array.from([128, 128, 128, 128, 128, 0]));
    expect(await codeFrom(() => reader.varint())).toBe('malformed');
  });
});

describe('Reader', () => {
  it('reads big-endian numbers and hands out the rest', () => {
    const reader = new Reader(concat([Uint8Array.of(7), u16(0xabcd), u32(0xfedcba98), utf8('rest')]));
    expect([reader.byte(), reader.u16(), reader.u32()]).toEqual([7, 0xabcd, 0xfedcba98]);
    expect(fromUtf8(reader.take(reader.left))).toBe('rest');
    expect(reader.left).toBe(0);
  });

  it('reads from a view that does not begin its buffer', () => {
    const view = concat([utf8('xx'), u32(5)]).subarray(2);
    expect(new Reader(view).u32()).toBe(5);
  });

  it.each([
    ['byte', (r: Reader) => r.byte(), 0],
    ['u16', (r: Reader) => r.u16(), 1],
    ['u32', (r: Reader) => r.u32(), 3],
    ['take', (r: Reader) => r.take(5), 4],
    ['varint', (r: Reader) => r.varint(), 0],
  ] as const)('says that %s is cut', async (_, read, length) => {
    expect(await codeFrom(() => read(new Reader(new Uint8Array(length))))).toBe('truncated');
  });
});
