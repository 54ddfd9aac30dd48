import { runBundled } from './bundled.mjs';

/** `npm run rigs -- hub --kills N --seed S`, `npm run rigs -- links --runs N --seed S`: real processes and links, whose faults a seed draws. */
const { buildIfNeeded } = await import('./build.mjs');
await buildIfNeeded();
await runBundled('rigs');
