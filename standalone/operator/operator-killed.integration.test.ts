import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningMembers, startMembers } from '#member/test-support/start-members.ts';
import { stepsOf } from '#operator/failover/steps/steps.ts';
import type { PartitionView } from '#operator/partition/partition-view.ts';
import type { PartitionRecord } from '#operator/partition/record.ts';
import { PARTITION, storedOn } from '#operator/test-support/start-cluster.ts';
import { TestJobs } from '#operator/test-support/test-jobs.ts';
import { TestPod } from '#operator/test-support/test-pod.ts';
import { TestWriter } from '#operator/test-support/test-writer.ts';
import { freePorts } from '#runtime/test-support/free-ports.ts';
import { OperatorChild } from '../test-support/operator-child.ts';
import { RecordFileStore } from './record-file-store.ts';

/**
 * Promise (I1, I3, I4, I10): the operator's process is killed by SIGKILL before and after the effect of every step of a
 * failover of three real PostgreSQL servers; the next process finishes that failover, at no time are two servers open to
 * mail, and everything acknowledged is there. One repository goes through all of them, its members taking turns. 90 s.
 */
const FINISH_MS = 40_000;

const STEPS = stepsOf('Failover');

let folder: string;
let members: RunningMembers;
let operator: OperatorChild;
const pods: TestPod[] = [];
const writers: TestWriter[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-operator-'));
  members = await startMembers({ members: 3, partition: PARTITION });
  for (const name of ['imapd-0', 'imapd-1']) pods.push(await new TestPod(name, [members.key.publicJwk]).listen());
  const [port = 0] = await freePorts(1);
  operator = new OperatorChild({
    folder,
    members,
    pods: pods.map(({ name, adminUrl }) => ({ name, adminUrl })),
    jobs: new TestJobs(members.engine, members.passwords),
    port,
    // A failover every few seconds is what this is about.
    tuning: { maxPromotions: 1_000 },
  });
  await operator.start(null);
}, 120_000);

afterAll(async () => {
  await Promise.all(writers.map((writer) => writer.stop()));
  operator?.kill();
  for (const pod of pods) pod.close();
  await members?.stop();
  await rm(folder, { recursive: true, force: true });
});

const isWhole = ({ record }: PartitionView): boolean =>
  record.phase === 'Healthy' && record.conditions.some((c) => c.type === 'TargetsConverged' && c.status === 'True');

/** What the dead operator has left behind for the next one. */
async function recordOnDisk(): Promise<PartitionRecord> {
  const stored = await new RecordFileStore(operator.recordsFolder).load(PARTITION);
  if (stored === null) throw new Error('there is no record');
  return stored.record;
}

/** Members that take writes of mail at this moment, by their agents' word. */
async function openToMail(): Promise<readonly string[]> {
  const reports = await Promise.all(members.members.map((member) => member.client.status()));
  return reports
    .filter(({ state, fence, grantedEpoch }) => state === 'running' && fence === null && grantedEpoch !== null)
    .map((report) => report.member);
}

function startWriter(): TestWriter {
  const { engine, database, passwords } = members;
  const first = writers.length * 1_000_000 + 1;
  const writer = new TestWriter(pods[0]!, { engine, partition: PARTITION, database, password: passwords.mail, first });
  writers.push(writer);
  return writer;
}

/**
 * What only decides is recorded with the step before it: catching up, too, where there is nothing to catch up with. What is done
 * again with the promotion is recorded with it, unless it has to be waited for.
 */
const RECORDED: Readonly<Record<string, RegExp>> = {
  elect: /^fence$/,
  catchUp: /^(fence|catchUp)$/,
  follow: /^(promote|follow)$/,
  stamp: /^(promote|follow|stamp)$/,
};

/** Waits for its death at one point, and looks at what it left. */
async function expectKilled(step: string, epoch: number): Promise<void> {
  expect(await operator.ended(FINISH_MS)).toBe('SIGKILL');
  const { operation } = await recordOnDisk();
  expect(operation).toMatchObject({ kind: 'Failover', epoch });
  expect(operation?.step).toMatch(RECORDED[step] ?? new RegExp(`^${step}$`));
  expect((await openToMail()).length).toBeLessThanOrEqual(1);
}

test.each(STEPS)('killed before and after the effect of %s', { timeout: 90_000 }, async (step) => {
  const { record } = await operator.until(isWhole, FINISH_MS);
  operator.kill();
  await operator.ended(FINISH_MS);
  await operator.start(`${step}:before`);
  await operator.until(isWhole, FINISH_MS);
  const epoch = record.epoch + 1;
  const old = members.member(record.primary ?? '');
  const writer = startWriter();
  await writer.progress(20);

  process.kill((await old.client.status()).serverPid ?? 0, 'SIGKILL');
  await expectKilled(step, epoch);
  await operator.start(`${step}:after-effect`);
  await expectKilled(step, epoch);

  await operator.start(null);
  await writer.progress(20);
  const { record: after } = await operator.until(isWhole, FINISH_MS);
  await writer.stop();
  expect(after).toMatchObject({ epoch, operation: null });
  expect(after.lastChange).toMatchObject({ kind: 'Failover', from: old.name, to: after.primary, epoch });
  expect(await openToMail()).toEqual([after.primary]);
  const stored = new Set(await storedOn(members.member(after.primary ?? ''), members));
  expect(writer.acknowledged.filter((row) => !stored.has(row.id))).toEqual([]);
});

test('every epoch was acknowledged by one member, and none after a later one', () => {
  const rows = writers.flatMap((writer) => writer.acknowledged);
  const epochs = rows.map((row) => row.epoch);
  expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
  expect(new Set(epochs).size).toBe(STEPS.length + 1);
  const pairs = new Set(rows.map((row) => `${row.epoch} by ${row.member}`));
  expect(pairs.size).toBe(new Set(epochs).size);
});
