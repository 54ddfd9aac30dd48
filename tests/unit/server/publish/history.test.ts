import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basesFor } from '../../../../server/publish/history.ts';

const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('basesFor', () => {
  it('are all sequences while there are few', () => {
    expect(basesFor(1, [1])).toEqual([1]);
    expect(basesFor(65, all(65))).toEqual(all(65));
  });

  it('are the last 64 and powers of two further back', () => {
    const bases = basesFor(1_100, all(1_100));
    expect(bases.filter((base) => base >= 1_100 - 64)).toHaveLength(65);
    expect(bases.filter((base) => base < 1_100 - 64)).toEqual([1_100 - 1_024, 1_100 - 512, 1_100 - 256, 1_100 - 128]);
    expect(basesFor(66, all(66))).toEqual(all(66).slice(1));
  });

  it('are only what was published, and never later than now', () => {
    expect(basesFor(10, [2, 9, 10, 11, 99])).toEqual([2, 9, 10]);
    expect(basesFor(500, [100, 244, 372, 436, 500])).toEqual([244, 372, 436, 500]);
  });

  it('grow with the logarithm of the sequence', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (seq) => {
        const bases = basesFor(seq, all(seq));
        expect(bases.length).toBeLessThanOrEqual(65 + Math.max(0, Math.ceil(Math.log2(seq)) - 6));
        expect(bases.at(-1)).toBe(seq);
      }),
    );
  });
});
