import { Meter } from '../core/sync/traffic.ts';
import { MediaDb } from '../store/media-db.ts';
import { fetchBlobs } from './blob-transport.ts';
import type { EngineKit } from './main.ts';
import { Media } from './media.ts';

/** Entry of `media-[hash].js`: a classic file beside the engine's, loaded by the data worker once a picture or a recording is wanted. */
declare const self: typeof globalThis & { readonly relaisEngine: EngineKit; relaisMedia?: Media };

const { engine, views, Dexie } = self.relaisEngine;
/** Of its own: a sync tells how far it is by the engine's. */
const meter = new Meter(engine.platform.now, location.protocol === 'https:', engine.meter.link);
self.relaisMedia = new Media({
  platform: engine.platform,
  store: new MediaDb(Dexie),
  transport: fetchBlobs(engine.platform, location.origin, meter),
  mayFetch: async () => (await engine.spending.hold('media')) === undefined,
  makeRoom: () => engine.room.make('media'),
  record: () => engine.spending.record(meter.take()),
  library: engine.library,
  watch: views.watch,
});
