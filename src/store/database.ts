import {
  type DBSchema,
  type IDBPDatabase,
  type IDBPObjectStore,
  type IDBPTransaction,
  openDB,
  type StoreKey,
  type StoreNames,
  type StoreValue,
} from 'idb';
import { RelaisError } from '../core/errors.ts';
import { note, tell } from './changes.ts';

/** A change of a schema, in the transaction that upgrades. Adds or transforms; never changes once it is out. */
export type Step<S extends DBSchema> = (
  database: IDBPDatabase<S>,
  transaction: IDBPTransaction<S, StoreNames<S>[], 'versionchange'>,
) => unknown;

type Name<S extends DBSchema> = StoreNames<S> & string;
type Store<S extends DBSchema, N extends Name<S>, M extends IDBTransactionMode> = IDBPObjectStore<S, Name<S>[], N, M>;
type ReadStore<S extends DBSchema, N extends Name<S>> = Pick<
  Store<S, N, 'readonly'>,
  'get' | 'getAll' | 'getAllKeys' | 'count' | 'index' | 'openCursor' | typeof Symbol.asyncIterator
>;

/** Gives the stores of a transaction. */
export type Reading<S extends DBSchema, N extends Name<S>> = <One extends N>(name: One) => ReadStore<S, One>;
export type Writing<S extends DBSchema, N extends Name<S>> = <One extends N>(
  name: One,
) => ReadStore<S, One> & Pick<Store<S, One, 'readwrite'>, 'put' | 'add' | 'delete' | 'clear'>;

/** IndexedDB's version of a schema with one step; ten times as much, as phones have it from the library that made them first. */
const STEP = 10;
/** So often a browser may fail to open a database, or have lost it, before that is an error. */
const MOST_TRIES = 3;

const isNamed = (error: unknown, name: string): boolean => error instanceof DOMException && error.name === name;

/**
 * A database of IndexedDB, opened at first use, and again where the browser lost it or another page's upgrade closed it.
 *
 * Invariants: the work of a transaction that throws leaves nothing behind; `write` resolves once it is committed, and tells live queries then.
 * Inside a transaction nothing but the database is awaited: it would end too early.
 */
export class Database<S extends DBSchema> {
  readonly name: string;
  readonly #steps: readonly Step<S>[];
  readonly #durability: IDBTransactionDurability;
  readonly #onBlocked: (() => void)[] = [];
  #opening: Promise<IDBPDatabase<S>> | undefined;

  /** `steps`: in order, the first makes the first version. None: the database is taken as it is, and not made. */
  constructor(name: string, steps: readonly Step<S>[], durability: IDBTransactionDurability = 'default') {
    this.name = name;
    this.#steps = steps;
    this.#durability = durability;
  }

  /** Told when another page holds up an upgrade. */
  on(_event: 'blocked', listener: () => void): void {
    this.#onBlocked.push(listener);
  }

  open(): Promise<IDBPDatabase<S>> {
    if (this.#opening) return this.#opening;
    const opening = this.#open(() => this.#drop(opening));
    this.#opening = opening;
    opening.catch(() => this.#drop(opening));
    return opening;
  }

  /** Until it is used again. */
  close(): void {
    this.#drop(this.#opening);
  }

  #drop(opening: Promise<IDBPDatabase<S>> | undefined): void {
    void opening?.then((database) => database.close()).catch(() => {});
    if (this.#opening === opening) this.#opening = undefined;
  }

  async #open(onLost: () => void): Promise<IDBPDatabase<S>> {
    if (!globalThis.indexedDB) throw new RelaisError('storage', { what: 'indexedDB' });
    let version = STEP * this.#steps.length || undefined;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#openAt(version, onLost);
      } catch (error) {
        // A newer app has been here. It dropped nothing that this one knows.
        if (version && isNamed(error, 'VersionError')) version = undefined;
        else if (!isNamed(error, 'UnknownError') || tries > MOST_TRIES) throw error;
      }
    }
  }

  async #openAt(version: number | undefined, onLost: () => void): Promise<IDBPDatabase<S>> {
    let upgrading: IDBPTransaction<S, StoreNames<S>[], 'versionchange'> | undefined;
    let problem: unknown;
    let isNew = false;
    try {
      const database = await openDB<S>(this.name, version, {
        upgrade: async (fresh, from, _, transaction) => {
          upgrading = transaction;
          isNew = from === 0;
          transaction.done.catch(() => {});
          try {
            if (!version) transaction.abort();
            else for (const step of this.#steps.slice(Math.floor(from / STEP))) await step(fresh, transaction);
          } catch (error) {
            problem = error;
            abort(transaction);
          }
        },
        blocked: () => {
          for (const listener of this.#onBlocked) listener();
        },
        blocking: onLost,
        terminated: onLost,
      });
      // Whoever read of the one before it has to ask again.
      if (isNew) tell([this.name]);
      return database;
    } catch (error) {
      throw upgrading?.error ?? problem ?? error;
    }
  }

  /** Reads in one transaction. `topics`: what a live query that reads this waits for, where these are not the stores. */
  async read<N extends Name<S>, T>(
    names: readonly N[],
    work: (at: Reading<S, N>) => Promise<T>,
    topics: readonly string[] = names,
  ): Promise<T> {
    note([this.name, ...this.#named(topics)]);
    const transaction = await this.#begin(names, 'readonly');
    transaction.done.catch(() => {});
    return work((name) => transaction.objectStore(name));
  }

  /**
   * Reads and writes in one transaction, and resolves once that is committed. `topics`: what changes, where that is not the stores. Throws what
   * `work` throws; where the browser aborted the transaction, its reason.
   */
  async write<N extends Name<S>, T>(
    names: readonly N[],
    work: (at: Writing<S, N>) => Promise<T>,
    topics: readonly string[] = names,
  ): Promise<T> {
    const transaction = await this.#begin(names, 'readwrite');
    // By the event of the abort the browser has said why, which `done` does not wait for.
    transaction.done.catch(() => {});
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new DOMException('aborted', 'AbortError'));
    });
    ended.catch(() => {});
    let result: T;
    try {
      result = await work(((name: N) => transaction.objectStore(name)) as unknown as Writing<S, N>);
    } catch (error) {
      abort(transaction);
      await ended.catch(() => {});
      throw transaction.error ?? error;
    }
    await ended;
    tell(this.#named(topics));
    return result;
  }

  get<N extends Name<S>>(name: N, key: StoreKey<S, N>): Promise<StoreValue<S, N> | undefined> {
    return this.read([name], (at) => at(name).get(key));
  }

  all<N extends Name<S>>(name: N, keys?: IDBKeyRange): Promise<StoreValue<S, N>[]> {
    return this.read([name], (at) => at(name).getAll(keys));
  }

  #named(topics: readonly string[]): string[] {
    return topics.map((topic) => `${this.name}/${topic}`);
  }

  async #begin<M extends 'readonly' | 'readwrite'>(
    names: readonly Name<S>[],
    mode: M,
  ): Promise<IDBPTransaction<S, Name<S>[], M>> {
    for (let tries = 1; ; tries++) {
      const opening = this.open();
      const database = await opening;
      try {
        return database.transaction([...names], mode, { durability: this.#durability });
      } catch (error) {
        // Closed without a word: by a browser that lost it in the background, or just now by another page's upgrade.
        if (!isNamed(error, 'InvalidStateError') || tries === MOST_TRIES) throw error;
        this.#drop(opening);
      }
    }
  }
}

/** It may have ended already. */
const abort = (transaction: { abort(): void }): void => {
  try {
    transaction.abort();
  } catch {}
};
