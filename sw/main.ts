import '../src/engine/main.ts';
import { serve } from './sw.ts';

/**
 * Entry of `engine-[hash].js`: the engine, and what makes a service worker around it. `sw.js` itself says only which files a build has: browsers fetch it as a
 * whole with each build, and take no dictionary for it. The data worker does not use the rest, and has it with the same download.
 */
declare const self: typeof globalThis & { relaisServe?: typeof serve };

self.relaisServe = serve;
