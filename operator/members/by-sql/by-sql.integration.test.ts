import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { pause } from '#runtime/deadline.ts';
import { ExistingCluster, PARTITION } from '../../test-support/existing-cluster.ts';
import { type ExistingServer, startExistingServers } from '../../test-support/existing-servers.ts';
import { freeze, thawWhole } from '../../test-support/server-processes.ts';
import { segmentOf } from './postgres/read-log.ts';

/**
 * Promise: three servers that somebody else runs are taken over as they are; the loss of their primary costs nothing that was
 * acknowledged; and what SQL cannot do is said, with the member's name, until somebody has done it.
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

/** Writes before, while and after `during` makes another one the primary; nothing acknowledged may be missing. */
async function underWrites(during: (primary: ExistingServer) => Promise<void>): Promise<ExistingServer> {
  const { epoch } = cluster.record;
  const writer = cluster.write();
  const old = cluster.primary();
  try {
    await writer.progress(20);
    await during(old);
    await cluster.until((record) => record.epoch > epoch && record.operation === null);
    await writer.progress(20);
  } finally {
    await writer.stop();
  }
  expect(cluster.record.lastChange).toMatchObject({ kind: 'Failover', from: old.name, lostUpTo: 0 });
  const stored = await cluster.stored();
  expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
  return old;
}

test('the servers are taken over as they are', async () => {
  await healthy();
  const synchronous = { required: 1, members: ['e1', 'e2'] };
  expect(cluster.record).toMatchObject({ primary: 'e0', epoch: 1, synchronous });
  expect(cluster.condition('MembersUsable')).toMatchObject({ status: 'True', reason: 'Usable' });
  expect(cluster.jobs.ran.map(({ kind }) => kind)).toEqual(['migrate']);
});

test('another operator finds them as they are, and changes nothing', async () => {
  const settings = () => Promise.all(cluster.servers.servers.map(settingsOf));
  const before = await settings();
  await cluster.stopOperator();
  await cluster.start();
  await healthy();
  expect(cluster.record).toMatchObject({ primary: 'e0', epoch: 1, operation: null });
  expect(await settings()).toEqual(before);
  const written = async (): Promise<number> => {
    const { writes } = cluster.stores;
    await pause(1_500);
    return cluster.stores.writes - writes;
  };
  // What it has to find out first, it writes down.
  await expect.poll(written).toBe(0);
});

test('a planned change is refused: nobody could make a replica of the old primary', async () => {
  const outcome = await cluster.operator.requestSwitchover(PARTITION, memberName('e1'));
  expect(outcome).toMatchObject({ ok: false, code: 'SwitchoverImpossible' });
});

test('kill -9: a replica takes over, and the old primary is to be rebuilt by hand', { timeout: 120_000 }, async () => {
  const old = await underWrites((primary) => primary.stop('SIGKILL'));
  await old.start();
  await cluster.until(() => cluster.rejoining(old.name)?.startsWith('RebuildByHand') === true);
  expect(cluster.condition('RejoinNeeded')).toMatchObject({ status: 'True', message: expect.stringContaining('e0') });
  const shown = await cluster.servers.ask(old, 'SHOW default_transaction_read_only');
  expect(shown).toEqual([{ default_transaction_read_only: 'on' }]);
  expect(cluster.jobs.ran.at(-1)).toMatchObject({ kind: 'salvage', from: { member: 'e0' } });
  expect(cluster.record.lastChange?.salvaged).not.toBeNull();

  const primary = cluster.primary();
  const replica = cluster.servers.servers.find((server) => server !== old && server !== primary)!;
  await cluster.servers.rebuild(old, { replica, primary });
  await healthy();
  expect(cluster.record.rejoining).toEqual([]);
});

test('log is kept for the others on every server, and no more of it than they may need', async () => {
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

test('SIGSTOP: silence counts once the replicas miss it too', { timeout: 120_000 }, async () => {
  await healthy();
  const old = await underWrites((primary) => freeze(primary.pid()));
  await thawWhole(old.pid());
  await cluster.until(() => cluster.rejoining(old.name)?.startsWith('RebuildByHand') === true);
});

const settingsOf = async ({ dataDirectory }: ExistingServer): Promise<string> =>
  await readFile(join(dataDirectory, 'postgresql.auto.conf'), 'utf8');
