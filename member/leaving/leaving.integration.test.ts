import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { serverProcesses } from '../supervisor/server-processes.ts';
import { askAs } from '../test-support/connect-as.ts';
import { engineWords } from '../test-support/engine-words.ts';
import type { RunningMember } from '../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../test-support/start-repository.ts';

/** An agent that is told to end (SIGTERM) while its server serves mail, and somebody follows it or not. */
const WITHIN_MS = 60_000;
/** Far less than that, and enough for a busy machine to stop a server in order. */
const SOON = { timeout: 20_000 };

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Ended, and its server in order: it has left no word of being up, whatever its engine. */
async function hasEnded({ dataDirectory }: RunningMember, pid: number): Promise<void> {
  await expect.poll(() => isThere(pid), SOON).toBe(false);
  expect(await serverProcesses(dataDirectory)).toEqual([]);
  for (const { pidFile } of Object.values(engineWords)) {
    await expect(access(join(dataDirectory, pidFile))).rejects.toThrow('ENOENT');
  }
}

/** All reports from now on, until the agent is gone. */
function listen(member: RunningMember): readonly AgentReport[] {
  const reports: AgentReport[] = [];
  const read = async (): Promise<void> => {
    for await (const report of member.client.stream(AbortSignal.timeout(WITHIN_MS))) reports.push(report);
  };
  // The end of the agent breaks it off.
  read().catch(() => undefined);
  return reports;
}

type Pair = { readonly running: RunningRepository; readonly primary: RunningMember; readonly replica: RunningMember };

describe.each(enginesUnderTest)('%s', (engine) => {
  async function pair(configuration: Record<string, unknown>): Promise<Pair> {
    const running = await startRepository({ members: 2, durability: 'Async', engine, configuration });
    onTestFinished(() => running.stop());
    const [primary, replica] = running.members as [RunningMember, RunningMember];
    await primary.client.until((report) => report.replication?.standbys.some(({ streaming }) => streaming) === true);
    return { running, primary, replica };
  }

  test('a primary says so at once and serves on, until it was demoted and stopped', async () => {
    const { running, primary } = await pair({ handOver: { withinMs: WITHIN_MS }, instance: 'uid-1' });
    const pid = primary.agentPid();
    const reports = listen(primary);
    await expect.poll(() => reports.length).toBeGreaterThan(0);
    expect(reports[0]?.leaving).toBeUndefined();
    process.kill(pid, 'SIGTERM');
    await expect.poll(() => reports.at(-1)?.leaving, SOON).toBe(true);
    const { sequence = 0, startedAt = 0, instance } = reports.at(-1) ?? {};
    expect(instance).toBe('uid-1');
    expect(Date.now() - startedAt).toBeLessThan(WITHIN_MS);
    // Some heartbeats later it still does.
    await expect.poll(() => reports.at(-1)?.sequence ?? 0, SOON).toBeGreaterThan(sequence + 2);
    await askAs('mail', { member: primary, running }, 'CREATE TABLE t (id int)');
    expect((await primary.client.order(2, { kind: 'fence', reason: 'Demoted' })).received).toBeDefined();
    // What it is still needed for takes a moment to come.
    const since = reports.length;
    await expect.poll(() => reports.length, SOON).toBeGreaterThan(since + 1);
    expect((await primary.client.status()).state).toBe('running');
    expect(await primary.client.send(2, { kind: 'stop', mode: 'fast' })).toMatchObject({ status: 200 });
    await hasEnded(primary, pid);
  });

  test('a replica ends at once, and then a primary that nobody follows any more', async () => {
    const { primary, replica } = await pair({ handOver: { withinMs: WITHIN_MS } });
    const [first, second] = [primary.agentPid(), replica.agentPid()];
    process.kill(first, 'SIGTERM');
    await primary.client.until(({ leaving }) => leaving === true);
    process.kill(second, 'SIGTERM');
    await Promise.all([hasEnded(replica, second), hasEnded(primary, first)]);
  });

  // When it is up is nothing of the engine's.
  if (engine === 'postgresql') {
    test('nobody takes over: it ends in order when its time is up', async () => {
      const { primary } = await pair({ handOver: { withinMs: 1_500 } });
      const pid = primary.agentPid();
      const began = performance.now();
      process.kill(pid, 'SIGTERM');
      await hasEnded(primary, pid);
      expect(performance.now() - began).toBeGreaterThan(1_500);
    });

    test('without such a time it ends at once and says nothing', async () => {
      const { primary } = await pair({});
      const pid = primary.agentPid();
      const reports = listen(primary);
      await expect.poll(() => reports.length).toBeGreaterThan(0);
      process.kill(pid, 'SIGTERM');
      await hasEnded(primary, pid);
      expect(reports.filter(({ leaving }) => leaving !== undefined)).toEqual([]);
    });
  }
});
