import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Cluster } from './clusters/cluster.ts';
import { waitFor } from './clusters/process/wait-for.ts';
import { Crowd } from './support/crowd.ts';
import { moveLeader, operatorLeader, untilOperatorWhole } from './support/installation.ts';
import { kubectl } from './support/kubectl.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import type { PodObject } from './support/objects.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { report } from './support/report.ts';

/**
 * Promise: a node's cable is pulled: under a primary, under the operator's leader, under both. A replica takes over although
 * nobody can tell the old primary, which fences itself; nothing acknowledged is lost, no session is dropped but those on an
 * imapd pod of that node.
 * Budget: ≤ 6 s, ≤ 12 s when the leader was there too, on a quiet machine; 40 s here.
 */
const BUDGET_MS = 40_000;
const RUN_MS = 420_000;

let cluster: Cluster;
let mail: MailCluster;
let cut: string | null = null;

beforeAll(async () => {
  ({ cluster, mail } = await onSharedMail());
}, SHARED_MAIL_MS);

afterEach(async () => {
  if (cut !== null) await cluster.faults.healNetwork(cut);
  cut = null;
  await mail.untilReady();
}, 300_000);

test.for([
  { what: 'a primary', withLeader: false, deletes: false },
  { what: 'a primary whose pod is then deleted by force', withLeader: false, deletes: true },
  { what: 'a primary and the leader of the operator', withLeader: true, deletes: false },
])('under $what', { timeout: RUN_MS }, async ({ what, withLeader, deletes }, { skip }) => {
  if (cluster.cannot('cutNetwork') !== null) return skip(cluster.cannot('cutNetwork') ?? '');
  const primary = await mail.primary('users-a');
  const node = primary.spec.nodeName ?? '';
  const leads = (at: string): boolean => (at === node) === withLeader;
  if (!leads((await operatorLeader()).node)) await moveLeader(leads);
  // A client whose imapd is on that node is cut off with it: those are not the ones that are watched here.
  const users = await mail.someUsers(withLeader ? 'cut-both' : 'cut');
  const crowd = await Crowd.gather(mail, users, { idle: 4, list: 2, read: 4, write: 6, avoidNode: node });
  const at = performance.now();
  cut = node;
  await cluster.faults.cutNetwork(node);
  const ms = await crowd.firstWriteAfter(at, 'users-a', 90_000);
  await report({
    what: `network cut under ${what} → first acknowledged write`,
    value: ms,
    unit: 'ms',
    promise: withLeader ? '≤ 12000' : '≤ 6000',
  });
  expect(ms).toBeLessThan(BUDGET_MS);
  if (deletes) await deleteByForce(primary);
  await cluster.faults.healNetwork(node);
  cut = null;
  await mail.untilTakenOver('users-a', primary.metadata.name);
  await crowd.untilWritten(10);
  await crowd.verdict();
  if (deletes) expect((await mail.pod(primary.metadata.name)).metadata.uid).not.toBe(primary.metadata.uid);
});

/**
 * For Kubernetes it is gone then, and the server runs on, unreachable, without anybody who could end it. Its volume is on that node,
 * where another pod on it has to wait.
 */
async function deleteByForce({ metadata }: PodObject): Promise<void> {
  const words = ['--grace-period=0', '--force', '--wait=false'];
  await kubectl(['delete', `pod/${metadata.name}`, `--namespace=${mail.namespace}`, ...words]);
  const waits = async (): Promise<boolean> => {
    const anew = await mail.pod(metadata.name);
    return anew.metadata.uid !== metadata.uid && anew.status.phase === 'Pending';
  };
  await waitFor(waits, { what: 'a pod that waits for the node', deadlineMs: 30_000, everyMs: 250 });
}

test(
  'under the leader of the operator alone: the other one leads, and the cut off one does nothing any more',
  async ({ skip }) => {
    if (cluster.cannot('cutNetwork') !== null) return skip(cluster.cannot('cutNetwork') ?? '');
    const before = await mail.partition('users-a');
    const primary = await mail.primary('users-a');
    // Where a replica is, which is cut off with it.
    const members = (before.status?.members ?? []).filter(({ role }) => role === 'replica');
    const replicas = await Promise.all(members.map(async ({ name }) => (await mail.pod(name)).spec.nodeName));
    const old = await moveLeader((at) => at !== primary.spec.nodeName && replicas.includes(at));
    const users = await mail.someUsers('cut-leader');
    const crowd = await Crowd.gather(mail, users, { idle: 4, list: 2, read: 4, write: 6, avoidNode: old.node });
    cut = old.node;
    await cluster.faults.cutNetwork(old.node);
    const at = performance.now();
    await cluster.faults.signalInPod(primary.metadata.uid, 'postgres', 'SIGKILL');
    const ms = await crowd.firstWriteAfter(at, 'users-a', 90_000);
    await report({ what: 'kill -9 while the leader is cut off → first acknowledged write', value: ms, unit: 'ms' });
    expect((await operatorLeader()).pod).not.toBe(old.pod);
    await cluster.faults.healNetwork(old.node);
    cut = null;
    const healed = await mail.untilHealthy('users-a');
    // What the replica on that node acknowledged may be there alone, so the primary is started again where it was.
    expect([healed.status?.primary, healed.status?.epoch]).toEqual([primary.metadata.name, before.status?.epoch]);
    await crowd.untilWritten(10);
    await crowd.verdict();
    // The old leader, which knows of a dead primary and of nothing since, has not gone on with what it meant to do.
    await untilOperatorWhole();
    const later = await mail.untilHealthy('users-a');
    expect([later.status?.primary, later.status?.epoch]).toEqual([healed.status?.primary, healed.status?.epoch]);
  },
  RUN_MS,
);
