import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes, parseCanonical } from '../../../../src/core/protocol/canonical.ts';
import { codeFrom } from '../../../support/fixtures.ts';

describe('canonicalBytes', () => {
  it('sorts names by UTF-16 code units and writes numbers as RFC 8785 has them', () => {
    const value = { '\u20ac': 1, '\r': 2, '1': 3, '\ud83d\ude00': 4, a: [1e30, 4.5, 0.002, 1e-27, -0], b: 'é\u0007"' };
    expect(fromUtf8(canonicalBytes(value))).toBe(
      '{"\\r":2,"1":3,"a":[1e+30,4.5,0.002,1e-27,0],"b":"é\\u0007\\"","€":1,"😀":4}',
    );
  });

  it('does not depend on the order in which a value was made', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalBytes(turned)).toEqual(canonicalBytes(value));
      }),
    );
  });

  it('refuses what is not JSON', async () => {
    for (const value of [undefined, '\ud83d', Number.POSITIVE_INFINITY, Number.NaN, { a: ['\udc00'] }]) {
      expect(await codeFrom(() => canonicalBytes(value))).toBe('malformed');
    }
  });
});

describe('parseCanonical', () => {
  it('reads back what canonicalBytes wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = canonicalBytes(value);
        expect(canonicalBytes(parseCanonical(bytes))).toEqual(bytes);
        expect(parseCanonical(bytes)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    ['a space', '{"a": 1}'],
    ['a line at the end', '{"a":1}\n'],
    ['names out of order', '{"b":1,"a":1}'],
    ['a name twice', '{"a":1,"a":1}'],
    ['a number in another spelling', '[1.0]'],
    ['an escape that is not needed', '["\\u0041"]'],
    ['a byte-order mark', '\ufeff{}'],
    ['no JSON', '<!doctype html>'],
    ['nothing', ''],
    ['half an emoji', '["\\ud83d"]'],
    ['half an emoji in a name', '{"\\udc00":1}'],
    ['a number that is too large for any', '[1e999]'],
    ['such a number below zero', '[-1e999]'],
  ])('refuses %s', async (_, text) => {
    expect(await codeFrom(() => parseCanonical(utf8(text)))).toBe('malformed');
  });

  it('refuses bytes that are not UTF-8', async () => {
    expect(await codeFrom(() => parseCanonical(Uint8Array.from([0x22, 0xff, 0x22])))).toBe('malformed');
  });
});
