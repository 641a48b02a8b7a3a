import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { pause } from '#runtime/deadline.ts';
import { serverProcesses } from './supervisor/server-processes.ts';
import type { RunningMember } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

/** Promise: a server whose start hangs is killed and started again; one whose recovery lasts is not. Recovery is held by a file. */
const HUNG_AFTER_MS = 1000;
let running: RunningRepository;
let replica: RunningMember;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-hung-'));
  await chmod(folder, 0o755);
  running = await startRepository({
    members: 2,
    durability: 'Async',
    configuration: { start: { hungAfterMs: HUNG_AFTER_MS }, restart: { replicaAfterMs: 500 } },
    parameters: { restore_command: `while test -e ${hold()}; do sleep 0.02; done; false` },
  });
  [replica] = running.replicas as [RunningMember];
}, 120_000);
afterAll(async () => {
  await running?.stop();
  await rm(folder, { recursive: true, force: true });
});

const hold = (): string => join(folder, 'hold');
const streams = ({ state, replication }: AgentReport): boolean =>
  state === 'running' && replication?.upstream?.streaming === true;

test.runIf(process.platform === 'linux')(
  'a recovery that lasts is left alone; halted, it is killed and started again',
  async () => {
    await writeFile(hold(), '');
    const before = await replica.client.until(streams);
    process.kill(before.serverPid ?? 0, 'SIGKILL');
    const isAnother = ({ state, serverPid }: AgentReport) =>
      state === 'starting' && serverPid !== null && serverPid !== before.serverPid;
    const { serverPid } = await replica.client.until(isAnother);
    await pause(4 * HUNG_AFTER_MS);
    expect(await replica.client.status()).toMatchObject({ state: 'starting', serverPid });
    const killed = replica.client.until(({ state }) => state === 'exited');
    for (const pid of await serverProcesses(replica.dataDirectory)) process.kill(pid, 'SIGSTOP');
    const { exit } = await killed;
    expect(exit).toMatchObject({ signal: 'SIGKILL' });
    expect(exit?.lastLog.at(-1)).toMatch(/^imapcluster: killed, for it did not start and did nothing for \d+ s$/);
    expect(replica.agentLog()).toContain('"code":"ServerStartHung"');
    await rm(hold());
    await replica.client.until(streams);
  },
);
