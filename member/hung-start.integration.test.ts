import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { pause } from '#runtime/deadline.ts';
import { serverProcesses } from './supervisor/server-processes.ts';
import { StartHolder } from './test-support/start-holder.ts';
import type { RunningMember } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

/** Promise: a server whose start hangs is killed and started again; one whose recovery lasts is not. */
const HUNG_AFTER_MS = 1000;
/** Theirs write more when they start, and wait for the disk. */
const OTHERS_HUNG_AFTER_MS = 3000;

/** Of a machine that has much else to do. */
const SOON_MS = 60_000;

const streams = ({ state, replication }: AgentReport): boolean =>
  state === 'running' && replication?.upstream?.streaming === true;

/** What PostgreSQL waits by are programs that end by themselves. */
function halt(pid: number): void {
  try {
    process.kill(pid, 'SIGSTOP');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

// Elsewhere it is not known what a server does.
describe.runIf(process.platform === 'linux').each(enginesUnderTest)('%s', (engine) => {
  const hungAfterMs = engine === 'postgresql' ? HUNG_AFTER_MS : OTHERS_HUNG_AFTER_MS;
  let running: RunningRepository;
  let replica: RunningMember;
  let holder: StartHolder;

  beforeAll(async () => {
    holder = await StartHolder.create(engine);
    running = await startRepository({
      members: 2,
      durability: 'Async',
      engine,
      configuration: { start: { hungAfterMs }, restart: { replicaAfterMs: 500 } },
      parameters: holder.parameters,
    });
    [replica] = running.replicas as [RunningMember];
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await holder?.[Symbol.asyncDispose]();
  });

  test('a recovery that lasts is left alone; halted, it is killed and started again', async () => {
    await replica.client.until(streams, SOON_MS);
    const { serverPid, release } = await holder.killAndHold(replica, 'replica');
    if (engine === 'postgresql') {
      // It asks for log again and again. What the others do is to be seen in the same way, but not to be held up.
      await pause(4 * hungAfterMs);
      expect(await replica.client.status()).toMatchObject({ state: 'starting', serverPid });
    }
    const killed = replica.client.until(({ state }) => state === 'exited', SOON_MS);
    for (const pid of await serverProcesses(replica.dataDirectory)) halt(pid);
    const { exit } = await killed;
    expect(exit).toMatchObject({ signal: 'SIGKILL' });
    expect(exit?.lastLog.at(-1)).toMatch(/^imapcluster: killed, for it did not start and did nothing for \d+ s$/);
    expect(replica.agentLog()).toContain('"code":"ServerStartHung"');
    if (engine === 'postgresql') await release();
    await replica.client.until(streams, SOON_MS);
  }, 240_000);
});
