import type { Strings } from './pseudo.ts';

const over = (strings: Strings, others: Strings): Strings => {
  const merged: Record<string, string | Strings> = { ...strings };
  for (const [key, other] of Object.entries(others)) {
    const own = merged[key];
    merged[key] = typeof other === 'string' ? other : over(typeof own === 'object' ? own : {}, other);
  }
  return merged;
};

/** The words for a host without a hub: what the group `static` has stands in the place of the same keys outside it. */
export const staticWords = ({ static: own, ...strings }: Strings): Strings =>
  typeof own === 'object' ? over(strings, own) : strings;
