import './node-version.mjs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

/** `npm run sim -- --seeds N --from S`: bundles the simulation, which has JSX and styles of the publisher in it, and runs it. */

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const outDir = 'tests/.tmp/sim';
await build({
  configFile: false,
  publicDir: false,
  logLevel: 'error',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    ssr: true,
    target: 'node24',
    outDir,
    cssMinify: true,
    sourcemap: true,
    emptyOutDir: true,
    rolldownOptions: { input: ['tests/sim/main.ts'] },
  },
});
await import(pathToFileURL(join(outDir, 'main.js')).href);
