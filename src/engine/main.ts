import { type AppCost, watchAppCost } from '../core/api/app-cost.ts';
import { isStatic } from '../core/api/hosting.ts';
import { codeOf } from '../core/errors.ts';
import { type LoopOptions, SyncLoop } from '../core/sync/loop.ts';
import { Meter } from '../core/sync/traffic.ts';
import { ed25519From, webPlatform } from '../core/web-platform.ts';
import { AnswersDb } from '../store/answers-db.ts';
import { Database } from '../store/database.ts';
import { cacheOf, dropOldest, type MediaPlace } from '../store/leaf-cache.ts';
import { LibraryDb } from '../store/library-db.ts';
import { ANY_BLOB, type LeafRecord, type MediaSchema } from '../store/media-schema.ts';
import { MEDIA_DB, removeDatabase, SEARCH_DB } from '../store/replaceable.ts';
import { Engine } from './engine.ts';
import { fetchTransport } from './transport.ts';
import * as views from './views.ts';

/** The first part of `engine-[hash].js` (sw/main.ts): one classic file, so that data worker and service worker download it once. */
declare const self: typeof globalThis & { relaisEngine?: EngineKit };

/** What the file leaves in its realm: `self.relaisEngine`. The databases open at first use. */
export interface EngineKit {
  readonly engine: Engine;
  readonly views: typeof views;
  readonly createLoop: (options: Omit<LoopOptions, 'platform'>) => SyncLoop;
  /** For files that come later, and have a database of their own. */
  readonly Database: typeof Database;
  readonly ed25519From: typeof ed25519From;
  /** As in core/api/app-cost.ts, of this realm. */
  readonly watchAppCost: (tell: (cost: AppCost) => void) => void;
}

const meter = new Meter(webPlatform.now, location.protocol === 'https:');

const library = new LibraryDb();

const BUSY_TRIES = 7;
const BUSY_MS = 500;

/** For records of pictures and recordings, whose file comes later; undefined where there are none, or of an older app. */
const ofMedia = async <T>(ask: (media: Database<MediaSchema>) => Promise<T>): Promise<T | undefined> => {
  const media = new Database<MediaSchema>(MEDIA_DB, []);
  try {
    return await ask(media);
  } catch {
    return undefined;
  } finally {
    media.close();
  }
};
const giveUp = (place: MediaPlace): Promise<boolean> =>
  dropOldest(place, (gone) =>
    ofMedia((media) =>
      media.write(
        ['leaves'],
        async (at) => {
          // Not those that were put in another place meanwhile, to be kept.
          for (const key of gone) if ((await at('leaves').get(key))?.in === place) await at('leaves').delete(key);
        },
        [...gone.map(([hash]) => hash), ANY_BLOB],
      ),
    ),
  );
/** Whose leaves are so. One after the other: those of an older app have their bytes in them. */
const withLeaves = (isSo: (leaf: LeafRecord) => boolean): Promise<readonly string[] | undefined> =>
  ofMedia((media) =>
    media.read(['leaves'], async (at) => {
      const hashes: string[] = [];
      for await (const { value } of at('leaves')) if (isSo(value)) hashes.push(value.hash);
      return hashes;
    }),
  );
/** What an older app stored is in the database. */
const giveUpKept = async (): Promise<boolean> =>
  (await giveUp('kept')) ||
  (((await withLeaves(({ data }) => data !== undefined))?.length ?? 0) > 0 && removeDatabase(MEDIA_DB));
/** The hashes of what a person keeps. */
const kept = async (): Promise<ReadonlySet<string>> => {
  const blobs = await ofMedia((media) => media.all('blobs'));
  const leaves = await withLeaves(({ in: place }) => place === undefined || place === 'kept');
  return new Set([...(blobs ?? []).flatMap(({ hash, kept }) => (kept ? hash : [])), ...(leaves ?? [])]);
};
/** A sync that is under way would bring a language back by halves: it is waited for, for less than a page waits for its answer. */
const giveUpTexts = async (of: 'languages' | 'collections'): Promise<boolean> => {
  for (let tries = 1; ; tries++) {
    try {
      return await engine.alone(async () => library.releaseLast(await kept(), of));
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
    { what: 'collections', isSlow: true, free: () => giveUpTexts('collections') },
    { what: 'languages', isSlow: true, free: () => giveUpTexts('languages') },
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
  Database,
  ed25519From,
  watchAppCost: (tell) => watchAppCost(globalThis.PerformanceObserver, location.origin, tell),
};
