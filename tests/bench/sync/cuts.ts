import type { RelaisError } from '../../../src/core/errors.ts';
import { pull } from '../../../src/core/sync/pull.ts';
import { Meter } from '../../../src/core/sync/traffic.ts';
import { webPlatform } from '../../../src/core/web-platform.ts';
import { fetchTransport } from '../../../src/engine/transport.ts';
import { MemoryLibrary } from '../../../src/store/memory-library.ts';
import type { CountedLink } from '../stage.ts';
import { type Cost, costOf, withLink } from './cost.ts';
import { LANGUAGES, TOPICS } from './library.ts';

/** What a link costs that is cut again and again. */

/** Bytes after which it is cut. */
export const CUT_EVERY = 60_000;
/** After so many cuts without an end there is none. */
export const MANY_CUTS = 40;
/** Slow enough that a cut comes where it is meant to. */
const BYTES_PER_SECOND = 250_000;

export interface CutRun extends Cost {
  readonly cuts: number;
  readonly complete: boolean;
}

/**
 * Tries until one comes to its end, or the link has been cut many times: after every `CUT_EVERY` bytes, whoever goes on meanwhile. `attempt` resolves
 * to whether it did.
 */
export const cutAgainAndAgain = async (link: CountedLink, attempt: () => Promise<boolean>): Promise<CutRun> => {
  const { proxy } = link;
  proxy.set({ bytesPerSecond: BYTES_PER_SECOND });
  link.reset();
  let cuts = 0;
  let start = 0;
  let complete = false;
  while (!complete && cuts < MANY_CUTS) {
    let over = false;
    const trying = attempt().finally(() => {
      over = true;
    });
    while (!over && cuts < MANY_CUTS) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (over || proxy.down() - start < CUT_EVERY) continue;
      proxy.cut();
      proxy.restore();
      cuts++;
      start = proxy.down();
    }
    // Nobody waits for one that has been cut so often.
    complete = over && (await trying);
    if (!over) void trying.catch(() => {});
  }
  proxy.set({ bytesPerSecond: Number.POSITIVE_INFINITY });
  return { ...costOf(link.read()), cuts, complete };
};

const never = new AbortController().signal;

/** Our engine, with its store in memory, over the real transport: all five languages, uncut and cut. */
export const ownCuts = (port: number): Promise<{ readonly uncut: Cost; readonly cut: CutRun }> =>
  withLink(port, async (link, url) => {
    const run = async (library: MemoryLibrary): Promise<boolean> => {
      const transport = fetchTransport(webPlatform, url, new Meter(webPlatform.now, false));
      try {
        await pull({ platform: webPlatform, store: library, transport }, never);
        return true;
      } catch (error) {
        if ((error as RelaisError).code !== 'no-link') throw error;
        return false;
      }
    };
    const fresh = async (): Promise<MemoryLibrary> => {
      const library = new MemoryLibrary();
      for (const lang of LANGUAGES) await library.want(lang);
      return library;
    };
    await run(await fresh());
    const uncut = costOf(link.read());
    const library = await fresh();
    const cut = await cutAgainAndAgain(link, () => run(library));
    for (const lang of LANGUAGES) {
      const { size } = await library.bodies(lang);
      if (size < TOPICS) throw new Error(`${lang} has ${size} of ${TOPICS} texts after the cuts`);
    }
    return { uncut, cut };
  });
