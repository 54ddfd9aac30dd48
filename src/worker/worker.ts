import { expose } from 'comlink';
import { addressIn } from '../core/api/app-files.ts';
import type { Platform } from '../core/platform.ts';
import type { Carry } from '../engine/carry.ts';
import type { EngineKit } from '../engine/main.ts';
import type { MediaKit } from '../engine/media-main.ts';
import type { Near } from '../engine/near.ts';
import type { SearchKit } from '../search/main.ts';
import { DataWorker } from './data-worker.ts';
import { loadScript, Part } from './part.ts';

/** Entry of the data worker: the engine's file, then the API. Other files come when they are first needed. */
declare const self: DedicatedWorkerGlobalScope & {
  relaisEngine: EngineKit;
  relaisMedia: MediaKit;
  relaisSearch: SearchKit;
  relaisCarry: Carry;
  relaisNear: Near;
  relaisEd25519: Platform['verify'];
};
/** The page says the names of the build's files as this worker's name: an update may have come between them. */
const address = addressIn(self.name);

importScripts(address('engine.js'));
self.relaisEngine.ed25519From(async () => {
  if (!self.relaisEd25519) await loadScript(address('ed25519.js'));
  return self.relaisEd25519;
});
const media = new Part(async () => {
  await loadScript(address('media.js'));
  return self.relaisMedia;
});
const search = new Part(async () => {
  await loadScript(address('search.js'));
  return self.relaisSearch.create(self.relaisEngine);
});
const carry = new Part(async () => {
  await loadScript(address('carried.js'));
  return self.relaisCarry;
});
const near = new Part(async () => {
  await loadScript(address('near-engine.js'));
  return self.relaisNear;
});
const dataWorker = new DataWorker(self.relaisEngine, { media, search, carry, near });
self.relaisEngine.watchAppCost((cost) => void dataWorker.spent(cost));
expose(dataWorker);
// The handshake: Comlink listens now. A call made before would wait for ever.
self.postMessage('relais-ready');
