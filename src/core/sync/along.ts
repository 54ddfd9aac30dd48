import { FirstEnd, readAlong } from '../pack/along.ts';
import { parseCanonical } from '../protocol/canonical.ts';
import { neededShelves, type ShelfTable } from '../protocol/head.ts';
import type { Fetched, PullPorts, Transport } from './ports.ts';

/**
 * Asks for the news of all shelves at once: what a hub adds to the first pack is kept, and given out when its turn comes. A host of files knows
 * nothing of it, and sends the first pack alone.
 */

const NEWS = /^\/c\/from\/(\d+)\/([^/]+)\.pack$/;

/** `ports.transport` for one `pull`, which asks for several shelves in one request. */
export const alongside = (ports: PullPorts): Transport => {
  const { transport } = ports;
  /** By path. */
  const brought = new Map<string, Extract<Fetched, { found: true }>>();
  return {
    postBatch: transport.postBatch,

    async get(path, limit, signal, reading = {}) {
      const { from = 0, onPart } = reading;
      const here = brought.get(path);
      if (here && from === 0) {
        brought.delete(path);
        // As it came: what was cut is stored by whoever looks on.
        await onPart?.(0, here.bytes, here.whole);
        return here;
      }
      const [, base, shelf] = NEWS.exec(path) ?? [];
      const same = shelf && from === 0 ? await othersOf(ports, shelf, Number(base)) : [];
      const pathOf = (other: string): string => `/c/from/${base}/${other}.pack`;
      const others = same.filter((other) => !brought.has(pathOf(other)));
      if (others.length === 0) return transport.get(path, limit, signal, reading);
      const first = new FirstEnd();
      const take: typeof onPart = async (at, part, last) => {
        const end = first.take(at, part);
        const own = end === undefined ? part : part.subarray(0, Math.max(0, end - at));
        if (own.length > 0) await onPart?.(at, own, last);
      };
      const fetched = await transport.get(`${path}?also=${others.join()}`, limit, signal, { onPart: take });
      if (!fetched.found) return fetched;
      const read = readAlong(fetched.bytes);
      for (const other of read.others) {
        const { bytes, whole } = other;
        if (others.includes(other.shelf)) brought.set(pathOf(other.shelf), { found: true, bytes, whole });
      }
      return { found: true, bytes: read.first, whole: fetched.whole || read.first.length < fetched.bytes.length };
    },
  };
};

/** The other shelves that are wanted or needed, have the same base, and have no pack that was cut. */
const othersOf = async ({ store }: PullPorts, first: string, base: number): Promise<readonly string[]> => {
  // It was verified when it was stored, under the head of that time: after a kill there may be a newer head.
  const table = (await store.library())?.table;
  const shelves = neededShelves(await store.wanted(), table ? (parseCanonical(table) as ShelfTable) : {});
  const others: string[] = [];
  for (const shelf of shelves) {
    const isNext = shelf !== first && (await store.shelf(shelf)).baseSeq === base;
    if (isNext && !(await store.part(shelf))) others.push(shelf);
  }
  return others;
};
