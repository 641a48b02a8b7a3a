import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { farewell } from '#imapd/session/farewell/farewell.ts';
import type { Cluster } from './clusters/cluster.ts';
import { Crowd } from './support/crowd.ts';
import { LeavingPods } from './support/imapd-pods.ts';
import { kubectl } from './support/kubectl.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import type { PartitionObject } from './support/objects.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { report } from './support/report.ts';

/**
 * Promise: the node of a primary is drained, of all that is there. For every primary on it a planned switchover comes before
 * the eviction; no unplanned failover, the other partitions stay as they are, nothing is lost, and no session is dropped but
 * those on the imapd pod of that node, which get BYE between two commands.
 * Budget: the drain ≤ 2 minutes.
 */
const DRAIN_SECONDS = 150;
const RUN_MS = 420_000;
/** One on each node. */
const IMAPDS = 3;

let cluster: Cluster;
let mail: MailCluster;

beforeAll(async () => {
  ({ cluster, mail } = await onSharedMail());
  await mail.scale(IMAPDS);
  await mail.untilReady();
}, SHARED_MAIL_MS);

afterEach(async () => {
  for (const { name } of cluster.nodes) await kubectl(['uncordon', name]);
  await mail.untilReady();
}, 300_000);

afterAll(async () => {
  await mail.scale(2);
  await mail.untilReady();
}, 300_000);

type Placed = { readonly partition: PartitionObject; readonly node: string };

async function primaries(): Promise<readonly Placed[]> {
  const names = mail.shape.partitions.map(({ name }) => name);
  return await Promise.all(
    names.map(async (name) => ({
      partition: await mail.partition(name),
      node: (await mail.primary(name)).spec.nodeName ?? '',
    })),
  );
}

/** Everything that can be elsewhere goes. */
async function drain(node: string): Promise<void> {
  const started = performance.now();
  await kubectl(['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', `--timeout=${DRAIN_SECONDS}s`], {
    deadlineMs: (DRAIN_SECONDS + 10) * 1_000,
  });
  const value = Math.round(performance.now() - started) / 1_000;
  await report({ what: "drain of a primary's node", value, unit: 's' });
}

async function expectSwitchedOver({ metadata, status }: PartitionObject): Promise<void> {
  const after = await mail.untilTakenOver(metadata.name, status?.primary ?? '');
  expect(after.status?.lastFailover?.kind, metadata.name).toBe('Switchover');
  expect(after.status?.epoch, metadata.name).toBe((status?.epoch ?? 0) + 1);
}

async function expectUntouched({ metadata, status }: PartitionObject): Promise<void> {
  const after = await mail.untilHealthy(metadata.name);
  expect([after.status?.primary, after.status?.epoch]).toEqual([status?.primary, status?.epoch]);
}

test.for(['users-a', 'users-b'])('the node of the primary of %s', { timeout: RUN_MS }, async (name) => {
  const before = await primaries();
  const node = before.find(({ partition }) => partition.metadata.name === name)?.node ?? '';
  const pods = await LeavingPods.from(mail);
  const users = await mail.someUsers('drain');
  const crowd = await Crowd.gather(mail, users, { idle: 8, list: 4, read: 6, write: 8, placedBy: cluster });
  await drain(node);
  await kubectl(['uncordon', node]);
  for (const one of before) {
    if (one.node === node) await expectSwitchedOver(one.partition);
    else await expectUntouched(one.partition);
  }
  const farewells = { since: crowd.on(await pods.told()), words: farewell.stopping };
  expect(farewells.since.size).toBeGreaterThan(0);
  expect(farewells.since.size).toBeLessThan(crowd.sessions.length);
  await crowd.untilWritten(10);
  await crowd.verdict({ farewells });
});
