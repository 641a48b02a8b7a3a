import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExistingCluster } from '../../../test-support/existing-cluster.ts';
import { type ExistingServer, startExistingServers } from '../../../test-support/existing-servers.ts';
import { segmentOf } from './read-log.ts';

/**
 * Promise: log is kept for members that are away, by slots; one for which it was not is to be rebuilt; and a server that recovers from
 * a crash in place, which no other engine does, is trusted after a barrier only.
 */
const quorum = { mode: 'Quorum', whenDegraded: 'Hold' } as const;

let cluster: ExistingCluster;

beforeAll(async () => {
  cluster = await new ExistingCluster(await startExistingServers(['mail', 'mail', 'mail']), quorum).start();
}, 60_000);

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

const healthy = () => cluster.until((record) => record.phase === 'Healthy');

test('log is kept for the others on every server, and no more of it than they may need', async () => {
  await healthy();
  const slots = async (server: ExistingServer): Promise<unknown[]> =>
    await cluster.servers.ask(server, 'SELECT slot_name, restart_lsn::text AS at FROM pg_replication_slots ORDER BY 1');
  const replica = cluster.servers.servers.find((server) => server !== cluster.primary())!;
  await expect.poll(() => slots(replica)).toHaveLength(2);
  const before = await slots(replica);
  const writer = cluster.write();
  await writer.progress(20);
  await writer.stop();
  await expect.poll(() => slots(replica)).not.toEqual(before);
});

test('a replica that was away for longer than log is kept is to be rebuilt', { timeout: 120_000 }, async () => {
  await healthy();
  const primary = cluster.primary();
  const late = cluster.servers.servers.find((server) => server !== primary)!;
  await late.stop('SIGINT');
  await cluster.servers.ask(primary, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
  await cluster.servers.ask(primary, 'SELECT pg_reload_conf()');
  const isLost = async (): Promise<unknown> => {
    const messages = "SELECT pg_logical_emit_message(true, 'test', 'x'), pg_switch_wal() FROM generate_series(1, 2)";
    await cluster.servers.ask(primary, messages);
    await cluster.servers.ask(primary, 'CHECKPOINT');
    const files = "SELECT min(substr(name, 9)) AS oldest FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'";
    const [{ oldest = '' } = {}] = (await cluster.servers.ask(primary, files)) as { oldest?: string }[];
    return oldest > segmentOf(cluster.received(late.name), 16 * 1024 * 1024);
  };
  await expect.poll(isLost, { timeout: 40_000 }).toBe(true);
  await late.start();
  await cluster.until(() => cluster.rejoining(late.name)?.includes('has removed the log') === true);
  const replica = cluster.servers.servers.find((server) => server !== late && server !== primary)!;
  await cluster.servers.rebuild(late, { replica, primary });
  await healthy();
});

test('a primary that recovers from a crash in place goes on, behind a barrier', { timeout: 60_000 }, async () => {
  await healthy();
  const { epoch, primary } = cluster.record;
  const writer = cluster.write();
  await writer.progress(20);
  const processes = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
  const [checkpointer] = await cluster.servers.ask(cluster.primary(), processes);
  process.kill(Number(checkpointer?.pid), 'SIGKILL');
  await writer.progress(20);
  await writer.stop();
  await healthy();
  expect(cluster.record).toMatchObject({ epoch, primary });
  const stored = await cluster.stored();
  expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
});
