import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { askAs } from './test-support/connect-as.ts';
import { type SilentProxy, startSilentProxy } from './test-support/silent-proxy.ts';
import type { RunningMember } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

/**
 * Promise: a server whose start was given up for a command that goes ahead (a failover begins while it recovers) is one that runs as
 * soon as it takes connections, and goes by what was decided meanwhile. Recovery is held for as long as a file is there.
 */
let running: RunningRepository;
let primary: RunningMember;
let replica: RunningMember;
let folder: string;
let address: SilentProxy;
let epoch = 1;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-hold-'));
  await chmod(folder, 0o755);
  running = await startRepository({
    members: 2,
    durability: 'Async',
    configuration: { restart: { primaryAfterMs: 200 } },
    parameters: {
      restore_command: `while test -e ${hold()}; do sleep 0.02; done; false`,
      external_pid_file: PID_FILE,
    },
  });
  primary = running.primary;
  [replica] = running.replicas as [RunningMember];
  address = await startSilentProxy(primary.endpoint.port);
  await askAs('mail', { member: primary, running }, 'CREATE TABLE t (id int PRIMARY KEY)');
}, 120_000);
afterAll(async () => {
  address?.close();
  await running?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** In the data directory. */
const PID_FILE = 'number';
const hold = (): string => join(folder, 'hold');
const streams = ({ state, replication }: AgentReport): boolean =>
  state === 'running' && replication?.upstream?.streaming === true;
const at = (port: number) => ({ member: primary.name, endpoint: { host: '127.0.0.1', port } });

/** The replica ends, is started again by its agent, and does not get on. */
async function killIntoRecovery(): Promise<void> {
  await writeFile(hold(), '');
  const { serverPid } = await replica.client.until(streams);
  process.kill(serverPid ?? 0, 'SIGKILL');
  await replica.client.until((report) => report.state === 'starting' && report.serverPid !== serverPid);
}

test('one that recovers when a failover begins is detached as soon as it is there, and follows again', async () => {
  await killIntoRecovery();
  epoch += 1;
  expect(await replica.client.send(epoch, { kind: 'detach' })).toMatchObject({ body: { code: 'NotRunning' } });
  await rm(hold());
  // Of itself, and without an upstream: nobody has told it again.
  const there = (report: AgentReport) => report.state === 'running' && report.replication?.upstream === null;
  await replica.client.until(there);
  await replica.client.order(epoch, { kind: 'detach' });
  await replica.client.order(epoch, { kind: 'follow', upstream: at(primary.endpoint.port) });
  await replica.client.until(streams);
});

test('one that is told to follow while it recovers follows there, not where it was started for', async () => {
  await replica.client.order(epoch, { kind: 'follow', upstream: at(Number(new URL(address.url).port)) });
  await killIntoRecovery();
  epoch += 1;
  const followed = replica.client.order(epoch, { kind: 'follow', upstream: at(primary.endpoint.port) });
  await rm(hold());
  await followed;
  address.close();
  await askAs('mail', { member: primary, running }, 'INSERT INTO t VALUES (1)');
  const arrived = () => askAs('mail', { member: replica, running }, 'SELECT id FROM t');
  await expect.poll(arrived, { timeout: 10_000 }).toEqual([{ id: 1 }]);
  expect(replica.agentLog()).not.toContain('"Unexpected"');
});

/** PostgreSQL writes its number there early in its start, and waits for a reader where that is a pipe. */
async function killIntoHeldStart(): Promise<{ readonly release: () => Promise<unknown> }> {
  const pipe = join(primary.dataDirectory, PID_FILE);
  await rm(pipe);
  await promisify(execFile)('mkfifo', ['--mode=666', pipe]);
  const { serverPid } = await primary.client.until(({ state }) => state === 'running');
  process.kill(serverPid ?? 0, 'SIGKILL');
  await primary.client.until((report) => report.state === 'starting' && report.serverPid !== serverPid);
  return { release: () => readFile(pipe) };
}

test('a primary that starts when a command of a higher epoch comes runs all the same, and is granted', async () => {
  const { release } = await killIntoHeldStart();
  epoch += 1;
  const stamped = await primary.client.send(epoch, { kind: 'stamp', epoch, uidGap: 0 });
  expect(stamped).toMatchObject({ body: { code: 'NotRunning' } });
  await release();
  await primary.client.until(({ state }) => state === 'running');
  await primary.client.order(epoch, { kind: 'grant' });
  await askAs('mail', { member: primary, running }, 'INSERT INTO t VALUES (2)');
});

test('a grant waits for a server that another command has begun to start', async () => {
  const { release } = await killIntoHeldStart();
  epoch += 1;
  const granted = primary.client.send(epoch, { kind: 'grant' });
  await primary.client.until(({ highestEpoch }) => highestEpoch === epoch);
  await release();
  expect(await granted).toMatchObject({ status: 200 });
  await askAs('mail', { member: primary, running }, 'INSERT INTO t VALUES (3)');
});

test('a fence of a primary that starts leaves it be: it lets nobody in, and is not there sooner if it starts anew', async () => {
  const { release } = await killIntoHeldStart();
  const { serverPid } = await primary.client.until((report) => report.serverPid !== null);
  epoch += 1;
  await primary.client.order(epoch, { kind: 'fence', reason: 'Demoted' });
  expect(await primary.client.status()).toMatchObject({ state: 'starting', serverPid, fence: 'Demoted' });
  await release();
  expect(await primary.client.until(({ state }) => state === 'running')).toMatchObject({ serverPid, fence: 'Demoted' });
  await expect(askAs('mail', { member: primary, running }, 'SELECT')).rejects.toThrow('pg_hba.conf');
  await primary.client.order(epoch, { kind: 'grant' });
  await askAs('mail', { member: primary, running }, 'INSERT INTO t VALUES (4)');
});
