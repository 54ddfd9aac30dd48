import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';

/** Whatever pages and packs are made by; packages too, which are not in the bundle. */
const MAKERS = ['src', 'server', 'locales'];
const LOCK = 'package-lock.json';

/** A hash over the makers' source: what another build made is not taken for this one's. */
const buildId = (): string => {
  const hash = createHash('sha256').update(readFileSync(LOCK));
  for (const folder of MAKERS) {
    for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort())
      hash.update(`${name}\0`).update(readFileSync(name));
  }
  return hash.digest('base64url').slice(0, 12);
};

/** The hub and the publisher, for Node 24, into dist/server. Packages stay outside the bundle. */
export default defineConfig({
  publicDir: false,
  define: { __BUILD__: JSON.stringify(buildId()) },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    ssr: true,
    target: 'node24',
    outDir: 'dist/server',
    cssMinify: true,
    sourcemap: true,
    rolldownOptions: {
      input: [
        'server/main-hub.ts',
        'server/main-publish.ts',
        'server/main-gaps.ts',
        'server/main-iati.ts',
        'server/main-keys.ts',
        'server/main-carry.ts',
        'server/main-static.ts',
      ],
    },
  },
});
