import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type ErrorCode, RelaisError } from '../../src/core/errors.ts';
import type { Alerts } from '../../src/core/protocol/alerts.ts';
import { concat, fromBase64, toBase64 } from '../../src/core/protocol/bytes.ts';
import type { Row } from '../../src/core/protocol/catalogue.ts';
import { asOne, LOG_LENGTH, type LogEntry, type SyncRecord } from '../../src/core/protocol/log.ts';
import { dayOf, type Policy, type Traffic, type TrafficRecord } from '../../src/core/protocol/network.ts';
import { languagesFirst } from '../../src/core/protocol/shelf.ts';
import type { HubsRecord, LibraryState, PackPart, ShelfCommit, ShelfState } from '../../src/core/sync/ports.ts';
import type { SyncedLibrary } from '../../src/engine/device-stores.ts';
import { stored, whole } from '../hub/sqlite.ts';

/** Bytes that news, pictures and recordings may cost; undefined: as many as it takes. */
export interface Limits {
  readonly hourly?: number | undefined;
  readonly daily?: number | undefined;
}

/** What a hub holds of the library that it mirrors, as the device's own engine wants it kept. */
export class MirrorStore implements SyncedLibrary {
  readonly #database: DatabaseSync;
  readonly #limits: Limits;
  readonly #now: () => number;

  /** `now`: milliseconds since 1970. */
  constructor(database: DatabaseSync, limits: Limits = {}, now: () => number = Date.now) {
    this.#database = database;
    this.#limits = limits;
    this.#now = now;
  }

  /** What is known of the library that is mirrored. */
  state(): LibraryState | undefined {
    return this.#meta('library') as LibraryState | undefined;
  }

  /** The newest head, as it was signed: asked for with each pack. */
  newestHead(): Uint8Array | undefined {
    return this.state()?.signed?.head;
  }

  async library(): Promise<LibraryState | undefined> {
    return this.state();
  }

  async saveLibrary(state: LibraryState): Promise<void> {
    const seen = this.state()?.head?.seq ?? 0;
    const seq = state.head?.seq ?? 0;
    if (seq < seen) throw new RelaisError('rollback', { seq, seen });
    this.#putMeta('library', state);
  }

  /** The wanted shelves, the first one most. */
  wishes(): readonly string[] {
    return this.#all('SELECT name FROM shelves WHERE wish < 0 ORDER BY wish').map(({ name }) => String(name));
  }

  async wanted(): Promise<readonly string[]> {
    return languagesFirst(this.wishes());
  }

