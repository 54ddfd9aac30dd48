import { runBundled } from './bundled.mjs';

/** `npm run sim -- --seeds N --from S`: runs the simulation. */
await runBundled('sim');
