import { expect, test } from 'vitest';
import { debianPostgres } from '#member/test-support/embedded-postgres.ts';
import { ExistingCluster } from '../../../test-support/existing-cluster.ts';
import { startExistingServers } from '../../../test-support/existing-servers.ts';

/** Promise: the oldest PostgreSQL that is taken is worked with as the newest. */
const quorum = { mode: 'Quorum', whenDegraded: 'Hold' } as const;

const debian = await debianPostgres();

test.skipIf(debian === null)(
  'the PostgreSQL of the machine, which may be the oldest that is taken',
  { timeout: 120_000 },
  async () => {
    const servers = await startExistingServers(['mail', 'mail', 'mail'], { bin: debian ?? '' });
    await using older = await new ExistingCluster(servers, quorum).start();
    await older.until((record) => record.phase === 'Healthy');
    const old = older.primary();
    await old.stop('SIGKILL');
    await older.until((record) => record.epoch === 2 && record.operation === null);
    await old.start();
    await older.until(() => older.rejoining(old.name)?.startsWith('RebuildByHand') === true);
    expect(await servers.isClosed(old)).toBe(true);
  },
);
