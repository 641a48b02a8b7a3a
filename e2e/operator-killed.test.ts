import { afterAll, beforeAll, expect, test } from 'vitest';
import { stepsOf } from '#operator/failover/steps/steps.ts';
import type { Cluster } from './clusters/cluster.ts';
import { waitFor } from './clusters/process/wait-for.ts';
import { Crowd } from './support/crowd.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { OutsideOperator } from './support/outside-operator.ts';

/**
 * Promise (I10): the operator is killed before and after the effect of every recorded step of a failover, under people at
 * work. The next one finishes it from the record in the API; no session is dropped, nothing acknowledged is lost.
 * Budget: 4 minutes.
 */
const STEPS = stepsOf('Failover');
const KILLED_MS = 60_000;
const RUN_MS = 300_000;

let cluster: Cluster;
let mail: MailCluster;
let operator: OutsideOperator | null = null;
/** A try has begun a failover and has not seen its end. */
let unfinished = false;

beforeAll(async () => {
  ({ cluster, mail } = await onSharedMail());
  operator = await OutsideOperator.instead();
}, SHARED_MAIL_MS);

afterAll(async () => {
  await operator?.[Symbol.asyncDispose]();
  await mail.untilReady();
}, 300_000);

test.for(STEPS)('killed before and after the effect of %s', { timeout: RUN_MS }, async (step, { skip }) => {
  if (cluster.cannot('signalInPod') !== null) return skip(cluster.cannot('signalInPod') ?? '');
  if (operator === null) throw new Error('no operator');
  if (unfinished) {
    await operator.start(null);
    await mail.untilHealthy('users-a');
  }
  await operator.start(`${step}:before`);
  const before = await mail.untilHealthy('users-a');
  const primary = await mail.primary('users-a');
  // A command may be held until two more operators have started.
  const crowd = await Crowd.gather(mail, await mail.someUsers(`killed-${step.toLowerCase()}`), {
    idle: 2,
    list: 2,
    read: 2,
    write: 4,
  });
  unfinished = true;
  await cluster.faults.signalInPod(primary.metadata.uid, 'postgres', 'SIGKILL');
  expect(await operator.ended(KILLED_MS)).toBe('SIGKILL');
  await operator.start(`${step}:after-effect`);
  expect(await operator.ended(KILLED_MS)).toBe('SIGKILL');
  await operator.start(null);
  const failedOver = async (): Promise<boolean> => {
    const { status } = await mail.partition('users-a');
    return status?.lastFailover?.epoch === (before.status?.epoch ?? 0) + 1 && status.phase === 'Healthy';
  };
  await waitFor(failedOver, { what: 'the end of the failover', deadlineMs: RUN_MS / 2, everyMs: 250 });
  const after = await mail.untilHealthy('users-a');
  expect(after.status?.primary).not.toBe(primary.metadata.name);
  expect(after.status?.lastFailover?.kind).toBe('Failover');
  unfinished = false;
  await crowd.untilWritten(10);
  await crowd.verdict();
  await operator.stop();
});
