import { runBundled } from './bundled.mjs';

/** `npm run sim -- --seeds N --from S`: runs the simulation. Pages of one build are taken over from tree to tree. */
await runBundled('sim', { __BUILD__: JSON.stringify('sim') });
