import { MediaDb } from '../store/media-db.ts';
import { fetchBlobs } from './blob-transport.ts';
import type { EngineKit } from './main.ts';
import { Media } from './media.ts';

/** Entry of `media-[hash].js`: a classic file beside the engine's, loaded by the data worker once a picture or a recording is wanted. */
declare const self: typeof globalThis & { readonly relaisEngine: EngineKit; relaisMedia?: Media };

const { engine, views, Dexie } = self.relaisEngine;
self.relaisMedia = new Media({
  platform: engine.platform,
  store: new MediaDb(Dexie),
  transport: fetchBlobs(engine.platform, location.origin),
  library: engine.library,
  watch: views.watch,
});
