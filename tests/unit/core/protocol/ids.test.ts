import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idFromHash, idOfToken, isNumber, numberOf } from '../../../../src/core/protocol/ids.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { newId, seededBytes, seededPlatform } from '../../../support/fixtures.ts';

const fixed = Array.from({ length: 40 }, (_, i) => newId(seededPlatform(`id ${i}`)));

describe('idFromHash', () => {
  it('is a UUIDv8, the same for the same content', () => {
    const hash = seededBytes('content')(32);
    expect(idFromHash(hash)).toBe(idFromHash(Uint8Array.from(hash)));
    expect(idFromHash(hash)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(idFromHash(seededBytes('other content')(32))).not.toBe(idFromHash(hash));
  });
});

describe('idOfToken', () => {
  it('is the same wherever the draft is sealed, and another for each draft', async () => {
    const id = await idOfToken(webPlatform, '3x9-1k2');
    expect(id).toBe('d6acab91-2819-88cb-a16c-b458b8f9e3c0');
    expect(await idOfToken(webPlatform, '3x9-1k3')).not.toBe(id);
  });
});

describe('the number a person keeps', () => {
  it('has eight digits and passes its own check', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 7 }), (id) => {
        expect(isNumber(numberOf(id))).toBe(true);
      }),
    );
    expect(numberOf('01972a7c-5800-7000-8000-000000000000')).toBe('00000000');
    // 0000001 doubled gives 2, so that the check digit is 8.
    expect(numberOf('01972a7c-5800-7000-8000-000000000001')).toBe('00000018');
  });

  it('leaves exactly one check digit for seven others', () => {
    for (const id of fixed) {
      const digits = numberOf(id).slice(0, 7);
      expect([...'0123456789'].filter((digit) => isNumber(digits + digit))).toHaveLength(1);
    }
  });

  it('catches every wrong digit', () => {
    for (const id of fixed) {
      const number = numberOf(id);
      for (let at = 0; at < 8; at++) {
        for (const digit of '0123456789') {
          const wrong = number.slice(0, at) + digit + number.slice(at + 1);
          expect(isNumber(wrong), `${number} typed as ${wrong}`).toBe(wrong === number);
        }
      }
    }
  });

  it('catches two neighbours that changed places, all but 0 and 9', () => {
    for (let a = 0; a < 10; a++) {
      for (let b = 0; b < 10; b++) {
        if (a === b) continue;
        for (let at = 0; at < 7; at++) {
          const others = '31415926'.split('');
          others[at] = String(a);
          others[at + 1] = String(b);
          // A digit that is not one of the two makes the number right again.
          const free = at > 3 ? 0 : 7;
          const right = [...'0123456789']
            .map((digit) => others.map((other, i) => (i === free ? digit : other)).join(''))
            .find(isNumber) as string;
          const swapped = right.split('');
          swapped[at] = String(b);
          swapped[at + 1] = String(a);
          expect(isNumber(swapped.join('')), `${right} typed as ${swapped.join('')}`).toBe(
            Math.min(a, b) === 0 && Math.max(a, b) === 9,
          );
        }
      }
    }
  });

  it.each(['', '0000000', '000000000', '0000000a', '0000 018', '٠٠٠٠٠٠١٨', '-0000018'])('is not "%s"', (typed) => {
    expect(isNumber(typed)).toBe(false);
  });
});
