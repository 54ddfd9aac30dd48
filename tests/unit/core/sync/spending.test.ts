import { describe, expect, it } from 'vitest';
import { dayOf, type Policy } from '../../../../src/core/protocol/network.ts';
import { holdOf, leftOf, type Purpose } from '../../../../src/core/sync/spending.ts';

const at = (hour: number, day = 15): number => new Date(2026, 10, day, hour, 30).getTime();
const NONE = { today: 0, ofBundle: 0 };
const hold = (policy: Policy, purpose: Purpose = 'news', now = at(12), spent = NONE) =>
  holdOf(policy, spent, now, purpose);

it('tells the day by the device’s own clock and zone', () => {
  expect(dayOf(new Date(2026, 0, 2, 0, 0, 1).getTime())).toBe('2026-01-02');
  expect(dayOf(new Date(2026, 11, 31, 23, 59, 59).getTime())).toBe('2026-12-31');
});

describe('what the link may be used for', () => {
  it('is everything, where nothing is set', () => {
    for (const purpose of ['asked', 'answers', 'news', 'media', 'app'] as const)
      expect(hold({}, purpose)).toBeUndefined();
  });

  it('is all that a person taps for, whatever is set', () => {
    const strict: Policy = { saving: true, paused: true, daily: 0, hours: { from: 1, to: 2 } };
    expect(hold(strict, 'asked')).toBeUndefined();
  });

  it('is nothing by itself during a pause, not even answers', () => {
    for (const purpose of ['answers', 'news', 'media', 'app'] as const)
      expect(hold({ paused: true }, purpose)).toBe('paused');
  });

  it('is an answer at any price, but for a pause', () => {
    const strict: Policy = { saving: true, daily: 0, hours: { from: 1, to: 2 } };
    expect(hold(strict, 'answers')).toBeUndefined();
  });

  it('is no picture that nobody touched, where each kilobyte counts', () => {
    expect(hold({ saving: true }, 'media')).toBe('saving');
    expect(hold({ saving: true }, 'news')).toBeUndefined();
    expect(hold({ saving: false }, 'media')).toBeUndefined();
  });

  it.each([
    [6, 9, [6, 7, 8]],
    [22, 6, [22, 23, 0, 1, 2, 3, 4, 5]],
    [0, 24, Array.from({ length: 24 }, (_, n) => n)],
    [20, 24, [20, 21, 22, 23]],
    [5, 5, Array.from({ length: 24 }, (_, n) => n)],
  ])('from %i to %i h is the cheap time', (from, to, cheap) => {
    const open = Array.from({ length: 24 }, (_, n) => n).filter((n) => !hold({ hours: { from, to } }, 'news', at(n)));
    expect(open).toEqual([...cheap].sort((a, b) => a - b));
  });

  it('ends with the day’s budget, and begins again the next day', () => {
    expect(hold({ daily: 1_000 }, 'news', at(12), { today: 999, ofBundle: 0 })).toBeUndefined();
    expect(hold({ daily: 1_000 }, 'news', at(12), { today: 1_000, ofBundle: 0 })).toBe('daily');
    expect(hold({ daily: 0 })).toBe('daily');
  });

  it('ends with the bundle, as long as it holds', () => {
    const bundle = { bytes: 400_000_000, price: '500 F', from: '2026-11-10', until: '2026-11-16' };
    const used = { today: 0, ofBundle: 400_000_000 };
    expect(hold({ bundle }, 'news', at(12), used)).toBe('bundle');
    expect(hold({ bundle }, 'news', at(12), { ...used, ofBundle: 399_999_999 })).toBeUndefined();
    // Nobody knows what comes after it: that is no reason to keep news away.
    expect(hold({ bundle }, 'news', at(12, 17), used)).toBeUndefined();
    const { until: _, ...open } = bundle;
    expect(hold({ bundle: open }, 'news', at(12, 28), used)).toBe('bundle');
  });
});

it('tells what is left of a bundle that holds today', () => {
  const bundle = { bytes: 1_000, price: '500 F', from: '2026-11-10', until: '2026-11-16' };
  const left = (today: string, ofBundle: number) => leftOf({ bundle }, { today: 0, ofBundle }, today);
  expect(left('2026-11-10', 300)).toBe(700);
  expect(left('2026-11-16', 2_000)).toBe(0);
  expect(left('2026-11-17', 300)).toBeUndefined();
  expect(left('2026-11-09', 300)).toBeUndefined();
  expect(leftOf({}, { today: 0, ofBundle: 0 }, '2026-11-10')).toBeUndefined();
});
