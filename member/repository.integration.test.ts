import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { within } from '#runtime/deadline.ts';
import { askAs, connectAs } from './test-support/connect-as.ts';
import { debianPostgres, embeddedPostgres } from './test-support/embedded-postgres.ts';
import type { RunningMember } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

/**
 * The whole life of a repository of three, in order, on every PostgreSQL that is here: made, written to, its quorum lost
 * and found, its primary killed with an unreplicated tail, replaced, salvaged and rebuilt.
 */
const debian = await debianPostgres();
if (debian === null)
  process.stderr.write('member/repository: PostgreSQL 15: skipped: it is not installed (postgresql-15)\n');
const servers = [
  { name: 'embedded PostgreSQL 18', bin: await embeddedPostgres(), rewinds: false },
  ...(debian === null ? [] : [{ name: 'PostgreSQL 15', bin: debian, rewinds: true }]),
];

const upstream = (member: RunningMember) => ({ member: member.name, endpoint: { ...member.endpoint } });

describe.each(servers)('$name', ({ bin, rewinds }) => {
  let running: RunningRepository;
  let a0: RunningMember;
  let a1: RunningMember;
  let a2: RunningMember;

  beforeAll(async () => {
    running = await startRepository({ members: 3, durability: 'Quorum', binDirectory: bin });
    [a0, a1, a2] = running.members as [RunningMember, RunningMember, RunningMember];
  });
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);

  test('mail writes to the primary and reads from replicas, which refuse to write', async () => {
    await ask(a0, 'CREATE TABLE t (id int PRIMARY KEY, body text)');
    await ask(a0, "INSERT INTO t VALUES (1, 'one')");
    for (const replica of [a1, a2]) {
      await expect.poll(() => ask(replica, 'SELECT id FROM t').catch(String)).toEqual([{ id: 1 }]);
      await expect(ask(replica, 'BEGIN READ WRITE')).rejects.toThrow('read-write mode during recovery');
    }
    const [epoch] = await ask(a1, 'SELECT epoch::int, member FROM imapcluster.repository_epoch');
    expect(epoch).toEqual({ epoch: 1, member: 'a0' });
  });

  test('roles can do their work and nothing else', async () => {
    await expect(ask(a0, 'CREATE SCHEMA more')).rejects.toThrow('permission denied');
    await expect(ask(a0, 'SELECT * FROM pg_authid')).rejects.toThrow('permission denied');
    await expect(ask(a0, 'DELETE FROM imapcluster.repository_epoch')).rejects.toThrow('permission denied');
    const [row] = await ask(
      a0,
      'SELECT count(*)::int AS replicas FROM pg_stat_replication WHERE flush_lsn IS NOT NULL',
    );
    expect(row).toEqual({ replicas: 2 });
    // What monitors may read holds no password.
    const [setting] = await ask(a1, "SELECT current_setting('primary_conninfo') AS conninfo");
    expect(String(setting?.conninfo)).not.toContain(running.passwords.replication);
    const where = { member: a0, running };
    expect(await askAs('salvage', where, 'SELECT id FROM mail.t')).toEqual([{ id: 1 }]);
    await expect(askAs('salvage', where, 'BEGIN READ WRITE; DELETE FROM mail.t')).rejects.toThrow('permission denied');
  });

  test('reports tell roles, streams and the synchronous set', async () => {
    const replicated = (r: AgentReport) => r.replication?.standbys.filter((s) => s.synchronous).length === 2;
    const primary = await a0.client.until(replicated);
    expect(primary).toMatchObject({
      state: 'running',
      fence: null,
      grantedEpoch: 1,
      replication: { role: 'primary', epoch: 1, synchronous: { required: 1, members: ['a1', 'a2'] } },
    });
    const follows = (r: AgentReport) => r.replication?.upstream?.streaming === true && r.replication.epoch === 1;
    const replica = await a1.client.until(follows);
    expect(replica.replication).toMatchObject({ role: 'replica', epoch: 1, upstream: { member: 'a0' } });
    expect(replica.replication?.systemIdentifier).toBe(primary.replication?.systemIdentifier);
  });

  test('a commit waits for the quorum, and a fence does not break the wait off', async () => {
    for (const replica of [a1, a2]) await replica.client.order(1, { kind: 'detach' });
    const writer = await connectAs('mail', a0, running);
    let outcome = 'waiting';
    const insert = writer.query("INSERT INTO t VALUES (2, 'unreplicated')").then(
      () => (outcome = 'acknowledged'),
      () => (outcome = 'lost'),
    );
    await expect.poll(() => waitingCommits(a0)).toBe(1);
    expect(outcome).toBe('waiting');
    await a0.client.order(1, { kind: 'fence', reason: 'Demoted' });
    await insert;
    expect(outcome).toBe('lost');
    // Ended rather than fenced: nobody has seen row 2.
    expect(await a0.client.status()).toMatchObject({ state: 'stopped', fence: 'Demoted', grantedEpoch: null });
  });

  test('a restarted primary stays shut until its quorum has acknowledged what it shows', async () => {
    const refused = await a0.client.send(1, { kind: 'grant' }, { expiresAt: Date.now() + 2500 });
    expect(refused).toMatchObject({ status: 500, body: { code: 'Timeout' } });
    expect(await a0.client.status()).toMatchObject({ state: 'running', fence: 'NoGrant', grantedEpoch: null });
    await expect(ask(a0, 'SELECT')).rejects.toThrow('pg_hba.conf');
    await a1.client.order(1, { kind: 'follow', upstream: upstream(a0) });
    await a0.client.order(1, { kind: 'grant' });
    // Committed on the primary before; now it is on a replica, so that it may be seen.
    expect(await ask(a0, 'SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    await expect.poll(() => ask(a1, 'SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    await a2.client.order(1, { kind: 'follow', upstream: upstream(a0) });
  });

  test('kill -9 of the primary with a tail that nobody received: a replica takes over', async () => {
    // In this order, so that a1 has at least what a2 has.
    for (const replica of [a2, a1]) await replica.client.order(1, { kind: 'detach' });
    const writer = await connectAs('mail', a0, running);
    const lost = writer.query("INSERT INTO t VALUES (3, 'the tail')").then(
      () => 'acknowledged',
      () => 'lost',
    );
    await expect.poll(() => waitingCommits(a0)).toBe(1);
    const { serverPid } = await a0.client.status();
    const exited = a0.client.until((report) => report.state === 'exited');
    process.kill(serverPid ?? 0, 'SIGKILL');
    expect(await exited).toMatchObject({ exit: { code: null, signal: 'SIGKILL' }, grantedEpoch: null });
    expect(await lost).toBe('lost');
    await a0.client.order(2, { kind: 'fence', reason: 'Demoted' });

    const readers = await connectAs('mail', a1, running);
    await a1.client.order(2, { kind: 'catchUp' });
    const synchronous = { required: 1, members: ['a0', 'a2'] };
    const promoted = await a1.client.order(2, { kind: 'promote', synchronous });
    expect(promoted.timeline).toBe(2);
    // A session that read from the replica must not find itself on a primary.
    await expect(readers.query('SELECT')).rejects.toThrow();
    await expect(ask(a1, 'SELECT')).rejects.toThrow('pg_hba.conf');
    await a2.client.order(2, { kind: 'follow', upstream: upstream(a1) });
    await a1.client.order(2, { kind: 'stamp', epoch: 2, uidGap: 1000 });
    await a1.client.order(2, { kind: 'grant' });
    await ask(a1, "INSERT INTO t VALUES (4, 'epoch two')");
    expect(await ask(a1, 'SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }]);
    // Repeated after lost answers: done already.
    await a1.client.order(2, { kind: 'promote', synchronous });
    await a1.client.order(2, { kind: 'stamp', epoch: 2, uidGap: 1000 });
    await a1.client.order(2, { kind: 'grant' });
    expect(await ask(a2, 'SELECT max(epoch)::int AS epoch FROM imapcluster.repository_epoch')).toEqual([{ epoch: 2 }]);
  });

  test('the old primary may not follow, and is opened to salvage alone', async () => {
    const answer = await a0.client.send(2, { kind: 'follow', upstream: upstream(a1) });
    expect(answer).toMatchObject({ status: 422, body: { code: 'Diverged' } });
    await a0.client.order(2, { kind: 'openForSalvage' });
    expect(await a0.client.status()).toMatchObject({ state: 'running', fence: 'Salvage' });
    const where = { member: a0, running };
    const tail = await askAs('salvage', where, 'SELECT id, body FROM mail.t WHERE id = 3');
    expect(tail).toEqual([{ id: 3, body: 'the tail' }]);
    await expect(ask(a0, 'SELECT')).rejects.toThrow('pg_hba.conf');
    await a0.client.order(2, { kind: 'openForSalvage' });
    expect(await a0.client.send(2, { kind: 'grant' })).toMatchObject({ status: 422 });
  });

  test('it comes back as a replica: rewound, or cloned where it cannot be', async () => {
    const rewound = await a0.client.send(2, { kind: 'rewind', from: upstream(a1) });
    if (rewinds) {
      expect(rewound).toMatchObject({ status: 200, body: { timeline: 2 } });
    } else {
      expect(rewound).toMatchObject({ status: 422, body: { code: 'RewindUnavailable' } });
      expect(await a0.client.send(2, { kind: 'clone', from: upstream(a1), wipe: false })).toMatchObject({
        status: 422,
        body: { code: 'DataExists' },
      });
      await a0.client.order(2, { kind: 'clone', from: upstream(a1), wipe: true });
      // Once more after a lost answer: nothing is copied.
      const before = await a0.client.status();
      await a0.client.order(2, { kind: 'clone', from: upstream(a1), wipe: true });
      expect((await a0.client.status()).serverPid).toBe(before.serverPid);
    }
    await expect.poll(() => ask(a0, 'SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }]);
  });

  test('a planned change of primary: stopped in order, the old one follows without a copy', async () => {
    await a1.client.order(3, { kind: 'fence', reason: 'Demoted' });
    await expect(ask(a1, 'SELECT')).rejects.toThrow('pg_hba.conf');
    await a1.client.order(3, { kind: 'stop', mode: 'fast' });
    await a2.client.order(3, { kind: 'detach' });
    await a2.client.order(3, { kind: 'catchUp' });
    await a2.client.order(3, { kind: 'promote', synchronous: { required: 1, members: ['a0', 'a1'] } });
    const follows = await a1.client.order(3, { kind: 'follow', upstream: upstream(a2) });
    expect(follows.timeline).toBe(3);
    await a0.client.order(3, { kind: 'follow', upstream: upstream(a2) });
    await a2.client.order(3, { kind: 'stamp', epoch: 3, uidGap: 0 });
    await a2.client.order(3, { kind: 'grant' });
    await ask(a2, "INSERT INTO t VALUES (5, 'epoch three')");
    for (const replica of [a0, a1]) {
      await expect.poll(() => ask(replica, 'SELECT max(id) AS id FROM t')).toEqual([{ id: 5 }]);
    }
  });

  async function waitingCommits(member: RunningMember): Promise<number> {
    const statement = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    const [row] = await within(2000, 'counting', askAs('mail', { member, running }, statement));
    return Number(row?.n);
  }
});
