import { defineConfig } from 'vitest/config';
import { OrderOfFiles } from './e2e/order-of-files.ts';

// Suites are told apart by file name: x.test.ts beside its source is a unit (pure, milliseconds);
// x.integration.test.ts starts real servers and gets a longer deadline.
const servers = '**/*.integration.test.ts';
const never = ['node_modules/**', 'dist/**'];
// e2e/x.test.ts needs a whole Kubernetes; what only has to do with bringing one up is tested below e2e/clusters.
const wholeCluster = 'e2e/*.test.ts';
const afterAll = 'e2e/after/*.test.ts';
const providers = 'e2e/clusters/**/*.integration.test.ts';
// Whole images are built and run: minutes, not seconds.
const images = ['images/**/*.integration.test.ts', 'e2e/images/**/*.integration.test.ts'];
// x.api-server.test.ts talks to a real API server over a real etcd, and to nothing else of a Kubernetes.
const apiServer = '**/*.api-server.test.ts';

// In CI, where one test that a busy machine upset would hold up everything, it gets a second try, and the output says so.
const retry = process.env.IMAPCLUSTER_TEST_RESULTS === undefined ? 0 : 1;

export default defineConfig({
  test: {
    sequence: { sequencer: OrderOfFiles },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [servers, wholeCluster, afterAll, apiServer, ...never],
          // Units share nothing that a file could leave behind, and take a third of the time where modules are loaded once.
          isolate: false,
          // Simulations take seconds where others work too: that is no failure.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: [servers],
          exclude: ['e2e/**', ...images, ...never],
          globalSetup: 'imapd/store/test-support/lent-servers/lend-servers.ts',
          // Holds all that imapd sends in these tests against the grammar of IMAP.
          setupFiles: 'imapd/test-support/response-grammar/fail-on-violation.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          retry,
          // What is waited for comes when it comes: a busy machine is no failure.
          expect: { poll: { timeout: 20_000 } },
          // Suites with different numbers of workers run one after the other; vitest refuses them otherwise.
          sequence: { groupOrder: 1 },
          // Two cores: one file more than cores, for servers are waited for a good part of the time.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'images',
          include: images,
          exclude: never,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 5 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: [wholeCluster],
          // Kubelets and a busy machine are in play. What clients must never see fails the run all the same (support/report.ts).
          retry: 1,
          exclude: never,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          // What looks back on a whole run of the project before.
          name: 'e2e-after',
          include: [afterAll],
          exclude: never,
          maxWorkers: 1,
          sequence: { groupOrder: 6 },
        },
      },
      {
        test: {
          // Needs root and what `npm run cluster -- prerequisites` names; Kubernetes is built where the cache lacks it.
          name: 'providers',
          include: [providers],
          globalSetup: 'e2e/clusters/programs/build-for-providers.ts',
          exclude: never,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          // Needs no root; both programs are built, from Go modules, where the cache lacks them.
          name: 'api-server',
          include: [apiServer],
          globalSetup: 'e2e/clusters/programs/build-for-api-server.ts',
          exclude: never,
          retry,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // One more than cores, for API servers are waited for a good part of the time.
          maxWorkers: 3,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
