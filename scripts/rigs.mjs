import { runBundled } from './bundled.mjs';

/** `npm run rigs -- hub --kills N --seed S`: kills real processes at moments drawn from a seed. */
const { buildIfNeeded } = await import('./build.mjs');
await buildIfNeeded();
await runBundled('rigs');
