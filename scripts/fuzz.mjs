import { runBundled } from './bundled.mjs';

/** `npm run fuzz -- --count N --from S`: reads damaged files. */
await runBundled('fuzz');
