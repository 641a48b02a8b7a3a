import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { askAs } from './test-support/connect-as.ts';
import { engineWords } from './test-support/engine-words.ts';
import { type SilentProxy, startSilentProxy } from './test-support/silent-proxy.ts';
import { type HeldStart, StartHolder } from './test-support/start-holder.ts';
import type { RunningMember } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

/**
 * Promise: a server whose start was given up for a command that goes ahead (a failover begins while it recovers) is one that runs as
 * soon as it takes connections, and goes by what was decided meanwhile.
 */
const streams = ({ state, replication }: AgentReport): boolean =>
  state === 'running' && replication?.upstream?.streaming === true;

describe.each(enginesUnderTest)('%s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;
  let holder: StartHolder;
  let address: SilentProxy;
  let epoch = 1;

  beforeAll(async () => {
    holder = await StartHolder.create(engine);
    running = await startRepository({
      members: 2,
      durability: 'Async',
      engine,
      configuration: { restart: { primaryAfterMs: 200 } },
      parameters: holder.parameters,
    });
    primary = running.primary;
    [replica] = running.replicas as [RunningMember];
    address = await startSilentProxy(primary.endpoint.port);
    await ask(primary, 'CREATE TABLE t (id int PRIMARY KEY)');
  }, 120_000);
  afterAll(async () => {
    address?.close();
    await running?.stop();
    await holder?.[Symbol.asyncDispose]();
  });

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const at = (port: number) => ({ member: primary.name, endpoint: { host: '127.0.0.1', port } });

  async function holdReplica(): Promise<HeldStart> {
    await replica.client.until(streams);
    return await holder.killAndHold(replica, 'replica');
  }

  test('one that recovers when a failover begins is detached as soon as it is there, and follows again', async () => {
    const { release } = await holdReplica();
    epoch += 1;
    expect(await replica.client.send(epoch, { kind: 'detach' })).toMatchObject({ body: { code: 'NotRunning' } });
    await release();
    // Of itself, and without an upstream: nobody has told it again.
    const there = (report: AgentReport) => report.state === 'running' && report.replication?.upstream === null;
    await replica.client.until(there);
    await replica.client.order(epoch, { kind: 'detach' });
    await replica.client.order(epoch, { kind: 'follow', upstream: at(primary.endpoint.port) });
    await replica.client.until(streams);
  });

  test('one that is told to follow while it recovers follows there, not where it was started for', async () => {
    await replica.client.order(epoch, { kind: 'follow', upstream: at(Number(new URL(address.url).port)) });
    const { release } = await holdReplica();
    epoch += 1;
    const followed = replica.client.order(epoch, { kind: 'follow', upstream: at(primary.endpoint.port) });
    await release();
    await followed;
    address.close();
    await ask(primary, 'INSERT INTO t VALUES (1)');
    const arrived = () => ask(replica, 'SELECT id FROM t');
    await expect.poll(arrived, { timeout: 10_000 }).toEqual([{ id: 1 }]);
    expect(replica.agentLog()).not.toContain('"Unexpected"');
  });

  test('a primary that starts when a command of a higher epoch comes runs all the same, and is granted', async () => {
    const { release } = await holder.killAndHold(primary, 'primary');
    epoch += 1;
    const stamped = await primary.client.send(epoch, { kind: 'stamp', epoch, uidGap: 0 });
    expect(stamped).toMatchObject({ body: { code: 'NotRunning' } });
    await release();
    await primary.client.until(({ state }) => state === 'running');
    await primary.client.order(epoch, { kind: 'grant' });
    await ask(primary, 'INSERT INTO t VALUES (2)');
  });

  test('a grant waits for a server that another command has begun to start', async () => {
    const { release } = await holder.killAndHold(primary, 'primary');
    epoch += 1;
    const granted = primary.client.send(epoch, { kind: 'grant' });
    await primary.client.until(({ highestEpoch }) => highestEpoch === epoch);
    await release();
    expect(await granted).toMatchObject({ status: 200 });
    await ask(primary, 'INSERT INTO t VALUES (3)');
  });

  test('a fence of a primary that starts leaves it be: it lets nobody in, and is not there sooner if it starts anew', async () => {
    const { serverPid, release } = await holder.killAndHold(primary, 'primary');
    epoch += 1;
    await primary.client.order(epoch, { kind: 'fence', reason: 'Demoted' });
    expect(await primary.client.status()).toMatchObject({ state: 'starting', serverPid, fence: 'Demoted' });
    await release();
    expect(await primary.client.until(({ state }) => state === 'running')).toMatchObject({
      serverPid,
      fence: 'Demoted',
    });
    await expect(ask(primary, 'SELECT 1')).rejects.toThrow(engineWords[running.engine].shut);
    await primary.client.order(epoch, { kind: 'grant' });
    await ask(primary, 'INSERT INTO t VALUES (4)');
  });
});
