import type { BlobTransport } from '../core/sync/ports.ts';
import { Meter } from '../core/sync/traffic.ts';
import { MediaDb } from '../store/media-db.ts';
import { fetchBlobs } from './blob-transport.ts';
import { freeRoom } from './free-room.ts';
import type { EngineKit } from './main.ts';
import { Media } from './media.ts';
import { MediaAhead } from './media-ahead.ts';
import type { Near } from './near.ts';

/** What this file leaves in its realm. */
export interface MediaKit {
  readonly media: Media;
  readonly ahead: MediaAhead;
}

/** Entry of `media-[hash].js`: a classic file beside the engine's, loaded by the data worker once a picture or a recording is wanted. */
declare const self: typeof globalThis & {
  readonly relaisEngine: EngineKit;
  /** Of a device that has chosen a hub on its Wi-Fi, once a sync has looked for it. */
  readonly relaisNear?: Near;
  relaisMedia?: MediaKit;
};

const { engine, views, Database } = self.relaisEngine;
const { platform, library } = engine;
const { watch } = views;
/** Of its own: a sync tells how far it is by the engine's. */
const meter = new Meter(platform.now, location.protocol === 'https:', engine.meter.link);
const store = new MediaDb(Database);
const near = async (asked: boolean): Promise<BlobTransport | undefined> => {
  const hub = await self.relaisNear?.hub(asked);
  return hub && fetchBlobs(platform, hub.origin, new Meter(platform.now, false), hub.carrier);
};
const mayFetch = async (): Promise<boolean> => (await engine.spending.hold('media')) === undefined;
const media = new Media({
  platform,
  store,
  transport: fetchBlobs(platform, location.origin, meter),
  near,
  mayFetch,
  makeRoom: () => engine.room.make('media'),
  record: () => engine.spending.record(meter.take()),
  library,
  watch,
});
const ahead = new MediaAhead({
  platform,
  library,
  store,
  media,
  mayFetch: async () => (await near(false)) !== undefined || mayFetch(),
  room: freeRoom,
  locks: navigator.locks,
  watch,
});
self.relaisMedia = { media, ahead };
