import { DatabaseSync } from 'node:sqlite';

/**
 * What a hub holds of the library that it mirrors: a file of its own. Losing it costs megabytes, losing `hub.sqlite` would cost answers.
 * `path`: a file, or `:memory:`.
 */
export const openMirrorDatabase = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path);
  // Fetched again where the power takes the last of it: written through for each kilobyte that comes, a cheap card would not last.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000');
  database.exec(TABLES);
  return database;
};

/** Below 0: wanted, the least most. 0: stands in for another. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS shelves (name TEXT PRIMARY KEY, wish INTEGER NOT NULL, base INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS buckets (shelf TEXT, bucket INTEGER, rows TEXT NOT NULL, PRIMARY KEY (shelf, bucket)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS bodies (shelf TEXT, id TEXT, hash TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (shelf, id));
  CREATE TABLE IF NOT EXISTS parts (shelf TEXT, at INTEGER, path TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (shelf, at));
  CREATE TABLE IF NOT EXISTS urgent (shelf TEXT PRIMARY KEY, seq INTEGER NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS notices (shelf TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, line TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS traffic (day TEXT PRIMARY KEY, up INTEGER NOT NULL, down INTEGER NOT NULL, requests INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS hours (hour INTEGER PRIMARY KEY, bytes INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS lists (hash TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS leaves (hash TEXT, n INTEGER, data BLOB NOT NULL, PRIMARY KEY (hash, n));
  CREATE TABLE IF NOT EXISTS tails (hash TEXT PRIMARY KEY, n INTEGER NOT NULL, data BLOB NOT NULL);
`;
