import { expose } from 'comlink';
import type { EngineKit } from '../engine/main.ts';
import type { Media } from '../engine/media.ts';
import { DataWorker } from './data-worker.ts';

/** Entry of the data worker: the engine's file, then the API. */
declare const self: DedicatedWorkerGlobalScope & { relaisEngine: EngineKit; relaisMedia?: Media };
/** Put in by the build: the address of `engine-[hash].js`. */
declare const __ENGINE_URL__: string;
/** The address of `media-[hash].js`, which comes when it is first needed. */
declare const __MEDIA_URL__: string;

const media = (): Media => {
  if (!self.relaisMedia) importScripts(__MEDIA_URL__);
  return self.relaisMedia as Media;
};

importScripts(__ENGINE_URL__);
expose(new DataWorker(self.relaisEngine, media));
// The handshake: Comlink listens now. A call made before would wait for ever.
self.postMessage('relais-ready');
