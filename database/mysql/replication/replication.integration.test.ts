import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { pause, within } from '#runtime/deadline.ts';
import { settled } from '#runtime/settled.ts';
import { holdsPosition } from '../../position.ts';
import { roles } from '../../roles.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { writeBarrier, writeEpoch } from '../sessions/durable-write.ts';
import { letAllWrite, makeReadOnly } from '../sessions/read-only.ts';
import {
  makeRepository,
  PASSWORD,
  type ReplicatingServer,
  startReplicating,
} from '../test-support/replicating-server.ts';
import { mysqlServersHere } from '../test-support/servers-here.ts';
import { awaitApplied, Revival } from './applier.ts';
import { attach } from './attach.ts';
import { compareLogs, readOwnEnd, readUpstreamLog } from './compare.ts';
import { nudge, waitsInVain } from './nudge.ts';
import { standingOf } from './positions.ts';
import { promoteServer } from './promote.ts';
import { KnownLog, purgeLog } from './purge.ts';
import { stopReceiver } from './receiver.ts';
import { readReplicaStatus } from './replica-status.ts';
import { readSemiSync, requireAcknowledgements } from './semi-sync.ts';
import { rebuildFor } from './verdict.ts';
import { wordsOf } from './words.ts';

/** A hung upstream holds up MariaDB 11.8 for a second, when its receiver says farewell. */
const SOON_MS = 1_500;
/** The time-out of an attempt to connect is 2 s here. */
const ATTEMPT_MS = 2_000;

