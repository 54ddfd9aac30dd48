import { type IDBPDatabase, unwrap } from 'idb';
import { AnswersDb, type SealedAnswer } from '../../src/store/answers-db.ts';
import { Database } from '../../src/store/database.ts';
import { cacheOf } from '../../src/store/leaf-cache.ts';
import { LibraryDb } from '../../src/store/library-db.ts';
import { MediaDb } from '../../src/store/media-db.ts';

/** Databases under names of their own, for suites that run in a browser. */

let opened = 0;
export const freshName = (what: string): string => `test-${what}-${opened++}-${Math.random().toString(36).slice(2)}`;

export const removeDatabase = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });

/** Any of our databases. */
export interface Opened {
  open(): Promise<unknown>;
}

/** What the browser has of one, with stores of any name. */
export const inBrowser = async (db: Opened): Promise<IDBPDatabase> => (await db.open()) as IDBPDatabase;
export const nativeOf = async (db: Opened): Promise<IDBDatabase> => unwrap(await inBrowser(db));

export interface Temporary<T> {
  readonly db: T;
  remove(): Promise<void>;
}

const temporary = <T extends { readonly name: string; close(): void }>(db: T): Temporary<T> => ({
  db,
  async remove() {
    db.close();
    await removeDatabase(db.name);
  },
});

export const temporaryLibrary = (): Temporary<LibraryDb> => temporary(new LibraryDb(freshName('library')));
export const temporaryAnswers = (): Temporary<AnswersDb> => temporary(new AnswersDb(freshName('answers')));

export const temporaryMedia = (): Temporary<MediaDb> => {
  const media = new MediaDb(Database, freshName('media'));
  return {
    db: media,
    async remove() {
      await temporary(media.db).remove();
      for (const place of ['recordings', 'pictures', 'kept'] as const) await caches.delete(cacheOf(place));
    },
  };
};

export const DEVICE = 'd'.repeat(22);

export const freeze = (db: AnswersDb, sealed: SealedAnswer, id = sealed.id): Promise<string> =>
  db.freeze({ ...sealed, id }, () => DEVICE);
