import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { engineWords } from '#member/test-support/engine-words.ts';
import type { RunningMember } from '#member/test-support/start-members.ts';
import { PARTITION, START_MS, startCluster } from '../test-support/start-cluster.ts';

/**
 * Promise: the successor of a planned change is lost with its host in the last step: real servers let the old primary vote and follow,
 * writing goes on without the lost one, identifiers do not jump, and nothing that was acknowledged is missing.
 */
test.each(enginesUnderTest)(
  '%s: a switchover to a server whose host is lost before anybody was told of it',
  {
    timeout: START_MS + 120_000,
  },
  async (engine) => {
    const cluster = await startCluster({ members: 3, engine });
    onTestFinished(() => cluster[Symbol.asyncDispose]());
    const old = cluster.primary();
    const to = cluster.members.members.find(({ name }) => name !== old.name)!;
    const writer = cluster.write();
    await writer.progress(20);
    await cluster.stopOperator();
    let lost = false;
    await cluster.startOperator((point) => {
      if (point !== 'retarget:before' || lost) return;
      lost = true;
      loseHost(to, engineWords[cluster.members.engine].pidFile);
    });
    await cluster.healthy(30_000);
    void cluster.operator.requestSwitchover(PARTITION, memberName(to.name));
    await cluster.until(({ lastChange, operation }) => operation === null && lastChange?.kind === 'Failover', 60_000);
    expect(lost).toBe(true);
    expect(cluster.record).toMatchObject({ forks: [], lastChange: { from: to.name, lostUpTo: 0 } });
    await writer.progress(20);
    await writer.stop();
    const stored = new Set(await cluster.stored());
    expect(writer.acknowledged.filter(({ id }) => !stored.has(id))).toEqual([]);
    // It follows as it is: nothing is salvaged out of it, nor is it copied.
    await cluster.until(({ rejoining }) => rejoining.every(({ member }) => member !== old.name), 30_000);
    expect(
      cluster.events.filter(({ code, fields }) => code === 'SalvageFinished' && fields?.member === old.name),
    ).toEqual([]);
  },
);

function loseHost(member: RunningMember, pidFile: string): void {
  const [pid] = readFileSync(join(member.dataDirectory, pidFile), 'utf8').split('\n');
  process.kill(member.agentPid(), 'SIGKILL');
  process.kill(Number(pid), 'SIGKILL');
}
