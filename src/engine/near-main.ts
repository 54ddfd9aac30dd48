import { NEAR_PORT } from '../core/api/near.ts';
import type { EngineKit } from './main.ts';
import { Near } from './near.ts';
import { nearCarrier } from './near-carrier.ts';

/** Entry of `near-engine-[hash].js`: a classic file beside the engine's, loaded by the data worker of a device that has chosen a hub on its Wi-Fi. */
declare const self: DedicatedWorkerGlobalScope & { readonly relaisEngine: EngineKit; relaisNear?: Near };

const { engine } = self.relaisEngine;
const { port1, port2 } = new MessageChannel();
self.postMessage(NEAR_PORT, [port2]);
self.relaisNear = new Near({ platform: engine.platform, engine, carrier: nearCarrier(port1) });
