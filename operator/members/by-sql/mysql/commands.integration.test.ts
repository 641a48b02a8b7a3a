import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MemberCommand } from '#contract/agent-command.ts';
import { clusterName, memberName } from '#contract/names.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { packagedServers, type ServerName } from '#database/programs/catalogue.ts';
import { roles } from '#database/roles.ts';
import { type EngineUnderTest, enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { longPassword } from '#member/test-support/long-password.ts';
import { pause } from '#runtime/deadline.ts';
import { createLogger } from '#runtime/logger.ts';
import { settled } from '#runtime/settled.ts';
import type { PartitionSpec } from '../../../partition/partition-spec.ts';
import type { MemberOutcome } from '../../../ports.ts';
import { PARTITION } from '../../../test-support/existing-cluster.ts';
import { type ExistingMysqlServers, startExistingMysqlServers } from '../../../test-support/existing-mysql-servers.ts';
import { ADMINISTRATOR } from '../../../test-support/existing-servers.ts';
import { SqlDirectory } from '../sql-directory.ts';

/** They speak one protocol; what is said of PostgreSQL is beside its own commands. */
const isMysql = (engine: EngineUnderTest): engine is ServerName => engine !== 'postgresql';

const PASSWORDS = {
  replication: longPassword('replication'),
  mail: longPassword('mail'),
  salvage: longPassword('salvage'),
};
const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) => pause(ms, signal),
};

