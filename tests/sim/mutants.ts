import { AnswerStore } from '../../server/hub/answer-store.ts';
import { openDatabaseFile } from '../../server/hub/database.ts';
import { RelaisError } from '../../src/core/errors.ts';
import type { Envelope } from '../../src/core/protocol/envelope.ts';
import { parseBatch } from '../../src/core/protocol/envelope.ts';
import type { SignedReceipt } from '../../src/core/protocol/receipt.ts';
import type { Locks } from '../../src/engine/exclusive.ts';
import type { SealedAnswer } from '../../src/store/answers-db.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import type { Mutant } from './mutant.ts';
import { START } from './world.ts';

/**
 * Mistakes that real projects made (`pitfall`: the row of the list in docs/proof.md), put back one at a time between parts that are as they are.
 * The simulation has to find each.
 */
export interface SeededBug {
  readonly name: string;
  readonly pitfall: readonly number[];
  /** Rules of which one has to be broken. */
  readonly breaks: readonly string[];
  readonly mutant: Mutant;
}

/** A receipt that nobody signed. */
const noReceipt = { signed: { v: 2, id: '', hash: '', by: '', seq: 0 }, sigs: {} } as unknown as SignedReceipt;

export const SEEDED_BUGS: readonly SeededBug[] = [
  {
    name: 'says "kept" before the answer is stored',
    pitfall: [12],
    breaks: ['I1'],
    mutant: {
      answers: (store) => ({
        ...store,
        freeze: async (sealed, fresh) => {
          store.freeze(sealed, fresh).catch(() => {});
          return sealed.id;
        },
      }),
    },
  },
  {
    name: 'stores answers with relaxed durability',
    pitfall: [12],
    breaks: ['I1', 'I2'],
    mutant: { relaxedAnswers: true },
  },
  {
    name: 'swallows a full disk',
    pitfall: [8],
    breaks: ['I1'],
    mutant: {
      answers: (store) => ({ ...store, freeze: (sealed, fresh) => store.freeze(sealed, fresh).catch(() => sealed.id) }),
    },
  },
  {
    name: 'falls back to memory without a word',
    pitfall: [11],
    breaks: ['I1', 'I2'],
    mutant: {
      answers: (store) => {
        const memory = new MemoryOutbox();
        const both = async (...args: Parameters<typeof store.unsent>): Promise<readonly Envelope[]> => [
          ...(await store.unsent(...args)),
          ...(await memory.unsent(...args)),
        ];
        const freeze = (sealed: SealedAnswer, fresh: () => string): Promise<string> =>
          store.freeze(sealed, fresh).catch(() => memory.freeze(sealed, fresh));
        return { ...store, unsent: both, freeze };
      },
    },
  },
  {
    name: 'takes any reply for a success',
    pitfall: [14],
    breaks: ['I1', 'I2'],
    mutant: {
      transport: (transport, tab) => ({
        ...transport,
        postBatch: async (batch, signal) => {
          try {
            return await transport.postBatch(batch, signal);
          } catch (error) {
            if ((error as RelaisError).details?.status === 200)
              for (const { header } of parseBatch(batch)) await tab.answers.settle(header.id, noReceipt);
            throw error;
          }
        },
      }),
    },
  },
  {
    name: 'drops an answer that a server refused with 5xx',
    pitfall: [18, 30],
    breaks: ['I1', 'I2'],
    mutant: {
      transport: (transport, tab) => ({
        ...transport,
        postBatch: async (batch, signal) => {
          try {
            return await transport.postBatch(batch, signal);
          } catch (error) {
            if (Number((error as RelaisError).details?.status) >= 500)
              for (const { header } of parseBatch(batch)) await tab.answers.settle(header.id, noReceipt);
            throw error;
          }
        },
      }),
    },
  },
  {
    name: 'gives up on answers after a week',
    pitfall: [18],
    breaks: ['I2'],
    mutant: {
      answers: (store, tab) => ({
        ...store,
        unsent: async (...args) => {
          const waiting = await store.unsent(...args);
          return tab.engine.platform.now() > START + 7 * 86_400_000 ? [] : waiting;
        },
      }),
    },
  },
  {
    name: 'drops the answer before its receipt is stored',
    pitfall: [30],
    breaks: ['I1'],
    mutant: {
      answers: (store) => ({
        ...store,
        settle: async (id, receipt) => {
          await store.settle(id, undefined as unknown as SignedReceipt);
          await store.settle(id, receipt);
        },
      }),
    },
  },
  {
    name: 'takes what was written to a stick for arrived',
    pitfall: [12],
    breaks: ['I1'],
    mutant: {
      answers: (store) => ({
        ...store,
        async *waiting() {
          for await (const envelope of store.waiting()) {
            yield envelope;
            await store.settle(envelope.header.id, noReceipt);
          }
        },
      }),
    },
  },
  {
    name: 'says that it takes answers of others, and swallows a full disk',
    pitfall: [8],
    breaks: ['I1'],
    mutant: {
      answers: (store) => ({ ...store, carry: (envelope) => store.carry(envelope).catch(() => true) }),
    },
  },
  {
    name: 'gives answers of others ids of its own',
    pitfall: [28],
    breaks: ['I1', 'I2'],
    mutant: {
      answers: (store, tab) => {
        let n = 0;
        return {
          ...store,
          carry: ({ header, body }) => {
            const id = `${header.id.slice(0, -6)}${String(100_000 + ++n + tab.device.tabs.length * 1_000)}`;
            return store.carry({ header: { ...header, id }, body });
          },
        };
      },
    },
  },
  {
    name: 'takes a receipt without checking who signed it',
    pitfall: [14, 30],
    breaks: ['I1', 'I2', 'I3'],
    mutant: { platform: (platform) => ({ ...platform, verify: async () => true }) },
  },
  {
    name: 'makes an answer of each tap',
    pitfall: [10, 21],
    breaks: ['I1', 'I2'],
    mutant: {
      answers: (store) => {
        let n = 0;
        return {
          ...store,
          freeze: (sealed, fresh) => {
            const id = n++ === 0 ? sealed.id : `${sealed.id.slice(0, -4)}${String(1000 + n)}`;
            return store.freeze({ ...sealed, id, token: `${sealed.token}${n}` }, fresh);
          },
        };
      },
    },
  },
  {
    name: 'lets every tab sync at once',
    pitfall: [21],
    breaks: ['one sender'],
    mutant: { locks: (): Locks => ({ request: async (_name, _options, work) => work({}) }) },
  },
  {
    name: 'never lets go of the right to sync',
    pitfall: [19, 21],
    breaks: ['I2', 'I4'],
    mutant: {
      locks: (): Locks => {
        let isTaken = false;
        return {
          request: async (_name, _options, work) => {
            if (isTaken) return work(null);
            isTaken = true;
            const result = await work({});
            isTaken = false;
            return result;
          },
        };
      },
    },
  },
  {
    name: 'moves the cursor before the texts',
    pitfall: [26, 27],
    breaks: ['I3'],
    mutant: {
      library: (store) => ({
        ...store,
        commitShelf: async (change) => {
          await store.commitShelf({ ...change, buckets: new Map(), put: [], remove: [] });
          await store.commitShelf(change);
        },
      }),
    },
  },
  {
    name: 'takes a shelf for whole because something of it is there',
    pitfall: [26],
    breaks: ['I4', 'I3'],
    mutant: {
      library: (store, tab) => ({
        ...store,
        shelf: async (name) => {
          const shelf = await store.shelf(name);
          const { state } = tab.device.library.data;
          const table =
            state?.table && (JSON.parse(new TextDecoder().decode(state.table)) as Record<string, { hash: string }>);
          return shelf.baseSeq > 0 && table ? { ...shelf, hash: table[name]?.hash ?? shelf.hash } : shelf;
        },
      }),
    },
  },
  {
    name: 'stores what came without comparing its hash',
    pitfall: [16],
    breaks: ['I3', 'I5'],
    mutant: {
      library: (store) => ({
        ...store,
        // What a check at the door would have refused: the last byte of a body is another.
        commitShelf: (change) =>
          store.commitShelf({
            ...change,
            put: change.put.map(({ row, body }) => ({
              row,
              body: body.map((byte, i) => (i === body.length - 2 ? 32 : byte)),
            })),
          }),
      }),
    },
  },
  {
    name: 'takes a short body for a whole one',
    pitfall: [16],
    breaks: ['I3'],
    mutant: {
      transport: (transport) => ({
        ...transport,
        get: async (...args) => {
          const fetched = await transport.get(...args);
          return fetched.found ? { ...fetched, whole: true } : fetched;
        },
      }),
    },
  },
  {
    name: 'stores an urgent notice that nobody signed',
    pitfall: [14],
    breaks: ['I3'],
    mutant: {
      library: (store) => ({
        ...store,
        saveAlerts: (alerts, signed) =>
          store.saveAlerts({ ...alerts, items: alerts.items.map((item) => ({ ...item, title: 'Fuyez' })) }, signed),
      }),
    },
  },
  {
    name: 'waits for ever for a link that says nothing',
    pitfall: [15],
    breaks: ['I2', 'I4'],
    mutant: {
      platform: (platform) => ({
        ...platform,
        after: (ms, fn) => (ms === 15_000 || ms === 20_000 || ms >= 600_000 ? () => {} : platform.after(ms, fn)),
      }),
    },
  },
  {
    name: 'takes news that is signed later than its own clock for false',
    pitfall: [17],
    breaks: ['I3', 'I4'],
    mutant: {
      library: (store, tab) => ({
        ...store,
        saveLibrary: async (state) => {
          if ((state.head?.issued ?? 0) * 1000 > tab.engine.platform.now() + 86_400_000)
            throw new RelaisError('tampered');
          return store.saveLibrary(state);
        },
      }),
    },
  },
  {
    name: 'goes back to an older library',
    pitfall: [17],
    breaks: ['I3'],
    mutant: {
      library: (store, tab) => ({
        ...store,
        library: async () => {
          const state = await store.library();
          return state?.head ? { ...state, head: { ...state.head, seq: 0 } } : state;
        },
        saveLibrary: (state) =>
          tab.operate('saveLibrary', 'write', async () => {
            tab.device.library.data = { ...tab.device.library.data, state };
          }),
      }),
    },
  },
  {
    name: 'trusts whoever answers',
    pitfall: [14],
    breaks: ['I3'],
    mutant: {
      library: (store) => ({ ...store, library: async () => undefined }),
    },
  },
  {
    name: 'keeps what was typed beside what was sealed',
    pitfall: [],
    breaks: ['I6'],
    mutant: {
      answers: (store, tab) => ({
        ...store,
        freeze: async (sealed, fresh) => {
          const id = await store.freeze(sealed, fresh);
          await store.needsAttention(id, [...tab.device.typed].join());
          return id;
        },
      }),
    },
  },
  {
    name: 'the hub looks whether it has an answer, and then stores it',
    pitfall: [28],
    breaks: ['I2'],
    mutant: {
      database: () => {
        const database = openDatabaseFile(':memory:');
        database.exec(`DROP TABLE answers; DROP TABLE envelopes;
          CREATE TABLE envelopes (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, hash TEXT NOT NULL, header TEXT NOT NULL, body BLOB NOT NULL, received INTEGER NOT NULL);
          CREATE TABLE answers (seq INTEGER PRIMARY KEY, number TEXT NOT NULL, readable INTEGER NOT NULL, form TEXT NOT NULL, version INTEGER NOT NULL, item TEXT NOT NULL, lang TEXT NOT NULL, answers TEXT NOT NULL, filled INTEGER NOT NULL)`);
        return database;
      },
      answerStore: (database, openers, platform) => {
        const store = new AnswerStore(database, openers, platform);
        store.storeOnce = async ({ header, body }, received) => {
          const known = database.prepare('SELECT seq FROM envelopes WHERE id = ?').get(header.id) as
            | { seq: number }
            | undefined;
          await platform.sha256(body);
          if (known) return { seq: known.seq, fresh: false };
          const { lastInsertRowid } = database
            .prepare('INSERT INTO envelopes (id, hash, header, body, received) VALUES (?, ?, ?, ?, ?)')
            .run(header.id, header.hash, JSON.stringify(header), body, received);
          return { seq: Number(lastInsertRowid), fresh: true };
        };
        return store;
      },
    },
  },
  {
    name: 'the hub signs a receipt before the row is there',
    pitfall: [12, 28],
    breaks: ['I1', 'I2'],
    mutant: {
      answerStore: (database, openers, platform) => {
        const store = new AnswerStore(database, openers, platform);
        const storeOnce = store.storeOnce.bind(store);
        store.storeOnce = async (envelope, received) => {
          const { seq } = (database.prepare('SELECT coalesce(max(seq), 0) + 1 AS seq FROM envelopes').get() ?? {
            seq: 1,
          }) as { seq: number };
          platform.after(500, () => void storeOnce(envelope, received));
          return { seq, fresh: true };
        };
        return store;
      },
    },
  },
  {
    name: 'the hub forgets that it had an answer already',
    pitfall: [28],
    breaks: ['I2'],
    mutant: {
      answerStore: (database, openers, platform) => {
        const store = new AnswerStore(database, openers, platform);
        store.storeOnce = async (envelope, received) => store.store(envelope, received);
        return store;
      },
    },
  },
];