/** Promise: what was acknowledged is with whoever becomes the primary, and who has something else is told so. */
describe.each(mysqlServersHere)('%s', (name) => {
  const { signal } = new AbortController();
  const servers: ReplicatingServer[] = [];
  afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.stop()))));

  const follow = (server: ReplicatingServer, upstream: ReplicatingServer, acknowledges = true): Promise<void> =>
    attach(
      server.sessions,
      { upstream: upstream.endpoint, user: roles.replication, password: PASSWORD, acknowledges },
      signal,
    );

  /** A primary under epoch 1, and its replicas. */
  async function group(count: number): Promise<readonly ReplicatingServer[]> {
    const indexes = Array.from({ length: count }, (_, index) => index + 1);
    servers.push(...(await Promise.all(indexes.map((index) => startReplicating(name, index)))));
    const [primary, ...replicas] = servers as [ReplicatingServer, ...ReplicatingServer[]];
    await makeRepository(primary);
    await stamp(primary, 1);
    for (const replica of replicas) {
      await makeReadOnly(replica.sessions, { writers: 'nobody' });
      await follow(replica, primary);
    }
    await requireAcknowledgements(primary.admin, 1);
    return servers;
  }

  const none = { required: 0, members: [] };
  const some = { required: 1, members: ['any'] };

  const stamp = async (server: ReplicatingServer, epoch: number): Promise<void> =>
    writeEpoch(
      { connection: await server.asAgent(), synchronous: none, signal },
      { epoch, uidGap: 0, member: server.member },
    );

  const write = (server: ReplicatingServer, times = 1): Promise<unknown> =>
    server.sql(...Array.from({ length: times }, () => 'INSERT INTO imap.t (by_whom) VALUES (1)'));

  const rows = async (server: ReplicatingServer): Promise<number> =>
    Number((await server.sql('SELECT COUNT(*) AS n FROM imap.t'))[0]?.n);

  const stopApplier = (server: ReplicatingServer): Promise<unknown> =>
    server.sql(`STOP ${wordsOf[server.kind].replica} SQL_THREAD`);

  const level = (server: ReplicatingServer, upstream: ReplicatingServer): Promise<void> =>
    expect
      .poll(async () => {
        const [own, theirs] = [await standingOf(server.admin), await standingOf(upstream.admin)];
        return holdsPosition(own.applied, theirs.applied);
      })
      .toBe(true);

  const received = (server: ReplicatingServer, upstream: ReplicatingServer): Promise<void> =>
    expect
      .poll(async () => {
        const [own, theirs] = [await standingOf(server.admin), await standingOf(upstream.admin)];
        return holdsPosition(own.received, theirs.applied);
      })
      .toBe(true);

  const compare = async (server: ReplicatingServer, upstream: ReplicatingServer): Promise<string> => {
    const own = await readOwnEnd(await server.asAgent(), AbortSignal.timeout(2_000));
    return compareLogs(own, await readUpstreamLog(await upstream.asAgent()));
  };

  test('a replica is detached from an upstream that hangs, and has all that it acknowledged', async () => {
    const [primary, kept, dropped] = (await group(3)) as [ReplicatingServer, ReplicatingServer, ReplicatingServer];
    await Promise.all([level(kept, primary), level(dropped, primary)]);
    await Promise.all([stopApplier(kept), stopApplier(dropped)]);
    await write(primary, 5);
    await Promise.all([received(kept, primary), received(dropped, primary)]);
    process.kill(primary.pid, 'SIGSTOP');

    const begin = performance.now();
    await stopReceiver(kept.sessions, signal);
    expect(performance.now() - begin).toBeLessThan(SOON_MS);
    const { received: detached } = await standingOf(kept.admin);
    expect(holdsPosition(await awaitApplied(kept.admin, signal), detached)).toBe(true);
    expect(await rows(kept)).toBe(5);

    // The same without the remedy: both halves have stopped when one is started.
    const { replica } = wordsOf[dropped.kind];
    await dropped.sql(`STOP ${replica}`);
    await dropped.sql(`START ${replica} SQL_THREAD`);
    await pause(500);
    expect(await rows(dropped)).toBe(dropped.kind === 'mariadb' ? 0 : 5);
  });

  test('a receiver that tries to reach an upstream that hangs is stopped after that attempt', async () => {
    const [primary, replica] = (await group(2)) as [ReplicatingServer, ReplicatingServer];
    process.kill(primary.pid, 'SIGSTOP');
    await expect.poll(async () => (await readReplicaStatus(replica.admin))?.receiver).toBe('connecting');
    // In the middle of an attempt.
    await pause(1_300);
    const begin = performance.now();
    await stopReceiver(replica.sessions, signal);
    expect(performance.now() - begin).toBeLessThan(ATTEMPT_MS + SOON_MS);
  });

  test('half a transaction that was received does not hold up a promotion', async () => {
    const [primary, next, other] = (await group(3)) as [ReplicatingServer, ReplicatingServer, ReplicatingServer];
    await primary.sql('CREATE TABLE imap.big (id INT PRIMARY KEY, data LONGBLOB)');
    await write(primary);
    await Promise.all([level(next, primary), level(other, primary)]);
    // A compressed transaction is a number, and one event with all the rest.
    const some = primary.kind === 'mysql' ? 0 : 1e6;
    const half = async (server: ReplicatingServer): Promise<void> => {
      const { position } = await logPosition(server);
      await expect
        .poll(async () => (await logPosition(server)).position - position, { interval: 2 })
        .toBeGreaterThan(some);
      await stopReceiver(server.sessions, signal);
    };
    const both = Promise.all([half(next), half(other)]);
    void settled(insertLarge(await primary.asAgent()));
    await both;
    const begin = performance.now();
    await promoteServer(next.sessions, signal);
    expect(performance.now() - begin).toBeLessThan(SOON_MS);
    expect(await next.sql('SELECT COUNT(*) AS n FROM imap.big')).toEqual([{ n: 0 }]);

    // The same without the remedy.
    const stopping = (await other.asAdmin()).batch([{ name: 'stop', text: `STOP ${wordsOf[other.kind].replica}` }]);
    void settled(stopping);
    const first = await Promise.race([stopping.then(() => 'stopped'), pause(3_000)]);
    expect(first).toBe(other.kind === 'mysql' ? 'elapsed' : 'stopped');
  });

  /** 64 MB that cannot be compressed, in one transaction. */
  async function insertLarge(session: MysqlConnection): Promise<void> {
    await session.batch([{ name: 'begin', text: 'START TRANSACTION' }]);
    for (let id = 0; id < 16; id += 1) {
      const values = [id, randomBytes(4_000_000)];
      await session.execute({ name: 'large', text: 'INSERT INTO big VALUES (?, ?)', values });
    }
    await session.batch([{ name: 'commit', text: 'COMMIT' }]);
  }

  async function logPosition(server: ReplicatingServer): Promise<{ readonly position: number }> {
    const status = await readReplicaStatus(server.admin);
    return { position: Number(status?.logPosition.split(' ')[1]) };
  }

  test('one is promoted, another follows it, and the old primary with its lost tail is told apart', async () => {
    const [old, next, other] = (await group(3)) as [ReplicatingServer, ReplicatingServer, ReplicatingServer];
    await write(old, 3);
    await Promise.all([level(next, old), level(other, old)]);
    await Promise.all([next, other].map(({ sessions }) => stopReceiver(sessions, signal)));
    // What nobody has; the client is told nothing.
    const lost = (await old.asAgent()).batch([{ name: 'lost', text: 'INSERT INTO t (by_whom) VALUES (9)' }]);
    void settled(lost);
    await promoteServer(next.sessions, signal);
    await promoteServer(next.sessions, signal);
    expect(await readReplicaStatus(next.admin)).toBeNull();
    await requireAcknowledgements(next.admin, 1);
    await letAllWrite(next.admin);
    expect(await compare(other, next)).toBe('follows');
    await follow(other, next);
    const barrier = writeBarrier({ connection: await next.asAgent(), synchronous: some, signal });
    await within(10_000, 'a barrier', barrier);
    await stamp(next, 2);
    await write(next, 2);
    await level(other, next);
    expect(await rows(other)).toBe(5);

    // Back as it is after a crash: what was written shows.
    await requireAcknowledgements(old.admin, 0);
    await lost;
    expect(await rows(old)).toBe(4);
    expect(await compare(old, next)).toBe('diverged');
    expect(await compare(other, next)).toBe('follows');

    // The same without asking. MySQL begins to send, and what it applies is a mixture.
    await follow(old, next);
    await expect.poll(() => verdict(old)).toBe('Diverged');
  });

  /** Of either half. */
  async function verdict(server: ReplicatingServer): Promise<string | null> {
    const status = await readReplicaStatus(server.admin);
    const failures = [status?.receiverFailure, status?.applierFailure].filter((each) => each != null);
    return failures.map(rebuildFor).find((each) => each !== null) ?? null;
  }

  test('a former primary without a lost tail follows as it is', async () => {
    const [old, next] = (await group(2)) as [ReplicatingServer, ReplicatingServer];
    await write(old, 3);
    await level(next, old);
    await promoteServer(next.sessions, signal);
    await letAllWrite(next.admin);
    await stamp(next, 2);
    await requireAcknowledgements(old.admin, 0);
    expect(await compare(old, next)).toBe('follows');
    await follow(old, next);
    await write(next, 2);
    await level(old, next);
    expect(await rows(old)).toBe(5);
    // And the other way round once more: its numbers go on.
    await promoteServer(old.sessions, signal);
    await stamp(old, 3);
    expect(await compare(next, old)).toBe('follows');
    await follow(next, old);
    await write(old);
    await level(next, old);
    expect(await rows(next)).toBe(6);
  });

  test('log is kept for who is away, and one who comes too late is told so', async () => {
    const [primary, near, away] = (await group(3)) as [ReplicatingServer, ReplicatingServer, ReplicatingServer];
    await level(away, primary);
    await stopReceiver(away.sessions, signal);
    const logs = async (): Promise<number> => (await primary.sql('SHOW BINARY LOGS')).length;
    for (let i = 0; i < 3; i += 1) {
      await write(primary, 3);
      await primary.sql('FLUSH BINARY LOGS');
    }
    await level(near, primary);
    const [near_, away_] = [(await standingOf(near.admin)).received, (await standingOf(away.admin)).received];
    const retainBytes = 1_000_000_000;
    const kept = await purgeLog(primary.admin, { received: [near_, away_], retainBytes });
    expect(await logs()).toBe(4);
    expect(kept).toBeGreaterThan(0);
    // To list a log a server opens all its files: not again while it has not grown by one.
    const known = new KnownLog();
    const lists = async (): Promise<number> =>
      Number((await primary.sql("SHOW GLOBAL STATUS LIKE 'Com_show_binlogs'"))[0]?.Value);
    expect(await purgeLog(primary.admin, { received: [near_, away_], retainBytes }, known)).toBe(kept);
    const listed = await lists();
    expect(await purgeLog(primary.admin, { received: [near_, away_], retainBytes }, known)).toBe(kept);
    expect(await lists()).toBe(listed);
    await primary.sql('FLUSH BINARY LOGS');
    const grown = await purgeLog(primary.admin, { received: [near_, away_], retainBytes }, known);
    expect(grown).toBeGreaterThan(kept);
    expect(await lists()).toBe(listed + 1);
    expect(await compare(away, primary)).toBe('follows');
    expect(await purgeLog(primary.admin, { received: [near_, null], retainBytes })).toBe(grown);
    expect(await logs()).toBe(5);

    // Not for longer than there is room.
    await expect.poll(async () => await purgeLog(primary.admin, { received: [near_, away_], retainBytes: 0 })).toBe(0);
    expect(await logs()).toBe(1);
    if (primary.kind === 'mysql') expect(await compare(away, primary)).toBe('logRemoved');
    await follow(away, primary);
    await expect.poll(() => verdict(away)).toBe('LogRemoved');
    expect(await rows(away)).toBe(0);
  });

  test('a COMMIT whose acknowledgement was lost with the connection goes on at the next write', async () => {
    const [primary, replica] = (await group(2)) as [ReplicatingServer, ReplicatingServer];
    await follow(replica, primary, false);
    const session = await primary.asAgent();
    const commit = session.batch([{ name: 'insert', text: 'INSERT INTO t (by_whom) VALUES (1)' }]);
    void settled(commit);
    await expect.poll(() => rows(replica)).toBe(1);
    const agent = await primary.asAgent();
    // Nobody is there to reply, once that was noticed: to write would be to wait.
    await expect.poll(async () => (await readSemiSync(primary.admin)).replicas).toBe(0);
    expect(await waitsInVain(agent)).toBe(false);
    await follow(replica, primary, true);
    // It is back, and has said nothing about what it has.
    expect(await Promise.race([commit.then(() => 'acknowledged'), pause(1_000)])).toBe('elapsed');
    expect(await waitsInVain(agent)).toBe(true);
    await within(5_000, 'the nudge', nudge(agent));
    await within(5_000, 'the COMMIT', commit);
    expect(await waitsInVain(agent)).toBe(false);
  });

  test('an applier that stopped by itself goes on, if it is not for good; in vain it is told so ever less often', async () => {
    const [primary, replica] = (await group(2)) as [ReplicatingServer, ReplicatingServer];
    await write(primary);
    await level(replica, primary);
    const look = async (revival: Revival): Promise<string | null> =>
      revival.look(replica.admin, await standingOf(replica.admin));
    const isApplying = async (): Promise<boolean | undefined> => (await readReplicaStatus(replica.admin))?.isApplying;
    const revival = new Revival({ firstMs: 30_000, mostMs: 30_000 });
    await endApplier(replica);
    await expect.poll(isApplying).toBe(false);
    await write(primary);
    await received(replica, primary);
    expect(await look(revival)).toBeNull();
    await level(replica, primary);

    // What is received cannot be written for a while.
    const variable = name === 'mariadb-10.11' ? 'tx_read_only' : 'transaction_read_only';
    await replica.sql(`SET GLOBAL ${variable} = 1`);
    await endApplier(replica);
    await expect.poll(isApplying).toBe(false);
    expect(await look(revival)).toBeNull();
    await write(primary);
    const errno = async (): Promise<number | undefined> =>
      (await readReplicaStatus(replica.admin))?.applierFailure?.errno;
    // MySQL's coordinator tells of its workers.
    const failing = { mariadb: 1_792, mysql: 13_117 }[replica.kind];
    await expect.poll(errno).toBe(failing);
    for (let i = 0; i < 10; i += 1) {
      expect(await look(revival)).toBeNull();
      expect(await errno()).toBe(failing);
    }
    await replica.sql(`SET GLOBAL ${variable} = 0`);
    expect(await look(new Revival({ firstMs: 30_000, mostMs: 30_000 }))).toBeNull();
    await level(replica, primary);

    // For good.
    await letAllWrite(replica.admin);
    await (await replica.asAgent()).batch([
      { name: 'log-off', text: 'SET SESSION sql_log_bin = 0' },
      { name: 'differ', text: 'DELETE FROM t' },
    ]);
    await primary.sql('UPDATE imap.t SET by_whom = 2');
    await expect.poll(() => verdict(replica)).toBe('Diverged');
    expect(await look(new Revival({ firstMs: 1, mostMs: 1 }))).not.toBeNull();
    await expect(awaitApplied(replica.admin, signal)).rejects.toMatchObject({ code: 'Diverged' });
    expect(await isApplying()).toBe(false);
  });

  async function endApplier(server: ReplicatingServer): Promise<void> {
    const which = {
      mariadb: "command = 'Slave_SQL'",
      mysql: "user = 'system user' AND state LIKE 'Replica has read all relay log%'",
    };
    const list = `SELECT id AS id FROM information_schema.processlist WHERE ${which[server.kind]}`;
    for (const { id } of await server.sql(list)) await server.sql(`KILL CONNECTION ${id}`);
  }
});
