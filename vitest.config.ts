import { defineConfig } from 'vitest/config';

// Suites are told apart by file name: x.test.ts beside its source is a unit (pure, milliseconds);
// x.integration.test.ts starts real servers and gets a longer deadline.
const servers = '**/*.integration.test.ts';
const never = ['node_modules/**', 'dist/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'unit', include: ['**/*.test.ts'], exclude: [servers, 'e2e/**', ...never], testTimeout: 10_000 },
      },
      {
        test: {
          name: 'integration',
          include: [servers],
          exclude: ['e2e/**', ...never],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Suites with different numbers of workers run one after the other; vitest refuses them otherwise.
          sequence: { groupOrder: 1 },
          // Two cores: databases of two files at once are as many as answer in time.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
