import { afterEach, beforeEach, expect, test } from 'vitest';
import { clusterName, memberName } from '#contract/names.ts';
import { roles } from '#database/roles.ts';
import { pause } from '#runtime/deadline.ts';
import { createLogger } from '#runtime/logger.ts';
import type { PartitionSpec } from '../../../../partition/partition-spec.ts';
import { PARTITION } from '../../../../test-support/existing-cluster.ts';
import {
  ADMINISTRATOR,
  type ExistingServers,
  startExistingServers,
} from '../../../../test-support/existing-servers.ts';
import { SqlDirectory } from '../../sql-directory.ts';

/** Promise: a replica that cannot be attached in our way goes on in its administrator's, however the attempt ends. */
let servers: ExistingServers;
let directory: SqlDirectory;
let found: unknown;

const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) => pause(ms, signal),
};

beforeEach(async () => {
  servers = await startExistingServers(['mail', 'mail'], { refused: roles.replication });
  const rolePasswords = { replication: 'replication', mail: 'mail', salvage: 'salvage' };
  directory = new SqlDirectory({
    cluster: clusterName('mail'),
    clock,
    random: Math.random,
    credentials: async () => ({ ok: true, ...ADMINISTRATOR, rolePasswords }),
    log: createLogger({ program: 'operator', level: 'silent', pretty: false }),
  });
  directory.apply([partition()]);
  found = await upstream();
}, 60_000);

afterEach(async () => {
  directory?.close();
  await servers?.stop();
});

const partition = (): PartitionSpec => ({
  name: PARTITION,
  engine: 'postgresql',
  control: 'sql',
  database: 'imap',
  schema: '1',
  members: servers.servers.map(({ name, endpoint }) => ({ name, endpoint, agentUrl: null })),
  retainedLogBytes: 1_024 ** 3,
  durability: { mode: 'Quorum', whenDegraded: 'Hold' },
  failover: { mode: 'Automatic', probeIntervalMs: 250, failureThreshold: 3, maxLostSeconds: 5, delayMs: 0, uidGap: 1 },
  paused: false,
});

/** What is in force, and what the next reload would bring. */
const upstream = async (): Promise<unknown> => {
  const written = "SELECT setting FROM pg_file_settings WHERE name = 'primary_conninfo' ORDER BY seqno DESC LIMIT 1";
  return await servers.ask(
    servers.server('e1'),
    `SELECT current_setting('primary_conninfo') AS now, (${written}) AS next`,
  );
};

const follow = (deadlineMs: number) => {
  const { name, endpoint } = servers.server('e0');
  const command = { kind: 'follow', upstream: { member: name, endpoint } } as const;
  return directory.send({ partition: PARTITION, member: memberName('e1'), epoch: 1, command, deadlineMs });
};

const isOurs = async (): Promise<boolean> => JSON.stringify(await upstream()).includes(roles.replication);

test('its time is up', async () => {
  const outcome = follow(6_000);
  await expect.poll(isOurs).toBe(true);
  expect(await outcome).toMatchObject({ ok: false });
  expect(await upstream()).toEqual(found);
});

test('the servers are watched no more: nothing of ours stays there', async () => {
  const outcome = follow(10_000);
  await expect.poll(isOurs).toBe(true);
  directory.close();
  expect(await outcome).toMatchObject({ ok: false });
  expect(await upstream()).toEqual(found);
  const sessions = "SELECT pid FROM pg_stat_activity WHERE application_name IN ('e1-operator', 'imapcluster-settings')";
  await expect.poll(() => servers.ask(servers.server('e1'), sessions)).toEqual([]);
});

test('it was detached meanwhile: nothing is given back', async () => {
  const outcome = follow(6_000);
  await expect.poll(isOurs).toBe(true);
  const command = { kind: 'detach' } as const;
  const request = { partition: PARTITION, member: memberName('e1'), epoch: 1, command, deadlineMs: 5_000 };
  expect(await directory.send(request)).toMatchObject({ ok: true });
  expect(await outcome).toMatchObject({ ok: false });
  expect(await upstream()).toEqual([{ now: '', next: '' }]);
});
