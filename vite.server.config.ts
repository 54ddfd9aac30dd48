import { defineConfig } from 'vite';

/** The hub and the publisher, for Node 24, into dist/server. Packages stay outside the bundle. */
export default defineConfig({
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    ssr: true,
    target: 'node24',
    outDir: 'dist/server',
    cssMinify: true,
    sourcemap: true,
    rolldownOptions: {
      input: ['server/main-hub.ts', 'server/main-publish.ts', 'server/main-gaps.ts', 'server/main-iati.ts'],
    },
  },
});
