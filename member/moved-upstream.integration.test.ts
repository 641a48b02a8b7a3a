import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { askAs } from './test-support/connect-as.ts';
import { engineWords } from './test-support/engine-words.ts';
import { type SilentProxy, startSilentProxy } from './test-support/silent-proxy.ts';
import type { RunningMember } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

/**
 * Promise: when the primary is reached under another address at the same epoch (its pod was replaced), one `follow` brings a
 * replica there, whatever its receiver is doing at the old address: streaming from a host that fell silent, or waiting for
 * an answer to its greeting.
 */
describe.each(enginesUnderTest)('%s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;
  let old: SilentProxy;

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Async', engine });
    primary = running.primary;
    [replica] = running.replicas as [RunningMember];
    await askAs('mail', { member: primary, running }, 'CREATE TABLE t (id int PRIMARY KEY)');
  }, 120_000);
  afterAll(async () => {
    old?.close();
    await running?.stop();
  });

  const streams = (report: AgentReport): boolean =>
    report.state === 'running' &&
    report.replication?.upstream?.streaming === true &&
    (report.replication.upstream.silentMs ?? 0) < 3_000;
  const arrived = async (id: number): Promise<unknown[]> =>
    await askAs('mail', { member: replica, running }, `SELECT id FROM t WHERE id = ${id}`);

  async function followAt(port: number): Promise<void> {
    const upstream = { member: primary.name, endpoint: { host: '127.0.0.1', port } };
    await replica.client.order(running.epoch, { kind: 'follow', upstream });
    // The newest report may still tell of the old address.
    await replica.client.until((report) => streams(report) && report.replication?.upstream?.endpoint?.port === port);
  }
  /** The primary is streamed from under an address that then falls silent. */
  async function followOldAddress(): Promise<void> {
    old?.close();
    old = await startSilentProxy(primary.endpoint.port);
    await followAt(Number(new URL(old.url).port));
  }

  test('a receiver that hears nothing any more goes to the new address', async () => {
    await followOldAddress();
    old.silence();
    await askAs('mail', { member: primary, running }, 'INSERT INTO t VALUES (1)');
    await replica.client.until((report) => !streams(report));
    await followAt(primary.endpoint.port);
    await expect.poll(() => arrived(1)).toEqual([{ id: 1 }]);
  });

  test('a receiver that waits for an answer to its greeting goes there too', async () => {
    await followOldAddress();
    old.silence();
    const { serverPid } = await replica.client.status();
    process.kill(serverPid ?? 0, 'SIGKILL');
    await replica.client.until((report) => report.state === 'running' && report.serverPid !== serverPid);
    await askAs('mail', { member: primary, running }, 'INSERT INTO t VALUES (2)');
    await followAt(primary.endpoint.port);
    await expect.poll(() => arrived(2)).toEqual([{ id: 2 }]);
  });

  test('a server starts although its last one left a process number that is somebody else by now', async () => {
    const folder = join(dirname(replica.dataDirectory), 'socket');
    const sockets = (await readdir(folder)).filter((name) => !name.endsWith('.lock'));
    expect(sockets).toHaveLength(1);
    await replica.client.order(running.epoch, { kind: 'stop', mode: 'fast' });
    // As in a new container, where numbers begin anew. Another agent's process is one of the same user.
    const note = `${primary.agentPid()}\n${replica.dataDirectory}\n`;
    await writeFile(join(replica.dataDirectory, engineWords[running.engine].pidFile), note);
    for (const socket of sockets) await writeFile(join(folder, `${socket}.lock`), note);
    await followAt(primary.endpoint.port);
  });
});
