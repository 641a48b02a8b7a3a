import { expect, test } from 'vitest';
import { roles } from '#database/roles.ts';
import { ExistingCluster } from '../../../test-support/existing-cluster.ts';
import { ADMINISTRATOR, startExistingServers } from '../../../test-support/existing-servers.ts';

/** Promise: a replication that works is given back where ours does not. */
const quorum = { mode: 'Quorum', whenDegraded: 'Hold' } as const;

test('replicas that cannot stream in our way go on streaming in theirs', { timeout: 120_000 }, async () => {
  const servers = await startExistingServers(['mail', 'mail', 'mail'], { refused: roles.replication });
  await using refused = await new ExistingCluster(servers, quorum).start();
  await refused.until(() => refused.condition('MembersUsable')?.reason === 'ReplicationRefused');
  expect(refused.condition('MembersUsable')?.message).toMatch(/^e1: it does not stream from e0 .*pg_hba\.conf/);
  const [one] = await servers.ask(servers.server('e1'), 'SHOW default_transaction_read_only');
  expect(one).toEqual({ default_transaction_read_only: 'off' });
  const streams = () => servers.ask(servers.server('e0'), 'SELECT usename FROM pg_stat_replication');
  await expect.poll(streams).toEqual([{ usename: ADMINISTRATOR.username }, { usename: ADMINISTRATOR.username }]);
});