/** Promise: what a server was told holds over its restarts, and whoever waits for replicas is told nothing that is not so. */
describe.each(enginesUnderTest.filter(isMysql))('%s', (name) => {
  const mysql = packagedServers[name].kind === 'mysql';
  const replica = mysql ? 'REPLICA' : 'SLAVE';
  let servers: ExistingMysqlServers;
  let directory: SqlDirectory;
  let rolePasswords = PASSWORDS;
  const sessions: MysqlConnection[] = [];

  beforeEach(async () => {
    rolePasswords = PASSWORDS;
    servers = await startExistingMysqlServers(name, ['mail', 'mail']);
    directory = new SqlDirectory({
      cluster: clusterName('mail'),
      clock,
      random: Math.random,
      credentials: async () => ({ ok: true, ...ADMINISTRATOR, rolePasswords }),
      log: createLogger({ program: 'operator', level: 'silent', pretty: false }),
    });
    directory.apply([partition()]);
    await expect.poll(() => sighting('e0')?.report?.replication?.role, { timeout: 10_000 }).toBe('primary');
    await expect.poll(() => sighting('e1')?.report?.replication?.role, { timeout: 10_000 }).toBe('replica');
    expect(await send('e0', { kind: 'initialize' })).toMatchObject({ ok: true });
  }, 60_000);

  afterEach(async () => {
    for (const session of sessions.splice(0)) session.abandon();
    directory?.close();
    await servers?.stop();
  });

  const partition = (): PartitionSpec => ({
    name: PARTITION,
    engine: packagedServers[name].kind,
    control: 'sql',
    database: 'imap',
    schema: '1',
    members: servers.servers.map((server) => ({ name: server.name, endpoint: server.endpoint, agentUrl: null })),
    retainedLogBytes: 1_024 ** 3,
    durability: { mode: 'Quorum', whenDegraded: 'Hold' },
    failover: {
      mode: 'Automatic',
      probeIntervalMs: 250,
      failureThreshold: 3,
      maxLostSeconds: 5,
      delayMs: 0,
      uidGap: 1,
    },
    paused: false,
  });

  const sighting = (member: string) => directory.observe(PARTITION).get(memberName(member));

  const send = (member: string, command: MemberCommand, deadlineMs = 20_000): Promise<MemberOutcome> =>
    directory.send({ partition: PARTITION, member: memberName(member), epoch: 1, command, deadlineMs });

  const follow = (): Promise<MemberOutcome> =>
    send('e1', { kind: 'follow', upstream: { member: 'e0', endpoint: servers.server('e0').endpoint } });

  /** e1 follows in our way, and commits of e0 wait for it. */
  async function pair(): Promise<void> {
    expect(await follow()).toMatchObject({ ok: true });
    expect(await send('e0', { kind: 'stamp', epoch: 1, uidGap: 0 })).toMatchObject({ ok: true });
    const synchronous = { required: 1, members: ['e1'] };
    expect(await send('e0', { kind: 'setSynchronous', synchronous })).toMatchObject({ ok: true });
    expect(await send('e0', { kind: 'grant' })).toMatchObject({ ok: true });
    const mail = await asMail();
    await ask(mail, 'CREATE TABLE IF NOT EXISTS t (id BIGINT AUTO_INCREMENT PRIMARY KEY)');
  }

  async function asMail(): Promise<MysqlConnection> {
    const { endpoint } = servers.server('e0');
    const account = { user: roles.mail, password: PASSWORDS.mail, database: 'imap' };
    const session = await openConnection({ endpoint, ...account, role: 'write' });
    sessions.push(session);
    return session;
  }

  const ask = (session: MysqlConnection, text: string): Promise<unknown> => session.batch([{ name: 'mail', text }]);
  const insert = (session: MysqlConnection): Promise<unknown> => ask(session, 'INSERT INTO t VALUES ()');

  async function upstreamUser(): Promise<unknown> {
    const [row] = await servers.ask(servers.server('e1'), `SHOW ${replica} STATUS`);
    return mysql ? row?.Source_User : row?.Master_User;
  }

  const stopReceiver = () => servers.asOwner(servers.server('e1'), `STOP ${replica} IO_THREAD`);

  /** Whether it has not come about within a time in which a commit that waits for nobody would have. */
  const isPending = async (work: Promise<unknown>): Promise<boolean> =>
    await Promise.race([settled(work).then(() => false), pause(1_000).then(() => true)]);

  test('a way of its owner is not given up for one in which nobody is let in', async () => {
    rolePasswords = { ...PASSWORDS, replication: longPassword('another') };
    expect(await follow()).toMatchObject({ ok: false, code: 'NotAttached', message: expect.stringContaining('e0') });
    expect(await upstreamUser()).toBe('repl');
    expect(sighting('e1')?.problem).toMatchObject({ code: 'ReplicationRefused' });
  });

  test('what was told holds over restarts of either', { timeout: 120_000 }, async () => {
    await pair();
    const [primary, second] = [servers.server('e0'), servers.server('e1')];
    expect(await upstreamUser()).toBe(roles.replication);

    // A replica acknowledges again, though it may have forgotten that.
    await second.stop('SIGKILL');
    await second.start();
    const flag = mysql ? 'rpl_semi_sync_replica_enabled' : 'rpl_semi_sync_slave_enabled';
    const acknowledges = async (): Promise<unknown> =>
      (await servers.ask(second, `SELECT @@GLOBAL.${flag} AS on_, @@GLOBAL.read_only AS shut`))[0];
    await expect.poll(acknowledges, { timeout: 20_000 }).toEqual({ on_: 1, shut: 1 });
    const session = await asMail();
    await insert(session);

    // A primary takes nothing before the grant, and then again nothing that its replica does not acknowledge.
    await primary.stop('SIGKILL');
    await primary.start();
    expect(await servers.isClosed(primary)).toBe(true);
    await expect.poll(() => sighting('e0')?.report?.fence, { timeout: 10_000 }).toBe('NoGrant');
    expect(await send('e0', { kind: 'grant' })).toMatchObject({ ok: true });
    await stopReceiver();
    expect(await isPending(insert(await asMail()))).toBe(true);
  });

  test('one that is far behind acknowledges again before it has caught up', { timeout: 60_000 }, async () => {
    await pair();
    const second = servers.server('e1');
    const account = { user: ADMINISTRATOR.username, password: ADMINISTRATOR.password, database: 'imap' };
    const holder = await openConnection({ endpoint: second.endpoint, ...account, role: 'admin' });
    sessions.push(holder);
    await expect
      .poll(() => ask(holder, 'SELECT * FROM t').catch(String), { timeout: 10_000 })
      .toEqual(expect.any(Array));
    // What it has read stays as it is: whoever applies the next row waits.
    await ask(holder, 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
    await ask(holder, 'START TRANSACTION');
    await ask(holder, 'SELECT * FROM t');
    const before = await asMail();
    await insert(before);
    const flag = `rpl_semi_sync_${mysql ? 'replica' : 'slave'}_enabled`;
    await servers.asOwner(second, `SET GLOBAL ${flag} = 0`, `STOP ${replica} IO_THREAD`, `START ${replica} IO_THREAD`);
    await insert(before);
    expect(await servers.ask(second, 'SELECT id FROM imap.t')).toEqual([]);
  });

  test('one that was detached attaches to nobody at its next start', { timeout: 60_000 }, async () => {
    await pair();
    expect(await send('e1', { kind: 'detach' })).toMatchObject({ ok: true });
    const before = sighting('e1')?.report?.replication?.received;
    await servers.server('e1').stop('SIGKILL');
    await servers.server('e1').start();
    const waiting = insert(await asMail());
    expect(await isPending(waiting)).toBe(true);
    await expect.poll(() => sighting('e1')?.report?.probe.failure, { timeout: 10_000 }).toBeNull();
    expect(sighting('e1')?.report?.replication).toMatchObject({ role: 'replica', received: before, upstream: null });
    void settled(waiting);
  });

  const mayLack = () => sighting('e1')?.report?.replication?.mayLack;
  async function restartReplica(): Promise<void> {
    const second = servers.server('e1');
    await second.stop('SIGKILL');
    await expect.poll(() => sighting('e1')?.report?.probe.failure, { timeout: 10_000 }).not.toBeNull();
    await second.start();
    await expect.poll(() => sighting('e1')?.report?.probe.failure, { timeout: 10_000 }).toBeNull();
  }

  test('one that was killed before it had applied what it acknowledged may lack that, until it is level', {
    timeout: 120_000,
  }, async () => {
    await pair();
    const [primary, second] = [servers.server('e0'), servers.server('e1')];
    await expect.poll(mayLack, { timeout: 10_000 }).toBeUndefined();
    const account = { user: ADMINISTRATOR.username, password: ADMINISTRATOR.password, database: 'imap' };
    const holder = await openConnection({ endpoint: second.endpoint, ...account, role: 'admin' });
    sessions.push(holder);
    await expect
      .poll(() => ask(holder, 'LOCK TABLES t READ').catch(String), { timeout: 10_000 })
      .toEqual(expect.any(Array));
    await insert(await asMail());
    process.kill(primary.pid(), 'SIGSTOP');
    try {
      await restartReplica();
      expect(mayLack()).toBe(mysql ? undefined : true);
      const detached = await send('e1', { kind: 'detach' });
      expect(detached).toMatchObject({ ok: true, result: mysql ? {} : { mayLack: true } });
      expect(await servers.ask(second, 'SELECT id FROM imap.t')).toEqual(mysql ? [{ id: 1 }] : []);
    } finally {
      process.kill(primary.pid(), 'SIGCONT');
    }
    await expect.poll(async () => (await follow()).ok, { timeout: 20_000 }).toBe(true);
    await expect.poll(mayLack, { timeout: 10_000 }).toBeUndefined();
    expect(await servers.ask(second, 'SELECT id FROM imap.t')).toEqual([{ id: 1 }]);

    // Attached by itself, with its primary there.
    await restartReplica();
    await expect.poll(mayLack, { timeout: 20_000 }).toBeUndefined();
    // All of it applied, and nothing received since.
    const outcome = await send('e1', { kind: 'detach' });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome).not.toHaveProperty('result.mayLack');
    await restartReplica();
    expect(mayLack()).toBeUndefined();
  });

  test('a fence ends all but who waits in COMMIT, and tells that one nothing', { timeout: 60_000 }, async () => {
    await pair();
    const idle = await asMail();
    const busy = await asMail();
    await stopReceiver();
    const waiting = insert(busy);
    expect(await isPending(waiting)).toBe(true);
    expect(await send('e0', { kind: 'fence', reason: 'Demoted' })).toMatchObject({ ok: true });
    await expect(ask(idle, 'SELECT 1')).rejects.toThrow();
    await expect(asMail()).rejects.toThrow(/locked/i);
    expect(sighting('e0')?.report).toMatchObject({ fence: 'NoGrant', grantedEpoch: null });
    expect(await isPending(waiting)).toBe(true);
    void settled(waiting);
  });

  test('the administrator may end what is the server itself, as is needed for half a transaction', async () => {
    const second = servers.server('e1');
    const own = "user = 'system user' AND state LIKE '%read all relay log%'";
    const listed = `SELECT id AS id FROM information_schema.processlist WHERE ${own}`;
    await expect.poll(async () => (await servers.ask(second, listed)).length).toBeGreaterThan(0);
    const [thread] = await servers.ask(second, listed);
    await servers.ask(second, `KILL CONNECTION ${thread?.id}`);
    await expect.poll(async () => (await servers.ask(second, listed)).some(({ id }) => id === thread?.id)).toBe(false);
  });

  test('fences are in no log, and one whose log was removed is told so', { timeout: 60_000 }, async () => {
    await pair();
    expect(await send('e1', { kind: 'detach' })).toMatchObject({ ok: true });
    const position = () => sighting('e1')?.report?.replication?.received;
    const before = position();
    for (let round = 0; round < 5; round += 1)
      expect(await send('e1', { kind: 'fence', reason: 'Demoted' })).toMatchObject({ ok: true });
    expect(position()).toBe(before);
    const none = { required: 0, members: [] };
    expect(await send('e0', { kind: 'setSynchronous', synchronous: none })).toMatchObject({ ok: true });
    const session = await asMail();
    await insert(session);
    const primary = servers.server('e0');
    await servers.asOwner(primary, 'FLUSH BINARY LOGS');
    // Who was cut off is noticed late, and what he reads stays until then.
    const left = async (): Promise<number> => {
      const logs = await servers.ask(primary, 'SHOW BINARY LOGS');
      await servers.asOwner(primary, `PURGE BINARY LOGS TO '${logs.at(-1)?.Log_name}'`);
      return logs.length;
    };
    await expect.poll(left, { timeout: 15_000 }).toBe(1);
    await insert(session);
    expect(await follow()).toMatchObject({ ok: false, failure: 'impossible', code: 'LogRemoved' });
  });
});
