import { expose } from 'comlink';
import type { Platform } from '../core/platform.ts';
import type { Carry } from '../engine/carry.ts';
import type { EngineKit } from '../engine/main.ts';
import type { MediaKit } from '../engine/media-main.ts';
import type { SearchKit } from '../search/main.ts';
import { DataWorker } from './data-worker.ts';
import { loadScript, Part } from './part.ts';

/** Entry of the data worker: the engine's file, then the API. Other files come when they are first needed. */
declare const self: DedicatedWorkerGlobalScope & {
  relaisEngine: EngineKit;
  relaisMedia: MediaKit;
  relaisSearch: SearchKit;
  relaisCarry: Carry;
  relaisEd25519: Platform['verify'];
};
/** Put in by the build: the addresses of `engine-[hash].js`, `media-[hash].js`, `search-[hash].js`, `carried-[hash].js` and `ed25519-[hash].js`. */
declare const __ENGINE_URL__: string;
declare const __MEDIA_URL__: string;
declare const __SEARCH_URL__: string;
declare const __CARRY_URL__: string;
declare const __ED25519_URL__: string;

importScripts(__ENGINE_URL__);
self.relaisEngine.ed25519From(async () => {
  if (!self.relaisEd25519) await loadScript(__ED25519_URL__);
  return self.relaisEd25519;
});
const media = new Part(async () => {
  await loadScript(__MEDIA_URL__);
  return self.relaisMedia;
});
const search = new Part(async () => {
  await loadScript(__SEARCH_URL__);
  return self.relaisSearch.create(self.relaisEngine);
});
const carry = new Part(async () => {
  await loadScript(__CARRY_URL__);
  return self.relaisCarry;
});
expose(new DataWorker(self.relaisEngine, { media, search, carry }));
// The handshake: Comlink listens now. A call made before would wait for ever.
self.postMessage('relais-ready');
