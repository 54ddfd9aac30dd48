import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The hub's SQLite file: WAL, and FULL synchronisation, so that a reply is sent only after its row is on the disk. */
export const openDatabase = (dataDir: string): DatabaseSync => openDatabaseFile(join(dataDir, 'hub.sqlite'));

/** The same of any file, or of `:memory:`. */
export const openDatabaseFile = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON',
  );
  migrate(database);
  return database;
};

/** One entry a version; each runs once, in a transaction. They add or transform, and never drop an answer. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE envelopes (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL,
     hash TEXT NOT NULL,
     header TEXT NOT NULL,
     body BLOB NOT NULL,
     received INTEGER NOT NULL,
     UNIQUE (id, hash)
   );
   CREATE TABLE devices (id TEXT PRIMARY KEY, known_since INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE answers (
     seq INTEGER PRIMARY KEY REFERENCES envelopes (seq),
     number TEXT NOT NULL,
     readable INTEGER NOT NULL,
     form TEXT NOT NULL,
     version INTEGER NOT NULL,
     item TEXT NOT NULL,
     lang TEXT NOT NULL,
     answers TEXT NOT NULL,
     filled INTEGER NOT NULL
   );`,
  // Answers for another hub: those that a hub in between passes on.
  `CREATE TABLE held (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL,
     hash TEXT NOT NULL,
     addressee TEXT NOT NULL,
     header TEXT NOT NULL,
     body BLOB,
     received INTEGER NOT NULL,
     passed INTEGER NOT NULL DEFAULT 0,
     receipt TEXT,
     refused TEXT,
     UNIQUE (id, hash)
   );`,
  // Envelopes that say what another one with their id says, and are not stored a second time: whose receipt they have.
  `CREATE TABLE twins (
     id TEXT NOT NULL,
     hash TEXT NOT NULL,
     seq INTEGER NOT NULL REFERENCES envelopes (seq),
     PRIMARY KEY (id, hash)
   ) WITHOUT ROWID;`,
];

const migrate = (database: DatabaseSync): void => {
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number };
  for (let version = row.user_version; version < MIGRATIONS.length; version++) {
    database.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[version]}; PRAGMA user_version = ${version + 1}; COMMIT`);
  }
};
