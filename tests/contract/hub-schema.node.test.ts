import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnswerStore } from '../../server/hub/answer-store.ts';
import { openDatabase } from '../../server/hub/database.ts';
import type { Envelope } from '../../src/core/protocol/envelope.ts';
import { numberOf } from '../../src/core/protocol/ids.ts';
import { NOW, newId, openBox, sealedAnswer, seededPlatform, testLetter } from '../support/fixtures.ts';

/** Every schema that a hub ever had, opened by today's code. See fixtures/README.md. */

const FOLDER = fileURLToPath(new URL('fixtures/', import.meta.url));
const versions = readdirSync(FOLDER)
  .flatMap((file) => /^hub-(\d+)\.sqlite\.sql$/.exec(file)?.[1] ?? [])
  .map(Number)
  .sort((a, b) => a - b);
const sqlOf = (version: number): string => readFileSync(join(FOLDER, `hub-${version}.sqlite.sql`), 'utf8');

const box = await openBox('hub fixture');
/** Opened, opened but unreadable, and not opened yet. */
const answers = async (): Promise<readonly [Envelope, Envelope, Envelope]> => {
  const platform = seededPlatform('hub fixture');
  // As the first version of the protocol wrote them.
  const words = (text: string) => ({ ...testLetter({ helped: 'yes', words: text }), v: 1 });
  const [one, two, three] = [
    await sealedAnswer(platform, box.root, 1, words('Le puits est à sec.')),
    await sealedAnswer(platform, box.root, 2, words('Oui')),
    await sealedAnswer(platform, box.root, 3, words('Merci')),
  ];
  return [one, { header: { ...two.header, id: newId(platform) }, body: Uint8Array.of(1, 2, 3) }, three];
};

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relais-schema-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

const fresh = (): DatabaseSync => openDatabase(dataDir);

interface Part {
  readonly type: string;
  readonly name: string;
  readonly sql: string | null;
}

const schemaOf = (database: DatabaseSync) => ({
  version: database.prepare('PRAGMA user_version').get()?.user_version,
  parts: database.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY type, name').all() as unknown as Part[],
});

/** A database as SQL text. */
const dumpOf = (database: DatabaseSync): string => {
  const { version, parts } = schemaOf(database);
  const lines: string[] = [];
  const tables = parts.filter(({ type, name }) => type === 'table' && !name.startsWith('sqlite_'));
  // Referred tables first.
  tables.sort((a, b) => Number(a.sql?.includes('REFERENCES')) - Number(b.sql?.includes('REFERENCES')));
  for (const { sql } of tables) lines.push(`${sql};`);
  for (const { type, sql } of parts) if (type !== 'table' && sql !== null) lines.push(`${sql};`);
  for (const { name } of tables) {
    const columns = database
      .prepare(`PRAGMA table_info(${name})`)
      .all()
      .map((column) => String(column.name));
    const row = `'INSERT INTO ${name} VALUES (' || ${columns.map((column) => `quote(${column})`).join(" || ', ' || ")} || ');'`;
    for (const { line } of database.prepare(`SELECT ${row} AS line FROM ${name}`).all()) lines.push(String(line));
  }
  return `${[...lines, `PRAGMA user_version = ${version};`].join('\n')}\n`;
};

const load = (version: number): void => {
  const database = new DatabaseSync(join(dataDir, 'hub.sqlite'));
  database.exec(sqlOf(version));
  database.close();
};

// Not a test: there only when it is asked for.
if (process.env.WRITE_FIXTURES)
  it('the newest fixture is written', async () => {
    const database = fresh();
    const store = new AnswerStore(database, () => [box.keys.seal]);
    const [opened, unreadable, pending] = await answers();
    store.store(opened, NOW / 1000);
    store.store(unreadable, NOW / 1000 + 60);
    await store.openPending();
    store.store(pending, NOW / 1000 + 120);
    const path = join(FOLDER, `hub-${schemaOf(database).version}.sqlite.sql`);
    // What hubs once had never changes.
    if (!existsSync(path)) writeFileSync(path, dumpOf(database));
    database.close();
  });

it('the newest fixture has the schema that hubs get today', () => {
  const database = fresh();
  const today = schemaOf(database);
  database.close();
  const newest = versions.at(-1) ?? 0;
  rmSync(join(dataDir, 'hub.sqlite'), { force: true });
  for (const end of ['-wal', '-shm']) rmSync(join(dataDir, `hub.sqlite${end}`), { force: true });
  load(newest);
  const raw = new DatabaseSync(join(dataDir, 'hub.sqlite'));
  const fixture = schemaOf(raw);
  raw.close();
  const remedy =
    `The hub's schema is not that of its newest fixture (${newest}).\n` +
    '1. Hubs have the old one: leave its entry of MIGRATIONS in server/hub/database.ts, and add the next.\n' +
    '2. WRITE_FIXTURES=1 npx vitest run --project contract-node tests/contract/hub-schema\n' +
    '3. Commit the new file of tests/contract/fixtures/ beside the old ones. Never change or remove an old one.';
  expect(today, remedy).toEqual(fixture);
});

describe.each(versions)('a hub of version %i', (version) => {
  it('becomes one of today, and loses no answer', async () => {
    const [opened, unreadable, pending] = await answers();
    load(version);
    const database = openDatabase(dataDir);
    const store = new AnswerStore(database, () => [box.keys.seal]);
    try {
      const rows = database.prepare('SELECT seq, id, hash, header, body FROM envelopes ORDER BY seq').all();
      expect(rows.map(({ seq, id, hash }) => ({ seq, id, hash }))).toEqual(
        [opened, unreadable, pending].map(({ header: { id, hash } }, i) => ({ seq: i + 1, id, hash })),
      );
      for (const [i, { header, body }] of [opened, unreadable, pending].entries()) {
        expect(JSON.parse(String(rows[i]?.header))).toEqual(header);
        expect(Buffer.from(rows[i]?.body as Uint8Array).equals(body)).toBe(true);
      }
      await store.openPending();
      expect(store.after(0, 10).map(({ number, readable, answers: said }) => [number, readable, said.words])).toEqual([
        [numberOf(opened.header.id), true, 'Le puits est à sec.'],
        [numberOf(unreadable.header.id), false, undefined],
        [numberOf(pending.header.id), true, 'Merci'],
      ]);
      expect(store.knows(opened.header.dev)).toBe(true);
      expect(store.store(opened, NOW / 1000)).toEqual({ seq: 1, fresh: false });
      const next = await sealedAnswer(seededPlatform('next'), box.root, 4);
      const { seq, fresh } = store.store(next, NOW / 1000);
      expect(fresh).toBe(true);
      expect(seq).toBeGreaterThan(3);
    } finally {
      store.close();
    }
  });
});
