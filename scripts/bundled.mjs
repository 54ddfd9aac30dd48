import './node-version.mjs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

/** Bundles a rig of the tests, which has JSX and styles of the publisher in it, and runs it: `tests/{name}/main.ts`. `define`: as of Vite. */
export const runBundled = async (name, define = {}) => {
  process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
  const outDir = join('tests/.tmp', name);
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    define,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      ssr: true,
      target: 'node24',
      outDir,
      cssMinify: true,
      sourcemap: true,
      emptyOutDir: true,
      rolldownOptions: { input: [`tests/${name}/main.ts`] },
    },
  });
  await import(pathToFileURL(join(outDir, 'main.js')).href);
};
