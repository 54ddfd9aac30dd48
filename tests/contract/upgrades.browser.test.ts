import { describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import type { AnswerState } from '../../src/core/api/worker-api.ts';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import type { EnvelopeHeader } from '../../src/core/protocol/envelope.ts';
import type { LogEntry } from '../../src/core/protocol/log.ts';
import type { SignedReceipt } from '../../src/core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { ANSWERS_DB, AnswersDb } from '../../src/store/answers-db.ts';
import { Database } from '../../src/store/database.ts';
import { LIBRARY_DB, LibraryDb } from '../../src/store/library-db.ts';
import { MediaDb } from '../../src/store/media-db.ts';
import { MEDIA_DB } from '../../src/store/replaceable.ts';
import { type Dump, dumpOf, fromJson, loadDump, schemaOf } from './database-dump.ts';
import {
  freeze,
  freshName,
  nativeOf,
  type Opened,
  removeDatabase,
  temporaryAnswers,
  temporaryLibrary,
  temporaryMedia,
} from './databases.ts';
import {
  bucketsOf,
  putOf,
  sampleForm,
  sampleId,
  sampleItem,
  sampleReceipt,
  sampleSealed,
  sampleState,
} from './samples.ts';

/** Every schema that devices ever had, opened by today's code. See fixtures/README.md. */

const files = import.meta.glob<Dump>('./fixtures/*.json', { eager: true, import: 'default' });
/** Oldest first. */
const dumpsOf = (name: string): readonly Dump[] =>
  Object.values(files)
    .filter((dump) => dump.name === name)
    .sort((a, b) => a.version - b.version);
const labelled = (name: string) => dumpsOf(name).map((dump) => [dump.version / 10, dump] as const);
const rowsOf = <T>(dump: Dump, store: string): readonly T[] => fromJson(dump.rows[store] ?? []) as T[];

/** A library with more than one record, two languages, a sync and its log. */
const fillLibrary = async (db: LibraryDb): Promise<void> => {
  await db.want('en');
  await db.want('fr');
  await db.saveLibrary(sampleState(4));
  const items = ['pump', 'phone', ...Array.from({ length: 26 }, (_, i) => `item-${i}`)];
  for (const lang of ['fr', 'en']) {
    const shown = lang === 'fr' ? items : items.slice(0, 3);
    const put = await Promise.all([...shown.map((id) => sampleItem(id, 1, lang)), sampleForm(lang)].map(putOf));
    await db.commitShelf({ shelf: lang, baseSeq: 4, hash: lang, buckets: await bucketsOf(put), put, remove: [] });
  }
  await db.ended({ reached: true, needsUpdate: false }, { at: 1_000, by: 'page', ok: true, sent: 1, changed: 31 });
  await db.saveAlerts({ v: 2, shelf: 'ha', seq: 4, items: [] }, Uint8Array.of(4));
  await db.setPolicy({ saving: true, bundle: { bytes: 400_000_000, price: '500 F', from: '2026-11-10' } });
  await db.spend('2026-11-15', { up: 1_000, down: 20_000, requests: 2 });
  await db.savePart('ha', '/c/from/0-4/ha.pack', 0, Uint8Array.of(82, 76, 80, 1));
  await db.savePart('ha', '/c/from/0-4/ha.pack', 4, Uint8Array.of(1, 0));
  const failed: LogEntry = { at: 2_000, by: 'page', ok: false, code: 'no-link', sent: 0, changed: 0 };
  await db.ended({ reached: false, needsUpdate: false }, failed);
};

/** Three answers on their way, one at the centre, one that needs a person; and three of others, one of them at the centre. */
const fillAnswers = async (db: AnswersDb): Promise<void> => {
  for (const n of [1, 2, 3, 4, 5]) await freeze(db, sampleSealed(n), sampleId(n));
  await db.settle(sampleId(1), sampleReceipt(sampleId(1)));
  await db.needsAttention(sampleId(3), 'hash');
  for (const n of [6, 7, 8]) {
    const { body, hash, size, to } = sampleSealed(n);
    const header = { v: PROTOCOL_VERSION, id: sampleId(n), hash, size, to, dev: 'e'.repeat(22), n };
    await db.carry({ header, body });
  }
  const receipt = sampleReceipt(sampleId(7));
  await db.settle(sampleId(7), { ...receipt, signed: { ...receipt.signed, hash: sampleSealed(7).hash } });
};

/** A recording that is whole, one that was cut, and a picture that was taken away. */
const fillMedia = async (media: MediaDb): Promise<void> => {
  const db = media.into('recordings');
  const leaf = (n: number): Uint8Array => Uint8Array.from({ length: 48 }, (_, i) => i + n);
  await db.saveList('A'.repeat(43), leaf(100));
  for (const n of [0, 1, 2]) await db.saveLeaf('A'.repeat(43), n, leaf(n));
  await db.saveLeaf('B'.repeat(43), 1, leaf(1));
  await media.refuse('C'.repeat(43));
  await media.keep('B'.repeat(43));
};

/** What today's code makes of a fixture's database. */
const opened = async <T extends Opened & { close(): void }>(
  dump: Dump,
  make: (name: string) => T,
  look: (db: T) => Promise<void>,
) => {
  const name = freshName('upgrade');
  await loadDump(dump, name);
  const db = make(name);
  try {
    await look(db);
    const newest = dumpsOf(dump.name).at(-1);
    expect(schemaOf(await nativeOf(db))).toEqual({ version: newest?.version, stores: newest?.stores });
  } finally {
    db.close();
    await removeDatabase(name);
  }
};

interface DumpedAnswer {
  readonly id: string;
  readonly token: string;
  readonly number: string;
  readonly state: AnswerState;
  readonly to: string;
  readonly header: EnvelopeHeader;
  readonly body?: Uint8Array;
  readonly receipt?: SignedReceipt;
  readonly code?: string;
}

describe('a database of answers', () => {
  it.each(labelled(ANSWERS_DB))('of version %i loses nothing', async (_, dump) => {
    const answers = rowsOf<DumpedAnswer>(dump, 'answers');
    const [device] = rowsOf<{ id: string; n: number }>(dump, 'meta') as [{ id: string; n: number }];
    expect(new Set(answers.map(({ state }) => state))).toEqual(new Set(['kept', 'centre', 'attention']));
    await opened(
      dump,
      (name) => new AnswersDb(name),
      async (db) => {
        expect(await db.all('answers')).toHaveLength(answers.length);
        for (const answer of answers) expect(await db.get('answers', answer.id)).toMatchObject({ ...answer });
        const kept = answers.filter(({ state }) => state === 'kept').sort((a, b) => a.header.n - b.header.n);
        const unsent = await db.unsent([...new Set(answers.map(({ to }) => to))], 1 << 30);
        const carried = rowsOf<DumpedAnswer>(dump, 'carried').filter(({ state }) => state === 'kept');
        expect(unsent).toEqual([...kept, ...carried].map(({ header, body }) => ({ header, body })));
        for (const { number, state } of answers) expect(await db.stateOf(number)).toBe(state);
        expect(await db.stateOf('00000000')).toBeUndefined();
      },
    );
    // And goes on where it was: same device, next number, no draft twice.
    await opened(
      dump,
      (name) => new AnswersDb(name),
      async (db) => {
        expect(await db.device(() => 'another')).toBe(device.id);
        for (const { token, id } of answers) {
          expect(await freeze(db, { ...sampleSealed(99), token }, sampleId(99))).toBe(id);
        }
        await freeze(db, sampleSealed(99), sampleId(99));
        expect((await db.get('answers', sampleId(99)))?.header).toMatchObject({ dev: device.id, n: device.n + 1 });
      },
    );
  });
});

describe('a database of a library', () => {
  it.each(labelled(LIBRARY_DB))('of version %i reads as before', async (_, dump) => {
    type Place = { readonly shelf: string; readonly id: string };
    const alone = rowsOf<Place>(dump, 'cards');
    const together = rowsOf<{ readonly cards: readonly Place[] }>(dump, 'groups');
    const cards = [...alone, ...together.flatMap((group) => group.cards)];
    const shelves = rowsOf<{ name: string; order: number; baseSeq: number; hash: string }>(dump, 'shelves');
    const meta = rowsOf<{ key: string; value: unknown }>(dump, 'meta');
    const known = meta.find(({ key }) => key === 'library')?.value as LibraryState;
    expect(cards.length).toBeGreaterThan(24);
    await opened(
      dump,
      (name) => new LibraryDb(name),
      async (db) => {
        expect(await db.library()).toEqual(known);
        const byWish = [...shelves].sort((a, b) => a.order - b.order);
        expect(await db.wanted()).toEqual(byWish.map(({ name }) => name));
        for (const { name, baseSeq, hash } of shelves) expect(await db.shelf(name)).toEqual({ baseSeq, hash });
        for (const { shelf, id } of cards) {
          expect(await db.item(shelf, id)).toMatchObject({ id, lang: shelf });
          const stored = await db.cards(shelf);
          expect(stored.find((card) => card.id === id)).toMatchObject({ lang: shelf, tags: [], came: 0 });
          // What was stored before items were filed under something is read as one that is not.
          if (id !== 'short') expect(await db.item(shelf, id)).toMatchObject({ tags: [], related: [] });
        }
        // An older app in another tab goes on with what it had.
        expect(await db.all('cards')).toHaveLength(alone.length);
        for (const { name } of shelves) {
          const rows = [...(await db.buckets(name)).values()].flat();
          const bodies = await db.bodies(name);
          expect(bodies.size).toBe(rows.length);
          for (const { sha256 } of rows) {
            const body = bodies.get(sha256 ?? '') as Uint8Array;
            expect(toBase64Url(await webPlatform.sha256(body))).toBe(sha256);
          }
        }
        expect(await db.sync()).toEqual(meta.find(({ key }) => key === 'sync')?.value);
        expect(await db.lastSyncs()).toHaveLength(rowsOf(dump, 'log').length);
      },
    );
  });
});

describe('a database of pictures and recordings', () => {
  it.each(labelled(MEDIA_DB))('of version %i reads as before', async (_, dump) => {
    const leaves = rowsOf<{ hash: string; n: number; in?: string; data?: Uint8Array }>(dump, 'leaves');
    const blobs = rowsOf<{ hash: string; list?: Uint8Array; kept?: true; dropped?: true }>(dump, 'blobs');
    expect(leaves.length).toBeGreaterThan(3);
    let media: MediaDb | undefined;
    await opened(
      dump,
      (name) => {
        media = new MediaDb(Database, name);
        return media.db;
      },
      async () => {
        const db = media as MediaDb;
        for (const { hash, n, data } of leaves) {
          expect((await db.look(hash)).leaves).toBe(leaves.filter((leaf) => leaf.hash === hash).length);
          // From version 2 on the bytes are in caches, which no fixture has.
          if (data) expect(await db.leaves(hash)).toContainEqual({ n, data });
        }
        // What was here before anybody could say so is kept.
        const isOld = leaves.every(({ data }) => data !== undefined);
        for (const { hash } of leaves)
          expect((await db.look(hash)).kept).toBe(isOld || blobs.some((blob) => blob.hash === hash && blob.kept));
        for (const { hash, list, dropped } of blobs) {
          expect(await db.list(hash)).toEqual(list);
          expect((await db.look(hash)).dropped).toBe(dropped ?? false);
        }
        expect(new Set(await db.hashes())).toEqual(new Set([...leaves, ...blobs].map(({ hash }) => hash)));
      },
    );
  });
});

const kinds = [
  {
    name: MEDIA_DB,
    source: 'src/store/media-schema.ts',
    async dump() {
      const { db, remove } = temporaryMedia();
      await fillMedia(db);
      return { dump: await dumpOf(await nativeOf(db.db), MEDIA_DB), remove };
    },
  },
  {
    name: LIBRARY_DB,
    source: 'src/store/library-schema.ts',
    async dump() {
      const { db, remove } = temporaryLibrary();
      await fillLibrary(db);
      return { dump: await dumpOf(await nativeOf(db), LIBRARY_DB), remove };
    },
  },
  {
    name: ANSWERS_DB,
    source: 'src/store/answers-schema.ts',
    async dump() {
      const { db, remove } = temporaryAnswers();
      await fillAnswers(db);
      return { dump: await dumpOf(await nativeOf(db), ANSWERS_DB), remove };
    },
  },
];

describe('the newest fixture', () => {
  // Not a test: there only when it is asked for.
  if (import.meta.env.VITE_WRITE_FIXTURES)
    it.each(kinds)('of $name is written', async ({ name, dump }) => {
      const made = await dump();
      const path = `fixtures/${name}-${made.dump.version / 10}.json`;
      await made.remove();
      // What devices once had never changes. Paths of commands begin at the repository.
      if (!(`./${path}` in files)) await commands.writeFile(`tests/contract/${path}`, `${JSON.stringify(made.dump)}\n`);
    });

  it.each(kinds)('of $name has the schema that devices get today', async ({ name, source, dump }) => {
    const made = await dump();
    await made.remove();
    const { version, stores } = made.dump;
    const newest = dumpsOf(name).at(-1);
    const remedy =
      `The schema of ${name} is not that of its newest fixture (${(newest?.version ?? 0) / 10}).\n` +
      `1. Devices have the old one: leave its steps in ${source}, and add the next, with what it adds or transforms.\n` +
      '2. VITE_WRITE_FIXTURES=1 npx vitest run --project contract-browser tests/contract/upgrades\n' +
      '3. Commit the new file of tests/contract/fixtures/ beside the old ones. Never change or remove an old one.';
    expect({ version, stores }, remedy).toEqual({ version: newest?.version, stores: newest?.stores });
  });
});
