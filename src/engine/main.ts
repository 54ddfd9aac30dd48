import { Dexie } from 'dexie';
import { isStatic } from '../core/api/hosting.ts';
import { type LoopOptions, SyncLoop } from '../core/sync/loop.ts';
import { Meter } from '../core/sync/traffic.ts';
import { ed25519From, webPlatform } from '../core/web-platform.ts';
import { AnswersDb } from '../store/answers-db.ts';
import { LibraryDb } from '../store/library-db.ts';
import { REPLACEABLE, removeDatabase } from '../store/replaceable.ts';
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

self.relaisEngine = {
  engine: new Engine({
    platform: webPlatform,
    library: new LibraryDb(),
    answers: new AnswersDb(),
    transport: fetchTransport(webPlatform, location.origin, meter),
    meter,
    noHub: isStatic,
    sacrifices: REPLACEABLE.map((name) => () => removeDatabase(name)),
  }),
  views,
  createLoop: (options) => new SyncLoop({ ...options, platform: webPlatform }),
  Dexie,
  ed25519From,
};