  /** Wants exactly these shelves, the first one most. Others stay: they may stand in for these. */
  async wantOnly(names: readonly string[]): Promise<void> {
    if (names.join() === this.wishes().join()) return;
    this.#whole(() => {
      this.#run('UPDATE shelves SET wish = 0');
      for (const [i, name] of names.entries()) this.#wish(name, i - names.length);
    });
  }

  /** Forgets all shelves but these. */
  async keepOnly(names: readonly string[]): Promise<void> {
    const others = this.#all('SELECT name FROM shelves').map(({ name }) => String(name));
    this.#whole(() => {
      for (const name of others) if (!names.includes(name)) this.#forgetShelf(name);
    });
  }

  /** Puts a shelf first among those wanted. */
  async want(name: string): Promise<void> {
    const first = Number(this.#get('SELECT min(wish) AS least FROM shelves')?.least ?? 0);
    this.#whole(() => this.#wish(name, Math.min(0, first) - 1));
  }

  async shelf(name: string): Promise<ShelfState> {
    const row = this.#get('SELECT base, hash FROM shelves WHERE name = ?', name);
    return { baseSeq: Number(row?.base ?? 0), hash: String(row?.hash ?? '') };
  }

  async buckets(shelf: string): Promise<Map<number, readonly Row[]>> {
    const rows = this.#all('SELECT bucket, rows FROM buckets WHERE shelf = ? ORDER BY bucket', shelf);
    return new Map(rows.map(({ bucket, rows }) => [Number(bucket), parse(rows) as readonly Row[]]));
  }

  async bodies(shelf: string): Promise<Map<string, Uint8Array>> {
    const rows = this.#all('SELECT hash, body FROM bodies WHERE shelf = ?', shelf);
    return new Map(rows.map(({ hash, body }) => [String(hash), body as Uint8Array]));
  }

  async commitShelf({ shelf, baseSeq, hash, buckets, put, remove, alerts }: ShelfCommit): Promise<void> {
    this.#whole(() => {
      if (alerts) this.#run('INSERT OR REPLACE INTO notices VALUES (?, ?)', shelf, alerts);
      this.#run('INSERT OR IGNORE INTO shelves VALUES (?, 0, 0, ?)', shelf, '');
      this.#run('UPDATE shelves SET base = ?, hash = ? WHERE name = ?', baseSeq, hash, shelf);
      for (const [bucket, rows] of buckets)
        if (rows.length === 0) this.#run('DELETE FROM buckets WHERE shelf = ? AND bucket = ?', shelf, bucket);
        else this.#run('INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)', shelf, bucket, text(rows));
      for (const id of remove) this.#run('DELETE FROM bodies WHERE shelf = ? AND id = ?', shelf, id);
      for (const { row, body } of put)
        this.#run('INSERT OR REPLACE INTO bodies VALUES (?, ?, ?, ?)', shelf, row.id, row.sha256 ?? '', body);
      this.#run('DELETE FROM parts WHERE shelf = ?', shelf);
      this.#run('DELETE FROM urgent WHERE shelf = ? AND seq <= ?', shelf, baseSeq);
    });
  }

  async advance(shelves: readonly string[], seq: number): Promise<void> {
    this.#whole(() => {
      for (const name of shelves) this.#run('UPDATE shelves SET base = ? WHERE name = ?', seq, name);
    });
  }

  async saveAlerts(alerts: Alerts): Promise<void> {
    const { shelf, seq } = alerts;
    const { baseSeq } = await this.shelf(shelf);
    if (seq > Math.max(baseSeq, (await this.alerts(shelf))?.seq ?? 0))
      this.#run('INSERT OR REPLACE INTO urgent VALUES (?, ?, ?)', shelf, seq, text(alerts));
  }

  async alerts(shelf: string): Promise<Alerts | undefined> {
    const row = this.#get('SELECT value FROM urgent WHERE shelf = ?', shelf);
    return row && (parse(row.value) as Alerts);
  }

  /** The newest urgent notices of a shelf that came with it, as they were signed. Unverified: they may be over, too. */
  async signedAlerts(shelf: string): Promise<Uint8Array | undefined> {
    return this.#get('SELECT value FROM notices WHERE shelf = ?', shelf)?.value as Uint8Array | undefined;
  }

  async part(shelf: string): Promise<PackPart | undefined> {
    const rows = this.#all('SELECT path, bytes FROM parts WHERE shelf = ? ORDER BY at', shelf);
    const [first] = rows;
    return first && { path: String(first.path), bytes: concat(rows.map(({ bytes }) => bytes as Uint8Array)) };
  }

  async savePart(shelf: string, path: string, at: number, bytes: Uint8Array): Promise<void> {
    const last = this.#get('SELECT path, at + length(bytes) AS end FROM parts WHERE shelf = ? ORDER BY at DESC', shelf);
    const end = last?.path === path ? Number(last.end) : 0;
    this.#whole(() => {
      if (at === 0) this.#run('DELETE FROM parts WHERE shelf = ?', shelf);
      if (at === 0 || at === end) this.#run('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?)', shelf, at, path, bytes);
    });
  }

  async dropPart(shelf: string): Promise<void> {
    this.#run('DELETE FROM parts WHERE shelf = ?', shelf);
  }

  async forget(): Promise<void> {
    this.#whole(() => {
      for (const table of ['meta', ...OF_A_SHELF]) this.#run(`DELETE FROM ${table}`);
      this.#run("UPDATE shelves SET base = 0, hash = ''");
    });
  }

  async sync(): Promise<SyncRecord | undefined> {
    return this.#meta('sync') as SyncRecord | undefined;
  }

  async ended(record: SyncRecord, entry: LogEntry): Promise<void> {
    const before = this.#get('SELECT n, line FROM log ORDER BY n DESC LIMIT 1');
    const n = Number(before?.n ?? 0);
    const one = asOne(before && (parse(before.line) as LogEntry), entry);
    this.#whole(() => {
      this.#putMeta('sync', record);
      this.#run('INSERT OR REPLACE INTO log VALUES (?, ?)', one ? n : n + 1, text(one ?? entry));
      this.#run('DELETE FROM log WHERE n <= ?', n + 1 - LOG_LENGTH);
    });
  }

  /** A line for a file that was brought by hand and refused. Each has one of its own; a log that cannot be written keeps nobody from hearing why. */
  noteRefusal({ code, details }: { readonly code: ErrorCode; readonly details: string }): void {
    const entry: LogEntry = { at: this.#now(), by: 'carried', ok: false, code, details, sent: 0, changed: 0 };
    try {
      this.#run('INSERT INTO log (line) VALUES (?)', text(entry));
      this.#run('DELETE FROM log WHERE n <= (SELECT max(n) FROM log) - ?', LOG_LENGTH);
    } catch (error) {
      if (!(error instanceof RelaisError)) throw error;
    }
  }

  /** Newest first. */
  async lastSyncs(): Promise<LogEntry[]> {
    return this.#all('SELECT line FROM log ORDER BY n DESC').map(({ line }) => parse(line) as LogEntry);
  }

  /** What may be carried, besides answers. In an hour whose bytes are used up, the day has none. */
  async policy(): Promise<Policy> {
    const { hourly, daily } = this.#limits;
    if (hourly !== undefined && this.#carriedThisHour() >= hourly) return { daily: 0 };
    return { ...(daily !== undefined && { daily }) };
  }

  /** Bytes that may be carried now; undefined: as many as it takes. */
  left(): number | undefined {
    const { hourly, daily } = this.#limits;
    const today = this.#get('SELECT up + down AS bytes FROM traffic WHERE day = ?', dayOf(this.#now()));
    const left = [
      ...(hourly === undefined ? [] : [hourly - this.#carriedThisHour()]),
      ...(daily === undefined ? [] : [daily - Number(today?.bytes ?? 0)]),
    ];
    return left.length > 0 ? Math.max(0, Math.min(...left)) : undefined;
  }

  async spend(day: string, { up, down, requests }: Traffic): Promise<void> {
    const hour = this.#hour();
    this.#whole(() => {
      this.#run('DELETE FROM hours WHERE hour <> ?', hour);
      this.#run('INSERT OR IGNORE INTO hours VALUES (?, 0)', hour);
      this.#run('UPDATE hours SET bytes = bytes + ? WHERE hour = ?', up + down, hour);
      this.#run('INSERT OR IGNORE INTO traffic VALUES (?, 0, 0, 0)', day);
      this.#run(
        'UPDATE traffic SET up = up + ?, down = down + ?, requests = requests + ? WHERE day = ?',
        up,
        down,
        requests,
        day,
      );
      this.#run('DELETE FROM traffic WHERE day NOT IN (SELECT day FROM traffic ORDER BY day DESC LIMIT ?)', BOOK_DAYS);
    });
  }

  async book(): Promise<TrafficRecord[]> {
    return this.#all('SELECT * FROM traffic ORDER BY day').map(({ day, up, down, requests }) => ({
      day: String(day),
      up: Number(up),
      down: Number(down),
      requests: Number(requests),
    }));
  }

  #hour(): number {
    return Math.floor(this.#now() / HOUR_MS);
  }

  #carriedThisHour(): number {
    return Number(this.#get('SELECT bytes FROM hours WHERE hour = ?', this.#hour())?.bytes ?? 0);
  }

  /** The signed list of delegated hubs, and when it was asked for with which publication. */
  hubs(): HubsRecord | undefined {
    return this.#meta('hubs') as HubsRecord | undefined;
  }

  saveHubs(record: HubsRecord): void {
    this.#putMeta('hubs', record);
  }

  async takeLease(by: string, now: number, ms: number): Promise<boolean> {
    const lease = this.#meta('lease') as { readonly by: string; readonly until: number } | undefined;
    if (lease && lease.by !== by && lease.until > now && lease.until - now <= ms) return false;
    this.#putMeta('lease', { by, until: now + ms });
    return true;
  }

  async dropLease(by: string): Promise<void> {
    if ((this.#meta('lease') as { readonly by: string } | undefined)?.by === by)
      this.#run('DELETE FROM meta WHERE key = ?', 'lease');
  }

  #meta(key: string): unknown {
    const row = this.#get('SELECT value FROM meta WHERE key = ?', key);
    return row && parse(row.value);
  }

  #putMeta(key: string, value: unknown): void {
    this.#run('INSERT OR REPLACE INTO meta VALUES (?, ?)', key, text(value));
  }

  #wish(name: string, wish: number): void {
    this.#run("INSERT OR IGNORE INTO shelves VALUES (?, 0, 0, '')", name);
    this.#run('UPDATE shelves SET wish = ? WHERE name = ?', wish, name);
  }

  #forgetShelf(name: string): void {
    for (const table of OF_A_SHELF) this.#run(`DELETE FROM ${table} WHERE shelf = ?`, name);
    this.#run('DELETE FROM shelves WHERE name = ?', name);
  }

  /** All of it or nothing. */
  #whole(work: () => void): void {
    whole(this.#database, work);
  }

  #run(sql: string, ...values: readonly (string | number | Uint8Array)[]): void {
    stored(() => this.#database.prepare(sql).run(...values));
  }
  #get(sql: string, ...values: readonly (string | number)[]): Record<string, SQLOutputValue> | undefined {
    return this.#database.prepare(sql).get(...values);
  }
  #all(sql: string, ...values: readonly (string | number)[]): Record<string, SQLOutputValue>[] {
    return this.#database.prepare(sql).all(...values);
  }
}

const HOUR_MS = 3_600_000;
/** A year and a month. */
const BOOK_DAYS = 400;

/** Tables that have rows of a shelf. */
const OF_A_SHELF = ['buckets', 'bodies', 'parts', 'urgent', 'notices'];

/** JSON, with bytes in it as base64. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (one instanceof Uint8Array ? { base64: toBase64(one) } : one));
const parse = (value: SQLOutputValue | undefined): unknown =>
  JSON.parse(String(value), (_, one: { readonly base64?: string } | null) =>
    one !== null && typeof one === 'object' && typeof one.base64 === 'string' ? fromBase64(one.base64) : one,
  );
