import { expect, it } from 'vitest';
import { type AppCost, watchAppCost } from '../../../../src/core/api/app-cost.ts';

const HERE = 'http://192.168.4.1:8080';

/** What is told of these files: address, bytes that the link carried, bytes of the body. */
const told = (
  ...files: readonly (readonly [name: string, transferSize: number, encodedBodySize: number])[]
): AppCost[] => {
  const costs: AppCost[] = [];
  class Timeline {
    readonly #listener: (list: { getEntries(): unknown[] }) => void;
    constructor(listener: (list: { getEntries(): unknown[] }) => void) {
      this.#listener = listener;
    }
    observe({ type, buffered }: { type: string; buffered: boolean }): void {
      if (type !== 'resource' || !buffered) return;
      const entries = files.map(([name, transferSize, encodedBodySize]) => ({ name, transferSize, encodedBodySize }));
      this.#listener({ getEntries: () => entries });
    }
  }
  watchAppCost(Timeline, HERE, (cost) => costs.push(cost));
  return costs;
};

it('what came over the link is told, and nothing of what a store had', () => {
  expect(
    told([`${HERE}/fr/`, 5_600, 5_300], [`${HERE}/assets/a.js`, 700, 400], [`${HERE}/assets/b.js`, 0, 900]),
  ).toEqual([{ down: 6_300, requests: 2 }]);
  expect(told([`${HERE}/assets/b.js`, 0, 900])).toEqual([]);
});

it('what the engine asks for has a meter, and what is elsewhere is not of this link', () => {
  const names = ['/c/full/fr.pack', '/b/ab/cd', '/o/batch'].map((path) => HERE + path);
  const elsewhere = ['http://192.168.4.10:8080/c.js', 'http://192.168.4.1:80800/x.js', `blob:${HERE}/1`];
  expect(told(...[...names, ...elsewhere].map((name) => [name, 1_000, 700] as const))).toEqual([]);
});

it('what a service worker imported is counted once, where it is then taken out of the cache', () => {
  const engine = `${HERE}/assets/engine.js`;
  expect(told([engine, 0, 0], [engine, 0, 39_000], [engine, 0, 39_000])).toEqual([{ down: 39_000, requests: 1 }]);
});

it('a browser without such a timeline counts nothing, and goes on', () => {
  class Old {
    observe(): void {
      throw new TypeError('entryTypes is missing');
    }
  }
  const fail = (): never => {
    throw new Error('told');
  };
  expect(() => watchAppCost(undefined, HERE, fail)).not.toThrow();
  expect(() => watchAppCost(Old, HERE, fail)).not.toThrow();
});
