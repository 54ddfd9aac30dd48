import { defineConfig } from 'vitest/config';

/** The tests of what is changed on purpose, and no others. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/unit/core/{sync,pack}/**/*.test.ts', 'tests/unit/core/golden.test.ts'],
    // Every cut and bit of whole packs, through a whole pull: minutes for each change, and what they find the others find as well.
    exclude: ['tests/unit/core/sync/damage.test.ts'],
    testTimeout: 60_000,
  },
});
