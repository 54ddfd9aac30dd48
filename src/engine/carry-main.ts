import { MediaDb } from '../store/media-db.ts';
import { Carry } from './carry.ts';
import { freeRoom } from './free-room.ts';
import type { EngineKit } from './main.ts';

/** Entry of `carried-[hash].js`: a classic file beside the engine's, loaded by the data worker once something is carried by hand. */
declare const self: typeof globalThis & { readonly relaisEngine: EngineKit; relaisCarry?: Carry };

const { engine, Database } = self.relaisEngine;
self.relaisCarry = new Carry({
  platform: engine.platform,
  library: engine.library,
  answers: engine.answers,
  media: new MediaDb(Database),
  take: (transport, shelves) => engine.take(transport, shelves),
  refused: (error) => engine.refused(error),
  room: freeRoom,
});
