import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from './clusters/process/wait-for.ts';
import { kubectl, kubectlApply, kubectlGet } from './support/kubectl.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { makeNamespace } from './support/make-namespace.ts';
import type { PartitionObject } from './support/objects.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';

/**
 * Promise: a mistake in a manifest is refused by the API server where it can see it; otherwise a condition says what is wrong
 * and what to do, and whatever ran before goes on undisturbed.
 * Budget: 3 minutes.
 */
const NAMESPACE = 'e2e-mistakes';
const SOON_MS = 90_000;

let mail: MailCluster;

beforeAll(async () => {
  ({ mail } = await onSharedMail());
  await makeNamespace(NAMESPACE);
}, SHARED_MAIL_MS);

afterAll(async () => {
  await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
});

const partition = (name: string, spec: object, namespace = NAMESPACE): object => ({
  apiVersion: 'imapcluster.io/v1alpha1',
  kind: 'MailboxPartition',
  metadata: { name, namespace },
  spec,
});
const managed = (fields: object = {}) => ({ engine: 'postgresql', managed: { instances: 3, ...fields } });

test.each([
  [
    'neither managed nor members',
    { clusterRef: { name: 'mail' }, repository: { engine: 'postgresql' } },
    /exactly one of managed and members/,
  ],
  [
    'a slot that there is none of',
    { clusterRef: { name: 'mail' }, holds: { slots: ['1024'] }, repository: managed() },
    /slots lie between 0 and 1023/,
  ],
  [
    'Quorum and Hold with two members',
    { clusterRef: { name: 'mail' }, repository: managed({ instances: 2 }) },
    /at least 3 members/,
  ],
  [
    'a field that there is none of',
    { clusterRef: { name: 'mail' }, repository: managed(), durabilty: {} },
    /durabilty/,
  ],
])('%s is refused by the API server', async (_what, spec, said) => {
  await expect(kubectlApply([partition('wrong', spec)])).rejects.toThrow(said);
});

async function conditionOf(name: string, namespace: string, type: string) {
  const object = await kubectlGet<PartitionObject>([`mailboxpartition/${name}`, `--namespace=${namespace}`]);
  return object.status?.conditions?.find((one) => one.type === type);
}

test('slots that another partition holds: the later one hears of it, the earlier goes on', async () => {
  const before = await mail.partition('users-a');
  await kubectlApply([
    partition(
      'late',
      {
        clusterRef: { name: 'mail' },
        holds: { slots: ['500-520'] },
        durability: { mode: 'Async' },
        repository: managed({ instances: 1, storage: { size: '1Gi' } }),
      },
      mail.namespace,
    ),
  ]);
  try {
    const told = async (): Promise<boolean> =>
      (await conditionOf('late', mail.namespace, 'PlacementConflict'))?.status === 'True';
    await waitFor(told, { what: 'PlacementConflict of the later one', deadlineMs: SOON_MS, everyMs: 250 });
    expect((await conditionOf('late', mail.namespace, 'PlacementConflict'))?.message).toMatch(/500-511.*users-a/);
    const after = await mail.partition('users-a');
    expect([after.status?.epoch, after.status?.phase]).toEqual([before.status?.epoch, 'Healthy']);
  } finally {
    await kubectl([
      'annotate',
      'mailboxpartition/late',
      `--namespace=${mail.namespace}`,
      'imapcluster.io/confirm-deletion=late',
    ]);
    await kubectl(['delete', 'mailboxpartition/late', `--namespace=${mail.namespace}`, '--wait=false']);
  }
});

test('a cluster that there is none of: not Ready, and the message says why', async () => {
  const name = 'orphan';
  await kubectlApply([partition(name, { clusterRef: { name: 'mail' }, repository: managed() })]);
  const told = async (): Promise<boolean> => (await conditionOf(name, NAMESPACE, 'Ready'))?.status === 'False';
  await waitFor(told, { what: `Ready=False of ${name}`, deadlineMs: SOON_MS, everyMs: 250 });
  const object = await kubectlGet<PartitionObject>([`mailboxpartition/${name}`, `--namespace=${NAMESPACE}`]);
  expect(JSON.stringify(object.status?.conditions)).toContain('mail');
});

test('an image that does not pull is named', async () => {
  await kubectlApply([
    {
      apiVersion: 'imapcluster.io/v1alpha1',
      kind: 'ImapCluster',
      metadata: { name: 'other', namespace: NAMESPACE },
      spec: { replicas: 1 },
    },
    partition('no-image', {
      clusterRef: { name: 'other' },
      durability: { mode: 'Async' },
      repository: managed({
        instances: 1,
        storage: { size: '1Gi' },
        image: 'registry.invalid/postgres:18',
        majorVersion: 18,
      }),
    }),
  ]);
  const told = async (): Promise<boolean> => {
    const object = await kubectlGet<PartitionObject>(['mailboxpartition/no-image', `--namespace=${NAMESPACE}`]);
    return /registry\.invalid/.test(JSON.stringify(object.status?.conditions ?? []));
  };
  await waitFor(told, { what: 'the name of the image in a condition', deadlineMs: SOON_MS, everyMs: 500 });
});
