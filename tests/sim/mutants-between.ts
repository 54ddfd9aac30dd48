import { switchLink } from '../../server/box/files.ts';
import { currentTree } from '../../server/publish/tree.ts';
import { parseCanonical } from '../../src/core/protocol/canonical.ts';
import type { ShelfTable } from '../../src/core/protocol/head.ts';
import type { SeededBug } from './mutants.ts';

/** Mistakes that a hub in between could make: see `mutants.ts`. They are looked for where there is one. */
export const BUGS_BETWEEN: readonly SeededBug[] = [
  {
    name: 'a hub in between lets go of an answer once it has sent it',
    pitfall: [30],
    breaks: ['I1', 'I2'],
    mutant: {
      between: {
        held: (held, database) => {
          const { unsent } = held;
          held.unsent = async (...args) => {
            const envelopes = await unsent.apply(held, args);
            for (const { header } of envelopes) database.prepare('DELETE FROM held WHERE id = ?').run(header.id);
            return envelopes;
          };
          return held;
        },
      },
    },
  },
  {
    name: 'a hub in between has in memory what it holds',
    pitfall: [11, 12],
    breaks: ['I1', 'I2'],
    mutant: {
      between: {
        held: (held, database) => {
          database.exec('DELETE FROM held WHERE receipt IS NULL');
          return held;
        },
      },
    },
  },
  {
    name: 'a hub in between says that it holds an answer, and then stores it',
    pitfall: [12],
    breaks: ['I1'],
    mutant: {
      between: {
        held: (held, _database, platform) => {
          const store = held.store.bind(held);
          held.store = (...args) => {
            platform.after(3_000, () => store(...args));
            return true;
          };
          return held;
        },
      },
    },
  },
  {
    name: 'a hub in between says "arrived" of what it holds',
    pitfall: [12],
    breaks: ['I1'],
    mutant: { between: { desk: (desk) => Object.defineProperty(desk, 'isRelay', { value: false }) } },
  },
  {
    name: 'a hub in between verifies nothing of the hub above it',
    pitfall: [14],
    breaks: ['I2', 'I3', 'I4'],
    mutant: { between: { platform: (platform) => ({ ...platform, verify: async () => true }) } },
  },
  {
    name: 'a hub in between moves its cursor before the texts',
    pitfall: [26, 27],
    breaks: ['I3', 'I4'],
    mutant: {
      between: {
        store: (store, platform) => {
          const commit = store.commitShelf.bind(store);
          store.commitShelf = async (change) => {
            await commit({ ...change, buckets: new Map(), put: [], remove: [] });
            // Each text takes a moment.
            for (const { body } of change.put) await platform.sha256(body);
            await commit(change);
          };
          return store;
        },
      },
    },
  },
  {
    name: 'a hub in between takes a shelf for whole because something of it is there',
    pitfall: [26],
    breaks: ['I3', 'I4'],
    mutant: {
      between: {
        store: (store) => {
          const shelf = store.shelf.bind(store);
          store.shelf = async (name) => {
            const known = await shelf(name);
            const bytes = store.state()?.table;
            const signed = bytes && (parseCanonical(bytes) as ShelfTable)[name]?.hash;
            return known.baseSeq > 0 && signed !== undefined ? { ...known, hash: signed } : known;
          };
          return store;
        },
      },
    },
  },
  {
    name: 'a hub in between serves a tree before its files are written',
    pitfall: [27],
    breaks: ['I3', 'I4'],
    mutant: {
      between: {
        writer: (writer, home, number) => {
          const put = writer.put.bind(writer);
          writer.put = async (...args) => {
            const same = await put(...args);
            switchLink(currentTree(home), String(number));
            return same;
          };
          return writer;
        },
      },
    },
  },
  {
    name: 'a hub in between hands on a head whose texts have not come',
    pitfall: [27],
    breaks: ['I3', 'I4'],
    mutant: {
      between: {
        heads: (heads, store) => ({
          platform: heads.platform,
          current: () => {
            const newest = store.newestHead();
            return newest ? new Uint8Array(newest) : heads.current();
          },
        }),
      },
    },
  },
];
