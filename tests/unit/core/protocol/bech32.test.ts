import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bech32Decode, bech32Encode } from '../../../../src/core/protocol/bech32.ts';
import { codeFrom } from '../../../support/fixtures.ts';

const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** Any words with their checksum, as the reference code of BIP 173 makes it. */
const withSum = (prefix: string, words: readonly number[]): string => {
  const polymod = (values: readonly number[]): number => {
    let check = 1;
    for (const value of values) {
      const top = check >> 25;
      check = ((check & 0x1ffffff) << 5) ^ value;
      [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((g, i) => {
        if ((top >> i) & 1) check ^= g;
      });
    }
    return check;
  };
  const codes = Buffer.from(prefix);
  const check = polymod([...codes.map((c) => c >> 5), 0, ...codes.map((c) => c & 31), ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const sum = [25, 20, 15, 10, 5, 0].map((shift) => (check >> shift) & 31);
  return `${prefix}1${[...words, ...sum].map((word) => CHARSET[word]).join('')}`;
};

describe('bech32', () => {
  it('writes the examples of BIP 173', () => {
    expect(bech32Encode('a', new Uint8Array(0))).toBe('a12uel5l');
    expect(
      bech32Encode('abcdef', Uint8Array.from(Buffer.from('00443214c74254b635cf84653a56d7c675be77df', 'hex'))),
    ).toBe('abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw');
  });

  it('reads back any bytes under any prefix of ours', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('age', 'age-secret-key-'),
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        (prefix, data) => {
          expect(bech32Decode(prefix, bech32Encode(prefix, data))).toEqual(Uint8Array.from(data));
        },
      ),
    );
  });

  it('catches every wrong letter', async () => {
    const text = bech32Encode(
      'age',
      Uint8Array.from({ length: 32 }, (_, i) => i * 7),
    );
    for (let at = 0; at < text.length; at++) {
      for (const letter of 'qpzry9x8gf2tvdw0s3jn54khce6mua7lb1') {
        if (text[at] === letter) continue;
        const wrong = text.slice(0, at) + letter + text.slice(at + 1);
        expect(await codeFrom(() => bech32Decode('age', wrong)), wrong).toBe('malformed');
      }
    }
  });

  it('refuses another prefix, capitals, a cut and left-over bits', async () => {
    const text = bech32Encode('age', new Uint8Array(32));
    for (const wrong of [text.replace('age', 'agf'), text.toUpperCase(), text.slice(0, -1), 'age1', '', `${text}q`]) {
      expect(await codeFrom(() => bech32Decode('age', wrong)), wrong).toBe('malformed');
    }
    // Two words are one byte and two bits: those bits have to be zero, and six words would be a whole word too many.
    expect(bech32Decode('age', withSum('age', [31, 28]))).toEqual(Uint8Array.of(255));
    for (const words of [
      [31, 29],
      [31, 30],
      [31, 28, 0],
    ]) {
      expect(await codeFrom(() => bech32Decode('age', withSum('age', words))), words.join()).toBe('malformed');
    }
  });
});
