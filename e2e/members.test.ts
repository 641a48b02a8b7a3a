import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from './clusters/process/wait-for.ts';
import { POSTGRES_MAJOR, postgresImages } from './images/stand-ins.ts';
import { Crowd } from './support/crowd.ts';
import { kubectlGet } from './support/kubectl.ts';
import type { MailCluster, PartitionShape } from './support/mail-cluster.ts';
import type { PodObject } from './support/objects.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { report } from './support/report.ts';

/**
 * Promise: members come and go under people at work: a partition is scaled from two to three and back, and its servers get a
 * new image, replicas first, then a switchover, then the old primary. No session is dropped, nothing acknowledged is lost.
 * Budget: 8 minutes.
 */
const RUN_MS = 420_000;

let mail: MailCluster;

beforeAll(async () => {
  ({ mail } = await onSharedMail());
}, SHARED_MAIL_MS);

const changed = (name: string, change: Partial<PartitionShape>): readonly PartitionShape[] =>
  mail.shape.partitions.map((partition) => (partition.name === name ? { ...partition, ...change } : partition));

const podsOf = async (partition: string): Promise<readonly PodObject[]> =>
  (await mail.pods('database')).filter(({ metadata }) => metadata.labels['imapcluster.io/partition'] === partition);

/** Than the one in force, which may be what a try before has asked for. */
async function otherImage(): Promise<string> {
  const object = ['mailboxpartition/users-a', `--namespace=${mail.namespace}`];
  const { spec } = await kubectlGet<{ spec: { repository: { managed: { image?: string } } } }>(object);
  const { current, next } = postgresImages;
  return spec.repository.managed.image === next ? current : next;
}

afterAll(async () => {
  await mail.apply({ partitions: changed('users-b', { instances: 2 }) });
  await mail.untilReady();
}, 300_000);

test(
  'members 2 → 3 → 2',
  async () => {
    const crowd = await Crowd.gather(mail, await mail.someUsers('members', 6), { idle: 4, list: 2, read: 4, write: 6 });
    const before = await mail.partition('users-b');
    const count = async (): Promise<number> => (await mail.partition('users-b')).status?.members?.length ?? 0;
    await mail.apply({ partitions: changed('users-b', { instances: 3 }) });
    await waitFor(async () => (await count()) === 3, { what: 'a third member', deadlineMs: 180_000, everyMs: 500 });
    const grown = await mail.untilHealthy('users-b');
    expect(grown.status?.members?.map(({ role }) => role).toSorted()).toEqual(['primary', 'replica', 'replica']);
    await crowd.untilWritten(20);
    await mail.apply({ partitions: changed('users-b', { instances: 2 }) });
    await waitFor(async () => (await count()) === 2, { what: 'two members', deadlineMs: 180_000, everyMs: 500 });
    const gone = async (): Promise<boolean> => (await podsOf('users-b')).length === 2;
    await waitFor(gone, { what: 'the end of its pod', deadlineMs: 120_000, everyMs: 500 });
    const after = await mail.untilHealthy('users-b');
    // Whoever goes is no primary, and nothing of this is a change of one.
    expect([after.status?.primary, after.status?.epoch]).toEqual([before.status?.primary, before.status?.epoch]);
    await crowd.untilWritten(20);
    await crowd.verdict();
  },
  RUN_MS,
);

test(
  'a new image of the database server',
  async () => {
    const crowd = await Crowd.gather(mail, await mail.someUsers('upgrade', 6), { idle: 4, list: 2, read: 4, write: 6 });
    const before = await mail.partition('users-a');
    const started = performance.now();
    const image = await otherImage();
    const managed = { image, majorVersion: POSTGRES_MAJOR };
    await mail.apply({ partitions: changed('users-a', { managed }) });
    const upgraded = async (): Promise<boolean> => {
      const pods = await podsOf('users-a');
      return pods.length === 3 && pods.every(({ status }) => status.containerStatuses?.[0]?.image === image);
    };
    await waitFor(upgraded, { what: 'three members of the new image', deadlineMs: 300_000, everyMs: 500 });
    const after = await mail.untilHealthy('users-a');
    await report({ what: 'three members replaced', value: Math.round(performance.now() - started) / 1_000, unit: 's' });
    expect(after.status?.lastFailover?.kind).toBe('Switchover');
    expect(after.status?.primary).not.toBe(before.status?.primary);
    await crowd.verdict();
  },
  RUN_MS,
);
