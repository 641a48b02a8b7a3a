import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { mysqlServersHereOf } from '#database/mysql/test-support/servers-here.ts';
import { serverProcesses } from '../supervisor/server-processes.ts';
import { throwLogAway } from '../test-support/administer.ts';
import { askAs, openAs } from '../test-support/connect-as.ts';
import type { RunningMember } from '../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../test-support/start-repository.ts';

/**
 * The whole life of a repository of three, in order, as `repository.integration.test.ts` has it for PostgreSQL: made, written to, its
 * quorum lost, its primary fenced and replaced, salvaged and rebuilt.
 */
const servers = mysqlServersHereOf((name) => name === 'mariadb-10.11' || name === 'mysql-9.7');

const upstream = (member: RunningMember) => ({ member: member.name, endpoint: { ...member.endpoint } });
const ids = (...list: readonly number[]) => list.map((id) => ({ id }));

describe.skipIf(servers.length === 0).each(servers)('%s', (engine) => {
  let running: RunningRepository;
  let a0: RunningMember;
  let a1: RunningMember;
  let a2: RunningMember;

  beforeAll(async () => {
    running = await startRepository({ members: 3, durability: 'Quorum', engine });
    [a0, a1, a2] = running.members as [RunningMember, RunningMember, RunningMember];
  }, 180_000);
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const refused = (member: RunningMember) => expect(ask(member, 'SELECT 1')).rejects.toThrow('locked');

  test('mail writes to the primary and reads from replicas, which refuse to write', async () => {
    await ask(a0, 'CREATE TABLE t (id INT PRIMARY KEY)');
    await ask(a0, 'INSERT INTO t VALUES (1)');
    for (const replica of [a1, a2]) {
      await expect.poll(() => ask(replica, 'SELECT id FROM t').catch(String)).toEqual(ids(1));
      await expect(ask(replica, 'INSERT INTO t VALUES (2)')).rejects.toThrow('read-only');
    }
    expect(await ask(a1, 'SELECT epoch, member FROM repository_epoch')).toEqual([{ epoch: 1, member: 'a0' }]);
  });

  test('roles can do their work and nothing else', async () => {
    const SETTINGS = ['GLOBAL read_only = 0', 'SESSION sql_log_bin = 0'];
    for (const setting of SETTINGS) await expect(ask(a0, `SET ${setting}`)).rejects.toThrow(/denied/i);
    const where = { member: a0, running };
    expect(await askAs('salvage', where, 'SELECT id FROM t')).toEqual(ids(1));
    await expect(askAs('salvage', where, 'DELETE FROM t')).rejects.toThrow('denied');
  });

  test('a primary that has crashed lets mail in no earlier than it is granted again', async () => {
    const { serverPid } = await a0.client.status();
    let isOver = false;
    const answers = new Set<string>();
    process.kill(serverPid ?? 0, 'SIGKILL');
    await a0.client.until(({ state }) => state !== 'running');
    const knocking = (async () => {
      while (!isOver) answers.add(await ask(a0, 'SELECT 1').then(() => 'let in', String));
    })();
    await a0.client.until(({ state, serverPid: pid }) => state === 'running' && pid !== serverPid, 30_000);
    isOver = true;
    await knocking;
    await refused(a0);
    expect(answers).not.toContain('let in');
    await a0.client.order(1, { kind: 'grant' });
    await ask(a0, 'SELECT 1');
  });

  test('reports tell roles, streams and the synchronous set', async () => {
    const primary = await a0.client.until((r) => r.replication?.standbys.filter((s) => s.synchronous).length === 2);
    expect(primary).toMatchObject({
      state: 'running',
      fence: null,
      grantedEpoch: 1,
      replication: { role: 'primary', epoch: 1, synchronous: { required: 1, members: ['a1', 'a2'] } },
    });
    const follows = (r: AgentReport) => r.replication?.upstream?.streaming === true && r.replication.epoch === 1;
    const replica = await a1.client.until(follows);
    expect(replica.replication).toMatchObject({ role: 'replica', upstream: { member: 'a0' } });
    expect(replica.replication?.systemIdentifier).toBe(primary.replication?.systemIdentifier);
  });

  test('a replica that dies comes back by itself, and one that was detached stays so', async () => {
    const { serverPid } = await a2.client.status();
    process.kill(serverPid ?? 0, 'SIGKILL');
    await a2.client.until((r) => r.serverPid !== serverPid && r.replication?.upstream?.streaming === true, 60_000);
    for (const replica of [a1, a2]) await replica.client.order(1, { kind: 'detach' });
    await a2.killAgent();
    await a2.startAgent();
    const report = await a2.client.until((r) => r.replication !== null, 60_000);
    expect(report.replication).toMatchObject({ role: 'replica', upstream: null });
  }, 120_000);

  test('a commit waits for the quorum; neither a fence nor a stop in order breaks the wait off', async () => {
    for (const order of [{ kind: 'stop', mode: 'fast' } as const, { kind: 'fence', reason: 'Demoted' } as const]) {
      await a1.client.order(1, { kind: 'follow', upstream: upstream(a0) });
      await a0.client.order(1, { kind: 'grant' });
      await a1.client.order(1, { kind: 'detach' });
      const writer = await openAs('mail', a0, running);
      const id = order.kind === 'stop' ? 2 : 3;
      const insert = writer.query(`INSERT INTO t VALUES (${id})`).then(
        () => 'acknowledged',
        () => 'lost',
      );
      await expect.poll(() => waiting(a0)).toBe(1);
      await a0.client.order(1, order);
      expect(await insert).toBe('lost');
      expect(await a0.client.status()).toMatchObject({ state: 'stopped', grantedEpoch: null });
    }
    expect(await serverProcesses(a0.dataDirectory)).toEqual([]);
  }, 120_000);

  test('a replica takes over, and the old primary may not follow: it is opened to salvage alone', async () => {
    const readers = await openAs('mail', a1, running);
    await a1.client.order(2, { kind: 'catchUp' });
    const synchronous = { required: 1, members: ['a0', 'a2'] };
    await a1.client.order(2, { kind: 'promote', synchronous });
    await expect(readers.query('SELECT 1')).rejects.toThrow();
    await refused(a1);
    await a2.client.order(2, { kind: 'follow', upstream: upstream(a1) });
    await a1.client.order(2, { kind: 'stamp', epoch: 2, uidGap: 1000 });
    await a1.client.order(2, { kind: 'grant' });
    await ask(a1, 'INSERT INTO t VALUES (4)');
    expect(await ask(a1, 'SELECT id FROM t ORDER BY id')).toEqual(ids(1, 2, 4));
    const answer = await a0.client.send(2, { kind: 'follow', upstream: upstream(a1) });
    // What nobody acknowledged, by the number that this server gave it.
    const errant = expect.stringMatching(
      engine === 'mysql-9.7' ? /^1 transaction: [\da-f-]{36}:\d+$/ : /^1 transaction: \d+-\d+-\d+$/,
    );
    const body = {
      code: 'Diverged',
      message: expect.stringMatching(/^the log of a1 left ours behind, which alone has 1 transaction: /),
    };
    expect(answer).toMatchObject({ status: 422, body });
    await a0.client.order(2, { kind: 'openForSalvage' });
    // Whoever asks may ask another process of the agent.
    await a0.killAgent();
    await a0.startAgent();
    await a0.client.order(2, { kind: 'openForSalvage' });
    expect(await a0.client.status()).toMatchObject({ state: 'running', fence: 'Salvage', errant });
    expect(await askAs('salvage', { member: a0, running }, 'SELECT id FROM t WHERE id = 3')).toEqual(ids(3));
    await refused(a0);
  }, 120_000);

  test('it is made anew, and sent all there is', async () => {
    expect(await a0.client.send(2, { kind: 'rewind', from: upstream(a1) })).toMatchObject({
      status: 422,
      body: { code: 'RewindUnavailable' },
    });
    await a0.client.order(2, { kind: 'clone', from: upstream(a1), wipe: true });
    await expect
      .poll(() => ask(a0, 'SELECT id FROM t ORDER BY id').catch(String), { timeout: 20_000 })
      .toEqual(ids(1, 2, 4));
    expect(await a0.client.status()).not.toHaveProperty('errant');
  }, 120_000);

  test('who was away while the log was thrown away is told so, left as it is, and copied', async () => {
    await a2.client.order(2, { kind: 'detach' });
    await ask(a1, 'INSERT INTO t VALUES (5)');
    await throwLogAway(a1, running);
    const answer = await a2.client.send(2, { kind: 'follow', upstream: upstream(a1) });
    expect(answer).toMatchObject({ status: 422, body: { code: 'LogRemoved' } });
    expect(await a2.client.status()).toMatchObject({ state: 'running', exit: null });
    expect(await ask(a2, 'SELECT id FROM t ORDER BY id')).toEqual(ids(1, 2, 4));
    const from = upstream(a1);
    await a2.client.order(2, { kind: 'clone', from, source: upstream(a0), agentUrl: a0.agentUrl, wipe: true });
    await expect
      .poll(() => ask(a2, 'SELECT id FROM t ORDER BY id').catch(String), { timeout: 20_000 })
      .toEqual(ids(1, 2, 4, 5));
  }, 120_000);

  async function waiting(member: RunningMember): Promise<number> {
    const like = engine === 'mysql-9.7' ? 'Rpl_semi_sync_source_wait_sessions' : 'Rpl_semi_sync_master_wait_sessions';
    const [row] = await askAs('mail', { member, running }, `SHOW GLOBAL STATUS LIKE '${like}'`);
    return Number(row?.Value);
  }
});
