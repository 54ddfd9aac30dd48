import { Dexie, type Table } from 'dexie';
import { isStatic } from '../core/api/hosting.ts';
import { type LoopOptions, SyncLoop } from '../core/sync/loop.ts';
import { Meter } from '../core/sync/traffic.ts';
import { ed25519From, webPlatform } from '../core/web-platform.ts';
import { AnswersDb } from '../store/answers-db.ts';
import { dropOldest, type MediaPlace } from '../store/leaf-cache.ts';
import { LibraryDb } from '../store/library-db.ts';
import { MEDIA_DB, removeDatabase, SEARCH_DB } from '../store/replaceable.ts';
import { Engine } from './engine.ts';
import { fetchTransport } from './transport.ts';
import * as views from './views.ts';

/** Entry of `engine-[hash].js`: one classic file, so that data worker and service worker download Dexie once. */
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
/** Asks the records of pictures and recordings, whose file comes later; undefined where there are none. */
const ofLeaves = async <T>(ask: (leaves: Table) => PromiseLike<T>): Promise<T | undefined> => {
  const media = new Dexie(MEDIA_DB, { cache: 'disabled' });
  try {
    await media.open();
    return await ask(media.table('leaves'));
  } catch {
    return undefined;
  } finally {
    media.close();
  }
};
const giveUp = async (place: MediaPlace): Promise<boolean> => {
  const gone = await dropOldest(place);
  // Not those that were put in another place meanwhile, to be kept.
  const ofPlace = (leaf: { readonly in?: MediaPlace }): boolean => leaf.in === place;
  if (gone.length > 0) await ofLeaves((leaves) => leaves.where('[hash+n]').anyOf(gone).and(ofPlace).delete());
  return gone.length > 0;
};
/** What an older app stored is in the database. */
const giveUpKept = async (): Promise<boolean> =>
  (await giveUp('kept')) || (((await ofLeaves((leaves) => leaves.count())) ?? 0) > 0 && removeDatabase(MEDIA_DB));

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
    // A sync that is under way would bring it back.
    { what: 'languages', isSlow: true, free: () => engine.alone(() => library.releaseLast()) },
    { what: 'kept', free: giveUpKept },
  ],
});

self.relaisEngine = {
  engine,
  views,
  createLoop: (options) => new SyncLoop({ ...options, platform: webPlatform }),
  Dexie,
  ed25519From,
};
