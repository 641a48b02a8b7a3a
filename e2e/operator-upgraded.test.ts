import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Login, openMailSession } from '#demo/clients/mail-session.ts';
import { createRecorder } from '#demo/clients/recorder.ts';
import { buildArchive } from '#images/build/build-archive.ts';
import { RESTART_ANNOTATION } from '#operator/objects/labels.ts';
import type { Cluster } from './clusters/cluster.ts';
import { runCommand } from './clusters/process/run-command.ts';
import { waitFor } from './clusters/process/wait-for.ts';
import { imageRegistry } from './images/registry.ts';
import { Crowd } from './support/crowd.ts';
import { IMAPS_PORT } from './support/imapd-pod.ts';
import { helmUpgrade, OPERATOR_NAMESPACE, operatorLeader, RELEASE } from './support/installation.ts';
import { kubectl, kubectlGet } from './support/kubectl.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { type Condition, condition, type PodObject } from './support/objects.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { report } from './support/report.ts';
import { placeOf } from './support/way-in/way-in.ts';

/**
 * Promise: an operator that is removed and installed again, or upgraded, finds running members and changes nothing: the same pods,
 * the same epochs, under people at work; and an imapd pod that is made meanwhile serves. The new agent comes when somebody asks for it: replicas first, then a switchover,
 * then the old primary. Budget: 6 minutes.
 */
const RUN_MS = 420_000;
const WATCH_MS = 15_000;

let cluster: Cluster;
let mail: MailCluster;

beforeAll(async () => {
  ({ cluster, mail } = await onSharedMail());
}, SHARED_MAIL_MS);

/** What must be the same before and after: pods that never started anew, and who is the primary since when. */
async function standing(): Promise<readonly string[]> {
  const all = [...(await mail.pods('database')), ...(await mail.pods('imapd'))];
  const pods = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const partitions = await Promise.all(mail.shape.partitions.map(({ name }) => mail.partition(name)));
  return [
    ...pods.map(
      ({ metadata, status }) => `${metadata.name} ${metadata.uid} ${status.containerStatuses?.[0]?.restartCount}`,
    ),
    ...partitions.map(({ metadata, status }) => `${metadata.name} ${status?.primary} ${status?.epoch}`),
  ].toSorted();
}

/** The operator leads, has been to every object, and had time to do what it must not. */
async function untilItActs(): Promise<void> {
  await operatorLeader();
  await mail.untilReady();
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
}

const uninstall = async (): Promise<void> => {
  await runCommand(['helm', 'uninstall', RELEASE, `--namespace=${OPERATOR_NAMESPACE}`, '--wait', '--timeout=90s'], {
    deadlineMs: 120_000,
  });
};

test(
  'removed and installed again: the same pods, the same epochs, and mail meanwhile',
  async () => {
    const [leaving] = await mail.servingPods();
    const node = leaving?.spec.nodeName ?? '';
    const users = await mail.someUsers('reinstalled', 6);
    const crowd = await Crowd.gather(mail, users, { idle: 4, list: 2, read: 4, write: 6, avoidNode: node });
    await uninstall();
    let before: readonly string[] = [];
    try {
      await kubectl(['delete', `pod/${leaving?.metadata.name}`, `--namespace=${mail.namespace}`, '--wait=false']);
      await serves(await anotherThan(leaving), users[0]!);
      await crowd.untilWritten(40);
      before = await standing();
    } finally {
      await helmUpgrade();
    }
    await untilItActs();
    await crowd.verdict();
    expect(await standing()).toEqual(before);
  },
  RUN_MS,
);

/** An imapd pod that Kubernetes makes while there is no operator. */
async function anotherThan(leaving: PodObject | undefined): Promise<PodObject> {
  const rest = new Set((await mail.servingPods()).map(({ metadata }) => metadata.uid));
  let found: PodObject | undefined;
  const isThere = async (): Promise<boolean> => {
    found = (await mail.servingPods()).find(({ metadata }) => !rest.has(metadata.uid));
    return found !== undefined;
  };
  await waitFor(isThere, { what: `a pod in place of ${leaving?.metadata.name}`, deadlineMs: 60_000, everyMs: 250 });
  return found!;
}

