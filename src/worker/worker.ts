import { expose } from 'comlink';
import type { EngineKit } from '../engine/main.ts';
import { DataWorker } from './data-worker.ts';

/** Entry of the data worker: the engine's file, then the API. */
declare const self: DedicatedWorkerGlobalScope & { relaisEngine: EngineKit };
/** Put in by the build: the address of `engine-[hash].js`. */
declare const __ENGINE_URL__: string;

importScripts(__ENGINE_URL__);
expose(new DataWorker(self.relaisEngine));
// The handshake: Comlink listens now. A call made before would wait for ever.
self.postMessage('relais-ready');
