import { defineConfig } from 'vitest/config';

/** One browser after the other: a start takes seconds, and two would fight for the machine. */
export default defineConfig({
  test: {
    name: 'firefox',
    environment: 'node',
    include: ['tests/firefox/**/*.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