/** It knows where mail is by the ConfigMap that the operator has left: a user of a Quorum partition reads and writes through it. */
async function serves(pod: PodObject, login: Login): Promise<void> {
  const endpoint = { ...(await placeOf(pod, IMAPS_PORT)), secure: true };
  const recorder = createRecorder(() => performance.now());
  const session = await openMailSession({ name: 'without an operator', endpoint, login, recorder });
  const message = 'Subject: without an operator\r\n\r\nHere all the same.\r\n';
  const written = await session.ask('APPEND', async () => await session.client.append('INBOX', message));
  expect(written).toMatchObject({ outcome: 'ok', refusal: null });
  await session.client.mailboxOpen('INBOX');
  const found = await session.client.search({ header: { subject: 'without an operator' } });
  expect(found).toHaveLength(1);
  await session.close();
}

test(
  'another agent comes with an upgrade: nobody is replaced before somebody asks, then replicas first',
  async ({ skip }) => {
    if (cluster.provider === 'kubeconfig')
      return skip('images of a cluster of your own come from where you have put them');
    const before = await standing();
    const crowd = await Crowd.gather(mail, await mail.someUsers('upgraded', 6), {
      ...{ idle: 4, list: 2, read: 4, write: 6 },
    });
    // Another one than a try before has left.
    const next = `next-${Date.now()}`;
    await loadAgent(next);
    await helmUpgrade([`images.member.repository=${next}/imapcluster-member`]);
    try {
      await untilItActs();
      expect(await standing()).toEqual(before);
      const { status } = await mail.partition('users-a');
      expect(settledIn(status?.conditions)).toMatchObject({
        status: 'True',
        message: expect.stringContaining('users-a-0, users-a-1, users-a-2 of an older make'),
      });
      await restartMembers(next);
      await crowd.verdict();
    } finally {
      await helmUpgrade();
    }
  },
  RUN_MS,
);

async function loadAgent(repository: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-next-agent-'));
  try {
    const archive = join(folder, 'member.tar');
    await buildArchive('member', { repository: `${imageRegistry()}/${repository}`, archive });
    await cluster.loadImage(archive);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const settledIn = (conditions: readonly Condition[] = []) => conditions.find(({ type }) => type === 'MembersSettled');

const membersOf = async (partition: string): Promise<readonly PodObject[]> =>
  (await mail.pods('database')).filter(({ metadata }) => metadata.labels['imapcluster.io/partition'] === partition);

const agentOf = (pod: PodObject): string =>
  (pod as PodObject & { spec: { initContainers: readonly { image: string }[] } }).spec.initContainers[0]?.image ?? '';

/** In the order in which they were made anew. */
async function restartMembers(repository: string): Promise<void> {
  const { status } = await mail.partition('users-a');
  const started = performance.now();
  const object = ['mailboxpartition/users-a', `--namespace=${mail.namespace}`];
  await kubectl(['annotate', ...object, `${RESTART_ANNOTATION}=${Date.now()}`, '--overwrite']);
  const order: string[] = [];
  const all = async (): Promise<boolean> => {
    for (const pod of await membersOf('users-a')) {
      const { name } = pod.metadata;
      if (agentOf(pod).includes(`/${repository}/`) && !order.includes(name)) order.push(name);
    }
    return order.length === 3;
  };
  await waitFor(all, { what: 'three members with the new agent', deadlineMs: 300_000, everyMs: 250 });
  const after = await mail.untilHealthy('users-a');
  await report({
    what: 'members restarted on request',
    value: Math.round(performance.now() - started) / 1_000,
    unit: 's',
  });
  expect(order.at(-1)).toBe(status?.primary);
  expect(after.status?.epoch).toBe((status?.epoch ?? 0) + 1);
  expect(after.status?.lastFailover).toMatchObject({ kind: 'Switchover', epoch: after.status?.epoch });
  const settled = async (): Promise<boolean> => condition(await mail.partition('users-a'), 'MembersSettled') === 'True';
  await waitFor(settled, { what: 'MembersSettled', deadlineMs: 60_000, everyMs: 250 });
  expect(
    settledIn((await kubectlGet<Awaited<ReturnType<typeof mail.partition>>>(object)).status?.conditions)?.message,
  ).not.toContain('older');
}
