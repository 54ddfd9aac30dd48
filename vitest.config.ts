import { availableParallelism } from 'node:os';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, findChromium } from './tests/support/chromium.ts';

const executablePath = findChromium();

/** Workers, also on two processors, where Vitest would take one and leave the other idle. */
const BOTH = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    // A test that hangs ends; one on a machine that does other things too does not.
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', environment: 'node', include: ['tests/unit/**/*.test.{ts,tsx}'], maxWorkers: BOTH },
      },
      {
        extends: true,
        // Pages of one build are taken over from tree to tree.
        define: { __BUILD__: JSON.stringify('sim') },
        // One after the other: each makes its publications, and has a processor to itself.
        test: { name: 'sim', environment: 'node', include: ['tests/sim/**/*.test.ts'], fileParallelism: false },
      },
      { extends: true, test: { name: 'fuzz', environment: 'node', include: ['tests/fuzz/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'contract-node',
          environment: 'node',
          include: ['tests/contract/**/*.node.test.ts'],
          maxWorkers: BOTH,
          // The first hub publishes the whole library, on a machine that does other things too.
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        // Named beforehand: what Vite finds only while tests run makes it load the page again in the middle of them.
        optimizeDeps: {
          include: [
            '@noble/ciphers/chacha.js',
            '@noble/ed25519',
            'canonicalize',
            'comlink',
            'fossil-delta',
            'fzstd',
            'idb',
            'valibot',
          ],
        },
        test: {
          name: 'contract-browser',
          include: ['tests/contract/**/*.browser.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { ...(executablePath && { executablePath }), chromiumSandbox: false, args: chromiumArgs },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
