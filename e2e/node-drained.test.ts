import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Cluster } from './clusters/cluster.ts';
import { Crowd } from './support/crowd.ts';
import { kubectl } from './support/kubectl.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { report } from './support/report.ts';

/**
 * Promise: the node of a primary is drained. A planned switchover comes before the eviction: no unplanned failover, nothing
 * lost, and no session is dropped but those on an imapd pod of that node.
 * Budget: the drain ≤ 2 minutes.
 */
const DRAIN_SECONDS = 150;
const RUN_MS = 420_000;

let cluster: Cluster;
let mail: MailCluster;

beforeAll(async () => {
  ({ cluster, mail } = await onSharedMail());
}, SHARED_MAIL_MS);

afterEach(async () => {
  for (const { name } of cluster.nodes) await kubectl(['uncordon', name]);
  await mail.untilReady();
}, 300_000);

test(
  'drained',
  async () => {
    const crowd = await Crowd.gather(mail, await mail.someUsers('drain'), { idle: 4, list: 2, read: 4, write: 6 });
    const before = await mail.partition('users-a');
    const primary = await mail.primary('users-a');
    const node = primary.spec.nodeName ?? '';
    const started = performance.now();
    await kubectl(
      [
        'drain',
        node,
        '--ignore-daemonsets',
        '--delete-emptydir-data',
        `--pod-selector=imapcluster.io/partition=users-a`,
        `--timeout=${DRAIN_SECONDS}s`,
      ],
      { deadlineMs: (DRAIN_SECONDS + 10) * 1_000 },
    );
    await report({
      what: "drain of a primary's node",
      value: Math.round(performance.now() - started) / 1_000,
      unit: 's',
    });
    await kubectl(['uncordon', node]);
    const after = await mail.untilTakenOver('users-a', before.status?.primary ?? '');
    expect(after.status?.lastFailover?.kind).toBe('Switchover');
    await crowd.untilWritten(10);
    await crowd.verdict();
  },
  RUN_MS,
);
