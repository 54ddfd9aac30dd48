import { Dexie, type Table } from 'dexie';
import { isStatic } from '../core/api/hosting.ts';
import { codeOf } from '../core/errors.ts';
import { type LoopOptions, SyncLoop } from '../core/sync/loop.ts';
import { Meter } from '../core/sync/traffic.ts';
import { ed25519From, webPlatform } from '../core/web-platform.ts';
import { AnswersDb } from '../store/answers-db.ts';
import { cacheOf, dropOldest, type MediaPlace } from '../store/leaf-cache.ts';
import { LibraryDb } from '../store/library-db.ts';
import { MEDIA_DB, removeDatabase, SEARCH_DB } from '../store/replaceable.ts';
import { Engine } from './engine.ts';
import { fetchTransport } from './transport.ts';
import * as views from './views.ts';

/** The first part of `engine-[hash].js` (sw/main.ts): one classic file, so that data worker and service worker download Dexie once. */
declare const self: typeof globalThis & { relaisEngine?: EngineKit };

/** What the file leaves in its realm: `self.relaisEngine`. The databases open at first use. */
export interface EngineKit {
  readonly engine: Engine;
  readonly views: typeof views;
  readonly createLoop: (options: Omit<LoopOptions, 'platform'>) => SyncLoop;
  /** For files that come later, and have a database of their own. */
  readonly Dexie: typeof Dexie;
  readonly ed25519From: typeof ed25519From;
}

const meter = new Meter(webPlatform.now, location.protocol === 'https:');

const library = new LibraryDb();

const BUSY_TRIES = 7;
const BUSY_MS = 500;

/** Asks the records of pictures and recordings, whose file comes later; undefined where there are none, or of an older app. */
const ofMedia = async <T>(ask: (leaves: Table, blobs: Table) => PromiseLike<T>): Promise<T | undefined> => {
  const media = new Dexie(MEDIA_DB, { cache: 'disabled' });
  try {
    await media.open();
    return await ask(media.table('leaves'), media.table('blobs'));
  } catch {
    return undefined;
  } finally {
    media.close();
  }
};
const giveUp = (place: MediaPlace): Promise<boolean> =>
  dropOldest(place, (gone) => {
    // Not those that were put in another place meanwhile, to be kept.
    const isOfPlace = (leaf: { readonly in?: MediaPlace }): boolean => leaf.in === place;
    return ofMedia((leaves) => leaves.where('[hash+n]').anyOf(gone).and(isOfPlace).delete());
  });
/** What an older app stored is in the database. */
const giveUpKept = async (): Promise<boolean> =>
  (await giveUp('kept')) ||
  (((await ofMedia((leaves) => leaves.filter(({ data }) => data !== undefined).count())) ?? 0) > 0 &&
    removeDatabase(MEDIA_DB));
/** The hashes of what a person keeps. */
const kept = async (): Promise<ReadonlySet<string>> => {
  const hashes = await ofMedia(async (leaves, blobs) => [
    ...(await blobs.filter((blob) => blob.kept === true).primaryKeys()),
    ...(await leaves.filter(({ in: place }) => place === undefined || place === 'kept').primaryKeys()).map(
      ([hash]) => hash,
    ),
  ]);
  return new Set(hashes as string[] | undefined);
};
/** A sync that is under way would bring a language back by halves: it is waited for, for less than a page waits for its answer. */
const giveUpLanguage = async (): Promise<boolean> => {
  for (let tries = 1; ; tries++) {
    try {
      return await engine.alone(async () => library.releaseLast(await kept()));
    } catch (error) {
      if (codeOf(error, 'storage') !== 'busy' || tries === BUSY_TRIES) throw error;
      await new Promise<void>((resolve) => webPlatform.after(BUSY_MS, resolve));
    }
  }
};

const engine: Engine = new Engine({
  platform: webPlatform,
  library,
  answers: new AnswersDb(),
  transport: fetchTransport(webPlatform, location.origin, meter),
  meter,
  noHub: isStatic,
  sacrifices: [
    { what: 'search', free: () => removeDatabase(SEARCH_DB) },
    { what: 'recordings', free: () => giveUp('recordings') },
    { what: 'pictures', free: () => giveUp('pictures') },
    { what: 'languages', isSlow: true, free: giveUpLanguage },
    { what: 'kept', free: giveUpKept },
  ],
  forgetMedia: async () => {
    for (const place of ['recordings', 'pictures', 'kept'] as const) await caches.delete(cacheOf(place));
    for (const name of [MEDIA_DB, SEARCH_DB]) await removeDatabase(name);
  },
});

self.relaisEngine = {
  engine,
  views,
  createLoop: (options) => new SyncLoop({ ...options, platform: webPlatform }),
  Dexie,
  ed25519From,
};
