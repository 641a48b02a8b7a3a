import { readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { mysqlServersHereOf } from '#database/mysql/test-support/servers-here.ts';
import { askAs } from '../../test-support/connect-as.ts';
import { holdTable } from '../../test-support/hold-table.ts';
import type { RunningMember } from '../../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../../test-support/start-repository.ts';

/**
 * Promise: a member of MariaDB does without the relay log that it had before a start, in whatever state a lost node has left that: so it
 * need not be synced. MySQL goes on with it, and syncs it.
 */
const servers = mysqlServersHereOf((name) => name.startsWith('mariadb'));

/** What a file system may make of files that were not synced. */
const PIECES: readonly (readonly [string, (folder: string, logs: readonly string[]) => Promise<unknown>])[] = [
  ['begins and does not end', (folder, logs) => Promise.all(logs.map((log) => truncate(join(folder, log), 300)))],
  ['is empty', (folder, logs) => Promise.all(logs.map((log) => truncate(join(folder, log), 0)))],
  [
    'is noted at a file that was removed long before',
    async (folder, logs) => {
      for (const log of logs.slice(0, -1)) await unlink(join(folder, log));
      await writeFile(join(folder, 'relay.index'), `./${logs.at(-1)}\n`);
      await writeFile(join(folder, 'relay-log.info'), `5\n./relay.000000\n4711\nbin.000001\n4711\n0\n`);
    },
  ],
];

describe.skipIf(servers.length === 0).each(servers)('%s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Quorum', engine });
    [primary, replica] = running.members as [RunningMember, RunningMember];
    await ask(primary, 'CREATE TABLE t (id INT PRIMARY KEY)');
    await replica.client.order(1, { kind: 'follow', upstream: { member: primary.name, endpoint: primary.endpoint } });
  }, 120_000);
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const ids = () => ask(replica, 'SELECT id FROM t ORDER BY id').catch(String);
  const isReceived = ({ replication }: AgentReport) => replication?.received !== replication?.applied;

  test.each(PIECES.map(([what, make], id) => ({ what, make, id })))(
    'one that $what',
    async ({ make, id }) => {
      // Its agent would start an applier that stands still.
      const holder = await holdTable(replica, running);
      // Acknowledged, and so received.
      await ask(primary, `INSERT INTO t VALUES (${id})`);
      await replica.client.until(isReceived);
      const { serverPid } = await replica.client.status();
      process.kill(replica.agentPid(), 'SIGSTOP');
      try {
        process.kill(serverPid ?? 0, 'SIGKILL');
        await expect.poll(() => isGone(serverPid ?? 0)).toBe(true);
        holder.abandon();
        const logs = (await readdir(replica.dataDirectory)).filter((name) => /^relay\.\d+$/.test(name)).sort();
        expect(logs.length).toBeGreaterThan(0);
        await make(replica.dataDirectory, logs);
      } finally {
        process.kill(replica.agentPid(), 'SIGCONT');
      }
      await expect.poll(ids, { timeout: 20_000 }).toEqual(Array.from({ length: id + 1 }, (_, n) => ({ id: n })));
    },
    60_000,
  );
});

/** Also where its parent, which stands still, has not taken notice of it. */
async function isGone(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) === '';
}
