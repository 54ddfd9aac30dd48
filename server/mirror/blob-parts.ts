import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { BlobStore, LeafTail } from '../../src/core/sync/ports.ts';
import { stored } from '../hub/sqlite.ts';

/** What has come of pictures and recordings that are not whole yet. */
export class BlobParts implements BlobStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async list(hash: string): Promise<Uint8Array | undefined> {
    return this.#all('SELECT data FROM lists WHERE hash = ?', hash)[0]?.data as Uint8Array | undefined;
  }

  async saveList(hash: string, list: Uint8Array): Promise<void> {
    this.#run('INSERT OR REPLACE INTO lists VALUES (?, ?)', hash, list);
  }

  async stored(hash: string): Promise<readonly number[]> {
    return this.#all('SELECT n FROM leaves WHERE hash = ? ORDER BY n', hash).map(({ n }) => Number(n));
  }

  async leaves(hash: string): Promise<readonly LeafTail[]> {
    return this.#all('SELECT n, data FROM leaves WHERE hash = ? ORDER BY n', hash).map(tailOf);
  }

  async saveLeaf(hash: string, n: number, data: Uint8Array): Promise<void> {
    this.#run('INSERT OR REPLACE INTO leaves VALUES (?, ?, ?)', hash, n, data);
  }

  async tail(hash: string): Promise<LeafTail | undefined> {
    return this.#all('SELECT n, data FROM tails WHERE hash = ?', hash).map(tailOf)[0];
  }

  async saveTail(hash: string, { n, data }: LeafTail): Promise<void> {
    if (data.length === 0) this.#run('DELETE FROM tails WHERE hash = ?', hash);
    else this.#run('INSERT OR REPLACE INTO tails VALUES (?, ?, ?)', hash, n, data);
  }

  async dropLeaf(hash: string, n: number): Promise<void> {
    this.#run('DELETE FROM leaves WHERE hash = ? AND n = ?', hash, n);
  }

  async drop(hash: string): Promise<void> {
    for (const table of ['lists', 'leaves', 'tails']) this.#run(`DELETE FROM ${table} WHERE hash = ?`, hash);
  }

  async hashes(): Promise<readonly string[]> {
    const rows = this.#all('SELECT hash FROM lists UNION SELECT hash FROM leaves UNION SELECT hash FROM tails');
    return rows.map(({ hash }) => String(hash));
  }

  #run(sql: string, ...values: readonly (string | number | Uint8Array)[]): void {
    stored(() => this.#database.prepare(sql).run(...values));
  }
  #all(sql: string, ...values: readonly (string | number)[]): Record<string, SQLOutputValue>[] {
    return this.#database.prepare(sql).all(...values);
  }
}

const tailOf = ({ n, data }: Record<string, SQLOutputValue>): LeafTail => ({ n: Number(n), data: data as Uint8Array });
