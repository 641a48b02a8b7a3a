import { beforeAll, expect, test } from 'vitest';
import type { Cluster } from './clusters/cluster.ts';
import { Crowd } from './support/crowd.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { report } from './support/report.ts';

/**
 * Promise: the primary's server dies, or hangs, under people at work. A replica takes over, no session is dropped, nothing
 * acknowledged is lost, and the old primary is a replica again.
 * Budget: kill → first acknowledged write ≤ 1 s on a quiet machine (bench and report tell), 10 s here; hang ≤ 4 s, 15 s here.
 */
const KILL_BUDGET_MS = 10_000;
const HANG_BUDGET_MS = 15_000;
const RUN_MS = 300_000;

let cluster: Cluster;
let mail: MailCluster;

beforeAll(async () => {
  ({ cluster, mail } = await onSharedMail());
}, SHARED_MAIL_MS);

test(
  'kill -9 of postgres',
  async ({ skip }) => {
    if (cluster.cannot('signalInPod') !== null) return skip(cluster.cannot('signalInPod') ?? '');
    const crowd = await Crowd.gather(mail, await mail.someUsers('kill'), { idle: 6, list: 2, read: 6, write: 6 });
    const pods = await mail.pods('imapd');
    const { metadata } = await mail.primary('users-a');
    const at = performance.now();
    await cluster.faults.signalInPod(metadata.uid, 'postgres', 'SIGKILL');
    const ms = await crowd.firstWriteAfter(at, 'users-a');
    await report({ what: 'kill -9 → first acknowledged write', value: ms, unit: 'ms', promise: '≤ 1000' });
    expect(ms).toBeLessThan(KILL_BUDGET_MS);
    const healed = await mail.untilTakenOver('users-a', metadata.name);
    expect(healed.status?.lastFailover?.kind).toBe('Failover');
    await report({
      what: 'retarget of that failover',
      value: healed.status?.lastFailover?.phases.retarget ?? -1,
      unit: 'ms',
    });
    await crowd.untilWritten(20);
    await crowd.verdict();
    // A retarget never restarts an imapd pod.
    expect((await mail.pods('imapd')).map((pod) => [pod.metadata.uid, restarts(pod)])).toEqual(
      pods.map((pod) => [pod.metadata.uid, restarts(pod)]),
    );
  },
  RUN_MS,
);

test(
  'a server that hangs',
  async ({ skip }) => {
    if (cluster.cannot('signalInPod') !== null) return skip(cluster.cannot('signalInPod') ?? '');
    const crowd = await Crowd.gather(mail, await mail.someUsers('hang'), { idle: 4, list: 2, read: 4, write: 4 });
    const { metadata } = await mail.primary('users-a');
    const at = performance.now();
    await cluster.faults.signalInPod(metadata.uid, 'postgres', 'SIGSTOP');
    const ms = await crowd.firstWriteAfter(at, 'users-a');
    await report({ what: 'hang → first acknowledged write', value: ms, unit: 'ms', promise: '≤ 4000' });
    expect(ms).toBeLessThan(HANG_BUDGET_MS);
    await mail.untilTakenOver('users-a', metadata.name);
    await crowd.untilWritten(20);
    await crowd.verdict();
  },
  RUN_MS,
);

test(
  'kill -9 of an Async primary: it is started again in place, and loses nothing',
  async ({ skip }) => {
    if (cluster.cannot('signalInPod') !== null) return skip(cluster.cannot('signalInPod') ?? '');
    const crowd = await Crowd.gather(mail, await mail.someUsers('async'), { idle: 2, list: 2, read: 2, write: 4 });
    const before = await mail.partition('users-b');
    const { metadata } = await mail.primary('users-b');
    const at = performance.now();
    await cluster.faults.signalInPod(metadata.uid, 'postgres', 'SIGKILL');
    const ms = await crowd.firstWriteAfter(at, 'users-b');
    await report({ what: 'kill -9, Async, started in place → first acknowledged write', value: ms, unit: 'ms' });
    const healed = await mail.untilHealthy('users-b');
    expect([healed.status?.primary, healed.status?.epoch]).toEqual([before.status?.primary, before.status?.epoch]);
    await crowd.verdict();
  },
  RUN_MS,
);

const restarts = (pod: { status: { containerStatuses?: readonly { restartCount: number }[] } }): number =>
  pod.status.containerStatuses?.[0]?.restartCount ?? 0;
