import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import { askAs } from '../../test-support/connect-as.ts';
import { holdTable } from '../../test-support/hold-table.ts';
import type { RunningMember } from '../../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../../test-support/start-repository.ts';

/**
 * Promise: a replica of MariaDB whose server was killed before it had applied what it acknowledged says that it may lack that, until it
 * has come to where its primary is by then; and one that had applied all says nothing of the kind. MySQL lacks nothing.
 */
describe.skipIf(mysqlServersHere.length === 0).each(mysqlServersHere)('%s', (engine) => {
  const loses = engine.startsWith('mariadb');
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Quorum', engine });
    [primary, replica] = running.members as [RunningMember, RunningMember];
    await ask(primary, 'CREATE TABLE t (id INT PRIMARY KEY)');
    await ask(primary, 'INSERT INTO t VALUES (-1)');
  }, 120_000);
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const ids = async () => (await ask(replica, 'SELECT id FROM t ORDER BY id').catch(() => [])).map(({ id }) => id);
  const signal = async (member: RunningMember, name: NodeJS.Signals) =>
    process.kill((await member.client.status()).serverPid ?? 0, name);
  const detach = () => replica.client.order(1, { kind: 'detach' });
  const follow = () =>
    replica.client.order(1, { kind: 'follow', upstream: { member: primary.name, endpoint: primary.endpoint } });
  const isLevel = ({ replication }: AgentReport) =>
    replication?.upstream?.streaming === true && replication.mayLack === undefined;
  const shown = (id: number) => expect.poll(ids, { timeout: 15_000 }).toContain(id);

  async function killAndRestart(): Promise<AgentReport> {
    const { serverPid: before } = await replica.client.status();
    process.kill(before ?? 0, 'SIGKILL');
    return await replica.client.until(
      ({ state, serverPid, replication }) => state === 'running' && serverPid !== before && replication !== null,
    );
  }

  /** Its primary is there all the while, and answers nobody. */
  async function whilePrimaryHangs(work: () => Promise<void>): Promise<void> {
    await signal(primary, 'SIGSTOP');
    try {
      await work();
    } finally {
      await signal(primary, 'SIGCONT');
    }
  }

  test('killed with an acknowledged change that it had not applied', { timeout: 90_000 }, async () => {
    await replica.client.until(isLevel);
    await shown(-1);
    const holder = await holdTable(replica, running);
    await ask(primary, 'INSERT INTO t VALUES (0)');
    await whilePrimaryHangs(async () => {
      const { replication } = await killAndRestart();
      holder.abandon();
      expect(replication?.mayLack).toBe(loses ? true : undefined);
      expect((await detach()).mayLack).toBe(loses ? true : undefined);
      expect(await ids()).toEqual(loses ? [-1] : [-1, 0]);
      // Once more: what it lacks does not come back by that.
      expect((await killAndRestart()).replication?.mayLack).toBe(loses ? true : undefined);
      // Blindly: it attaches when the primary answers.
      await follow();
    });
    await replica.client.until(isLevel, 30_000);
    expect(await ids()).toEqual([-1, 0]);
  });

  test('told to stop, or detached, with all of it applied', { timeout: 90_000 }, async () => {
    await follow();
    await replica.client.until(isLevel);
    await ask(primary, 'INSERT INTO t VALUES (1)');
    await whilePrimaryHangs(async () => {
      await replica.client.order(1, { kind: 'stop', mode: 'fast' });
      await follow();
      const { replication } = await replica.client.until((report) => report.replication !== null);
      expect(replication).not.toHaveProperty('mayLack');
      await detach();
      expect((await killAndRestart()).replication).not.toHaveProperty('mayLack');
      expect(await detach()).not.toHaveProperty('mayLack');
    });
    expect(await ids()).toEqual([-1, 0, 1]);
    await follow();
    await replica.client.until(isLevel);
  });

  test('with its primary there, it counts again by itself', { timeout: 90_000 }, async () => {
    const holder = await holdTable(replica, running);
    await ask(primary, 'INSERT INTO t VALUES (2)');
    await killAndRestart();
    holder.abandon();
    await replica.client.until(isLevel);
    await expect.poll(ids).toEqual([-1, 0, 1, 2]);
    expect(await detach()).not.toHaveProperty('mayLack');
    await follow();
  });
});
