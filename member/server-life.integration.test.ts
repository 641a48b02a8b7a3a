import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { serverProcesses } from './supervisor/server-processes.ts';
import { askAs, openAs } from './test-support/connect-as.ts';
import { engineWords } from './test-support/engine-words.ts';
import { serverPrograms } from './test-support/server-programs.ts';
import { type RunningMember, startMembers } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

/** How the agent stands by one server: its death, its hanging, the agent's own death, and what never starts. */
describe.each(enginesUnderTest)('a primary and a replica of %s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;

  beforeAll(async () => {
    running = await startRepository({
      members: 2,
      durability: 'Async',
      engine,
      configuration: { restart: { primaryAfterMs: 200 } },
    });
    [primary, replica] = running.members as [RunningMember, RunningMember];
  }, 120_000);
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const upstream = (member: RunningMember) => ({ member: member.name, endpoint: { ...member.endpoint } });
  const serves = (report: AgentReport) => report.grantedEpoch !== null && report.replication !== null;

  test('kill -9 is on the stream within milliseconds; the server comes back shut until a grant', async () => {
    const { serverPid } = await primary.client.until(serves);
    const seen: { at: number; report: AgentReport }[] = [];
    const back = primary.client.until((report) => {
      seen.push({ at: performance.now(), report });
      return seen.some((s) => s.report.state === 'exited') && report.state === 'running';
    });
    await expect.poll(() => seen.length).toBeGreaterThan(0);
    const killedAt = performance.now();
    process.kill(serverPid ?? 0, 'SIGKILL');
    expect(await back).toMatchObject({ fence: 'NoGrant', grantedEpoch: null });
    const exit = seen.find((s) => s.report.state === 'exited');
    expect(exit?.report.exit).toMatchObject({ signal: 'SIGKILL' });
    // A heartbeat comes each second only: this one did not wait for it. (Milliseconds on a quiet machine.)
    expect((exit?.at ?? 0) - killedAt).toBeLessThan(400);
    await expect(ask(primary, 'SELECT 1')).rejects.toThrow(engineWords[running.engine].shut);
    await primary.client.order(1, { kind: 'grant' });
    await ask(primary, 'CREATE TABLE t (id int)');
  });

  test('a replica that dies comes back by itself and streams', async () => {
    const { serverPid } = await replica.client.until((r) => r.replication?.upstream?.streaming === true);
    process.kill(serverPid ?? 0, 'SIGKILL');
    const again = await replica.client.until(
      (r) => r.serverPid !== serverPid && r.replication?.upstream?.streaming === true,
    );
    expect(again).toMatchObject({ fence: null, replication: { role: 'replica' } });
  });

  test('a main process that is stopped counts as failing although old sessions still answer, where those are others', async () => {
    const session = await openAs('mail', primary, running);
    const { serverPid } = await primary.client.until(serves);
    process.kill(serverPid ?? 0, 'SIGSTOP');
    try {
      // MariaDB and MySQL are one process.
      if (engine === 'postgresql') expect((await session.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      const report = await primary.client.until((r) => r.probe.consecutiveFailures >= 2);
      expect(report).toMatchObject({ state: 'running', probe: { failure: 'timeout' } });
    } finally {
      process.kill(serverPid ?? 0, 'SIGCONT');
    }
    await primary.client.until((r) => r.probe.consecutiveFailures === 0);
    await session.end();
  });

  test('a server that hangs whole is seen by its replica, and stop kill ends every process of it', async () => {
    const pids = await serverProcesses(primary.dataDirectory);
    expect(pids.length).toBeGreaterThan(engine === 'postgresql' ? 3 : 0);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const begin = performance.now();
    const witness = await replica.client.until((r) => r.replication?.upstream?.streaming !== true);
    expect(witness.probe.failure).toBeNull();
    expect(performance.now() - begin).toBeLessThan(6000);
    // Fenced by ending it: it obeys nothing.
    await primary.client.order(1, { kind: 'fence', reason: 'Demoted' });
    expect(await primary.client.status()).toMatchObject({ state: 'stopped', fence: 'Demoted' });
    await primary.client.order(1, { kind: 'stop', mode: 'kill' });
    expect(await serverProcesses(primary.dataDirectory)).toEqual([]);
    await primary.client.order(1, { kind: 'grant' });
    expect(await ask(primary, 'SELECT id FROM t')).toEqual([]);
    await replica.client.until((r) => r.replication?.upstream?.streaming === true);
  });

  test('what was counted against a server that hung is not held against the one started after it', async () => {
    const { serverPid } = await primary.client.until(serves);
    for (const pid of await serverProcesses(primary.dataDirectory)) process.kill(pid, 'SIGSTOP');
    await primary.client.until((report) => report.probe.consecutiveFailures >= 3);
    const first = primary.client.until((report) => report.state === 'running' && report.serverPid !== serverPid);
    await primary.client.order(1, { kind: 'stop', mode: 'kill' });
    await primary.client.order(1, { kind: 'grant' });
    // One probe of its own may have failed by now, on a busy machine.
    expect((await first).probe.consecutiveFailures).toBeLessThan(2);
    await replica.client.until((r) => r.replication?.upstream?.streaming === true);
  });

  test('detached stays detached over a restart of the agent, and follows again when told', async () => {
    const before = await replica.client.order(1, { kind: 'detach' });
    await ask(primary, 'INSERT INTO t VALUES (1)');
    await replica.killAgent();
    await replica.startAgent();
    const report = await replica.client.until((r) => r.replication !== null);
    expect(report.replication).toMatchObject({ role: 'replica', upstream: null });
    const still = await replica.client.order(1, { kind: 'detach' });
    expect(still.applied).toBe(before.applied);
    await replica.client.order(1, { kind: 'follow', upstream: upstream(primary) });
    await expect.poll(() => ask(replica, 'SELECT id FROM t')).toEqual([{ id: 1 }]);
  });

  test('an agent that was killed ends the server it left behind and starts it shut', async () => {
    const { serverPid, bootId } = await primary.client.until(serves);
    await primary.killAgent();
    // Nobody supervises it, and it serves on: exactly what the next agent must not trust.
    expect(await ask(primary, 'SELECT id FROM t')).toEqual([{ id: 1 }]);
    await primary.startAgent();
    const report = await primary.client.until((r) => r.replication !== null);
    expect(report).toMatchObject({ state: 'running', fence: 'NoGrant', grantedEpoch: null, highestEpoch: 1 });
    expect(report.serverPid).not.toBe(serverPid);
    expect(report.bootId).not.toBe(bootId);
    expect(await serverProcesses(primary.dataDirectory)).not.toContain(serverPid);
    await primary.client.order(1, { kind: 'grant' });
  });

  // By slots: the others keep whole files, as long as somebody needs them (database/mysql/replication/purge-plan.test.ts).
  if (engine === 'postgresql') {
    test('log that a replica still needs is kept for it, and no more than the bound', async () => {
      await primary.client.order(1, { kind: 'keepFor', members: ['a1', 'a7'], retainBytes: 64 * 1024 * 1024 });
      const slots = 'SELECT slot_name FROM pg_replication_slots ORDER BY 1';
      expect(await ask(primary, slots)).toEqual([{ slot_name: 'member_a1' }, { slot_name: 'member_a7' }]);
      await primary.client.order(1, { kind: 'keepFor', members: ['a1'], retainBytes: 32 * 1024 * 1024 });
      expect(await ask(primary, slots)).toEqual([{ slot_name: 'member_a1' }]);
      // A replica keeps log for the primary, too, and moves on as the primary does.
      const own = "SELECT restart_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = 'member_a0'";
      const [before] = await ask(replica, own);
      await ask(primary, 'INSERT INTO t SELECT generate_series(1, 1000)');
      await expect.poll(() => ask(replica, own), { timeout: 10_000 }).not.toEqual([before]);
    });
  }

  test('the end of standard input ends agent and server', async () => {
    await replica.closeStdin();
    expect(await serverProcesses(replica.dataDirectory)).toEqual([]);
    await expect(access(join(replica.dataDirectory, engineWords[running.engine].pidFile))).rejects.toThrow('ENOENT');
  });
});

const nonsense = {
  postgresql: { parameter: 'shared_buffers', said: 'invalid value for parameter "shared_buffers": "a lot"' },
  mariadb: { parameter: 'innodb_buffer_pool_size', said: "(value 'a lot')" },
  mysql: { parameter: 'innodb_buffer_pool_size', said: "(value 'a lot')" },
} as const;

test.each(enginesUnderTest)('a server of %s that does not start gives its last words', async (engine) => {
  const { parameter, said } = nonsense[(await serverPrograms(engine)).engine];
  await using running = await startMembers({ members: 1, engine, parameters: { [parameter]: 'a lot' } });
  const [member] = running.members as [RunningMember];
  const answer = await member.client.send(1, { kind: 'initialize' });
  expect(answer).toMatchObject({ status: 500, body: { code: 'ServerStartFailed' } });
  expect(answer.body.message).toContain(said);
  const report = await member.client.status();
  expect(report.state).toBe('exited');
  expect(report.exit?.lastLog.join('\n')).toContain(said);
});
