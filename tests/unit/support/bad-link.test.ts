import { afterEach, expect, it, vi } from 'vitest';
import { drawnCuts, openWindows } from '../../support/bad-link.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('a seed cuts the same share of connections at the same bytes', () => {
  const options = { share: 0.2, within: 1000, kinds: ['reset', 'silent'] } as const;
  const plan = drawnCuts({ seed: 1, ...options });
  const cuts = Array.from({ length: 5000 }, (_, n) => plan(n));
  expect(cuts).toEqual(Array.from({ length: 5000 }, (_, n) => drawnCuts({ seed: 1, ...options })(n)));
  expect(cuts).not.toEqual(Array.from({ length: 5000 }, (_, n) => drawnCuts({ seed: 2, ...options })(n)));
  const cut = cuts.filter((one) => one !== undefined);
  expect(cut.length / 5000).toBeCloseTo(0.2, 1);
  const places = cut.map(({ at }) => at);
  expect(Math.min(...places)).toBeGreaterThanOrEqual(1);
  expect(Math.min(...places)).toBeLessThan(20);
  expect(Math.max(...places)).toBeLessThanOrEqual(1000);
  expect(Math.max(...places)).toBeGreaterThan(980);
  expect(cut.filter(({ kind }) => kind === 'silent').length / cut.length).toBeCloseTo(0.5, 1);
});

it.each(['reset', 'silent'] as const)('a link comes and goes by the clock, and is %s meanwhile', (kind) => {
  vi.useFakeTimers({ now: 0 });
  const log: string[] = [];
  const note = (what: string): void => {
    log.push(`${Date.now()} ${what}`);
  };
  const link = { cut: (how = 'reset') => note(how), restore: () => note('up') };
  const end = openWindows(link, { before: 300, up: 600, down: 400, kind, onOpen: (n) => note(`window ${n}`) });
  vi.advanceTimersByTime(2_000);
  const expected = [`0 ${kind}`, '300 up', '300 window 1', `900 ${kind}`, '1300 up', '1300 window 2', `1900 ${kind}`];
  expect(log).toEqual(expected);
  end();
  vi.advanceTimersByTime(2_000);
  expect(log).toEqual(expected);
});
