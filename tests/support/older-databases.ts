import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { AnswerRecord } from '../../src/store/answers-schema.ts';
import type { Schema } from '../contract/database-dump.ts';

/** A phone's databases as an older app had them: in the schema of a fixture, with the rows that are there now. */

export interface OlderSchema extends Schema {
  readonly name: string;
}

/** The schema of a fixture; `version` as in its file's name. */
export const olderSchema = (name: string, version: number): OlderSchema => {
  const path = new URL(`../contract/fixtures/${name}-${version}.json`, import.meta.url);
  const { rows: _, ...schema } = JSON.parse(readFileSync(path, 'utf8'));
  return schema;
};

/** An answer that was frozen, its body in base64. */
export type FrozenAnswer = Omit<AnswerRecord, 'body'> & { readonly body: string };

/** Of a database: an app has asked this page to let go of it, for an upgrade; it has let go, so the upgrade runs; that is over. */
export type Stage = 'asked' | 'running' | 'over';
/** `at`: milliseconds since 1970, by the page's clock; this comes tens of milliseconds later. */
export type OnUpgrade = (name: string, stage: Stage, at: number) => void;

/** So long, in milliseconds, the page takes to let go: longer than it takes to hear that it was asked. */
export const LET_GO_MS = 60;

/**
 * Makes the databases again in these schemas, and adds answers. The page must be one of the same origin that opens none of them. Like a tab of an older app it
 * has them open afterwards, and lets go where another page wants to upgrade one; `onUpgrade` hears how that goes.
 */
export const makeOlder = async (
  page: Page,
  schemas: readonly OlderSchema[],
  answers: readonly FrozenAnswer[],
  onUpgrade: OnUpgrade,
): Promise<void> => {
  await page.exposeFunction('onUpgrade', onUpgrade);
  await page.evaluate(make, { schemas, answers, ms: LET_GO_MS });
};

interface Wanted {
  readonly schemas: readonly OlderSchema[];
  readonly answers: readonly FrozenAnswer[];
  readonly ms: number;
}

/** Runs in the page. */
const make = async ({ schemas, answers, ms }: Wanted): Promise<void> => {
  type Rows = Record<string, Record<string, unknown>[]>;
  const { onUpgrade } = window as unknown as { onUpgrade: OnUpgrade };
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const rowsOf = async (name: string): Promise<Rows> => {
    const database = await done(indexedDB.open(name));
    const names = [...database.objectStoreNames];
    const transaction = database.transaction(names);
    const all = await Promise.all(names.map((store) => done(transaction.objectStore(store).getAll())));
    database.close();
    return Object.fromEntries(names.map((store, i) => [store, all[i] ?? []]));
  };
  /** Cards lay alone. The first app's said neither their language, nor what they are filed under, nor when they came. */
  const older = (version: number, { groups = [], cards = [], shelves = [], ...rows }: Rows): Rows => ({
    ...rows,
    shelves: shelves.map(({ groupedAt: _, ...shelf }) => shelf),
    cards: [...cards, ...groups.flatMap((group) => group.cards as Rows[string])].map((card) => {
      const { lang: _, tags: __, came: ___, ...first } = card;
      return version === 10 ? first : card;
    }),
  });
  const create = ({ name, version, stores }: OlderSchema): Promise<IDBDatabase> => {
    // One behind the other: nobody else gets between them.
    indexedDB.deleteDatabase(name);
    const opening = indexedDB.open(name, version);
    opening.onupgradeneeded = () => {
      for (const [store, { keyPath, autoIncrement, indexes }] of Object.entries(stores)) {
        const made = opening.result.createObjectStore(store, { keyPath, autoIncrement });
        for (const { name: index, keyPath: path, unique, multiEntry } of indexes)
          made.createIndex(index, path, { unique, multiEntry });
      }
    };
    return done(opening);
  };
  const letGo = async (database: IDBDatabase): Promise<void> => {
    onUpgrade(database.name, 'asked', Date.now());
    await new Promise((resolve) => setTimeout(resolve, ms));
    database.close();
    onUpgrade(database.name, 'running', Date.now());
    // Waits for the upgrade, which is before it in the queue.
    (await done(indexedDB.open(database.name))).close();
    onUpgrade(database.name, 'over', Date.now());
  };
  for (const schema of schemas) {
    const rows = older(schema.version, await rowsOf(schema.name));
    for (const { body, ...answer } of schema.stores.answers ? answers : [])
      rows.answers?.push({ ...answer, body: Uint8Array.from(atob(body), (char) => char.charCodeAt(0)) });
    const database = await create(schema);
    const names = Object.keys(schema.stores);
    const transaction = database.transaction(names, 'readwrite');
    for (const name of names) for (const row of rows[name] ?? []) transaction.objectStore(name).put(row);
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    database.onversionchange = () => void letGo(database);
  }
};
