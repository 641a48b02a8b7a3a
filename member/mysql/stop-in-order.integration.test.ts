import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { mysqlServersHereOf } from '#database/mysql/test-support/servers-here.ts';
import { roles } from '#database/roles.ts';
import { loadConfiguration } from '#runtime/configuration.ts';
import { pause } from '#runtime/deadline.ts';
import { createLogger } from '#runtime/logger.ts';
import { MemberConfiguration } from '../configuration.ts';
import { createEngine } from '../create-engine.ts';
import { Passwords } from '../passwords.ts';
import { askAs } from '../test-support/connect-as.ts';
import type { RunningMember } from '../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../test-support/start-repository.ts';

/**
 * Promise: a primary that is stopped in order has sent its replicas all it has, also what nobody had to acknowledge, so that one of them
 * can take over with everything; and where that is so already it does not wait for anybody, as all mail waits for it. A replica that is
 * stopped in order has applied what it has received, which it may have acknowledged, and MariaDB throws away at its next start; and it
 * receives nothing more by then.
 */
const servers = mysqlServersHereOf((name) => name === 'mariadb-10.11' || name === 'mysql-9.7');
/** Longer than a primary is given to say that it may be stopped. */
const HELD_MS = 4_000;
/**
 * MySQL waits two seconds for whoever it sends to. What else a stop takes is the machine's affair: 0.3 s of one that is at rest, seconds
 * of a busy one. So the same server's stop with nobody attached is the measure.
 */
const WAITED_MS = 1_500;
const MEBIBYTE = 1_024 ** 2;

const upstreamOf = ({ name: member, endpoint }: RunningMember) => ({ member, endpoint: { ...endpoint } });

describe.skipIf(servers.length === 0).each(servers)('%s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Async', engine });
    [primary, replica] = running.members as [RunningMember, RunningMember];
    await ask(primary, 'CREATE TABLE t (id INT PRIMARY KEY, body MEDIUMTEXT)');
  }, 120_000);
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const socketOf = (member: RunningMember) => {
    const socketPath = join(dirname(member.dataDirectory), 'socket', `server.${member.endpoint.port}.sock`);
    return { endpoint: { socketPath }, user: roles.admin, password: running.passwords.admin };
  };
  const msToStop = async () => {
    const began = performance.now();
    await primary.client.order(1, { kind: 'stop', mode: 'fast' });
    return performance.now() - began;
  };
  const ids = () => ask(replica, 'SELECT id FROM t ORDER BY id').catch(String);

  test('it has sent what a replica had no time for', async () => {
    await ask(primary, "INSERT INTO t VALUES (0, '')");
    await expect.poll(ids).toEqual([{ id: 0 }]);
    const { serverPid } = await replica.client.status();
    process.kill(serverPid ?? 0, 'SIGSTOP');
    // More than sockets take, and not to be compressed to less.
    for (let id = 1; id <= 16; id += 1)
      await ask(primary, `INSERT INTO t VALUES (${id}, '${randomBytes(MEBIBYTE).toString('base64')}')`);
    const stopped = primary.client.order(1, { kind: 'stop', mode: 'fast' });
    await pause(200);
    process.kill(serverPid ?? 0, 'SIGCONT');
    await stopped;
    await replica.client.order(1, { kind: 'detach' });
    await replica.client.order(1, { kind: 'catchUp' });
    expect(await ids()).toEqual(Array.from({ length: 17 }, (_, id) => ({ id })));
  }, 60_000);

  test('whoever has been sent everything does not hold it up, and follows again', async () => {
    await primary.client.order(1, { kind: 'grant' });
    const alone = await msToStop();
    await primary.client.order(1, { kind: 'grant' });
    await replica.client.order(1, { kind: 'follow', upstream: upstreamOf(primary) });
    await primary.client.until(({ replication }) => replication?.standbys.some(({ streaming }) => streaming) === true);
    expect((await msToStop()) - alone).toBeLessThan(WAITED_MS);
    await primary.client.order(1, { kind: 'grant' });
    await ask(primary, "INSERT INTO t VALUES (17, '')");
    await expect.poll(async () => (await ids()).at(-1)).toEqual({ id: 17 });
  }, 60_000);

  test('a replica that is seconds behind applies what it has received before it is stopped', async () => {
    const session = await openConnection({ ...socketOf(replica), role: 'admin' });
    const run = (text: string) => session.batch([{ name: 'test', text }]);
    await run(`USE ${running.database}`);
    await run('LOCK TABLES t READ');
    await ask(primary, "UPDATE t SET body = 'late' WHERE id = 17");
    const isReceived = ({ replication }: AgentReport) => replication?.received !== replication?.applied;
    await replica.client.until(isReceived);
    const stopped = replica.closeStdin();
    await pause(HELD_MS);
    await primary.client.order(1, { kind: 'stop', mode: 'kill' });
    await run('UNLOCK TABLES');
    session.abandon();
    await stopped;
    await replica.startAgent();
    await replica.client.until(({ state }) => state === 'running');
    expect(await ask(replica, 'SELECT body FROM t WHERE id = 17')).toEqual([{ body: 'late' }]);
    await primary.client.order(1, { kind: 'grant' });
    await replica.client.order(1, { kind: 'follow', upstream: upstreamOf(primary) });
  }, 60_000);

  test('once it has applied everything nobody has it follow its upstream again', async () => {
    // Another agent's half in its place, which does all at the one moment at which it could.
    process.kill(replica.agentPid(), 'SIGSTOP');
    const file = join(dirname(replica.dataDirectory), 'member.json');
    const configuration = await loadConfiguration(file, MemberConfiguration);
    const passwords = new Passwords(configuration.secretsFile, createLogger({ program: 'test', level: 'silent' }));
    const half = createEngine(configuration, passwords);
    const limit = AbortSignal.timeout(30_000);
    const upstream = upstreamOf(primary);
    const synchronous = { required: 0, members: [] };
    try {
      await half.applyPosture({ access: 'reading', upstream, synchronous, retainBytes: 0 }, limit);
      const isFollowing = async () => (await half.observe(limit)).replication.upstream?.streaming;
      await expect.poll(isFollowing).toBe(true);
      expect(await half.mayStopGently(limit)).toBe(true);
      await half.reserve(upstream, limit);
      expect(await isFollowing()).toBe(false);
      // Of the server that is started next.
      half.forget();
      await half.reserve(upstream, limit);
      await expect.poll(isFollowing).toBe(true);
    } finally {
      half.forget();
      passwords.close();
      process.kill(replica.agentPid(), 'SIGCONT');
    }
  }, 60_000);
});
