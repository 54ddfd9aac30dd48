/** What pages and the app's own files took from the link. What the engine asks for itself has a meter (core/sync/traffic.ts). */
export interface AppCost {
  /** Bytes, headers included, as far as the browser tells them. */
  readonly down: number;
  readonly requests: number;
}

/** As browsers have it of each file. */
interface Timing {
  readonly name: string;
  readonly transferSize: number;
  readonly encodedBodySize: number;
}
/** The browser's own timeline. */
type Timeline = new (
  listener: (list: { getEntries(): unknown[] }) => void,
) => { observe(options: { readonly type: string; readonly buffered: boolean }): void };

const METERED = /^\/[bco]\//;

/**
 * Tells what this realm, at the address `origin`, takes from the link, from its beginning on: each byte once, and nothing that comes from a store. A
 * browser whose timeline does not say it counts nothing.
 */
export const watchAppCost = (Observer: Timeline | undefined, origin: string, tell: (cost: AppCost) => void): void => {
  /** Imported by a service worker: that is told as nothing, and its size only where the file is then taken out of the browser's cache. */
  const imported = new Set<string>();
  const sizeOf = ({ name, transferSize, encodedBodySize }: Timing): number => {
    if (!name.startsWith(`${origin}/`) || METERED.test(name.slice(origin.length))) return 0;
    if (transferSize > 0) return transferSize;
    if (encodedBodySize > 0) return imported.delete(name) ? encodedBodySize : 0;
    imported.add(name);
    return 0;
  };
  try {
    const observer =
      Observer &&
      new Observer((list) => {
        const sizes = (list.getEntries() as Timing[]).map(sizeOf).filter((size) => size > 0);
        if (sizes.length > 0) tell({ down: sizes.reduce((sum, size) => sum + size), requests: sizes.length });
      });
    for (const type of ['navigation', 'resource']) observer?.observe({ type, buffered: true });
  } catch {
    // Older browsers take other options. A count is nothing that an app may fail for.
  }
};
