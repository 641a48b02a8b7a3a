import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restrictedContainer, restrictedPod } from '#operator/objects/restricted-security.ts';
import { connectCluster } from './clusters/connect-cluster.ts';
import { DNS_IMAGE } from './clusters/local/images/own-images.ts';
import { waitFor } from './clusters/process/wait-for.ts';
import { POSTGRES_MAJOR, postgresImages } from './images/stand-ins.ts';
import { installOperator } from './support/installation.ts';
import { kubectl, kubectlApply, kubectlGet } from './support/kubectl.ts';
import { MailCluster } from './support/mail-cluster.ts';
import { makeNamespace } from './support/make-namespace.ts';
import { condition, type List, type PartitionObject, type PodObject } from './support/objects.ts';

/**
 * Promise: what is missing or wrong around a manifest (a Secret, a volume, an image, a password) is told by a condition that
 * says what to do, and by an Event; whatever runs goes on undisturbed meanwhile; and what can be put right heals once it is.
 * Budget: 7 minutes.
 */
const NAMESPACE = 'e2e-bad-input';
const AT = `--namespace=${NAMESPACE}`;
/** A class whose volumes nobody makes. */
const NOBODYS_CLASS = 'e2e-nobodys';
/** A kubelet tries ever more seldom to mount what is not there: up to two minutes lie between two attempts. */
const HEALED_MS = 240_000;
const SOON_MS = 120_000;
/** One report of an agent may come late. */
const SERVED_MS = 20_000;

const WRONG_MAJOR = POSTGRES_MAJOR - 1;

let mail: MailCluster;
const partitions = new Set<string>();

beforeAll(async () => {
  await installOperator(await connectCluster());
  const shape = { namespace: NAMESPACE, replicas: 1, partitions: [small] };
  mail = new MailCluster(shape);
  await makeNamespace(NAMESPACE);
  await mail.apply();
}, 600_000);

const small = { name: 'small', slots: ['0-511'], mode: 'Async', instances: 1 } as const;

afterAll(async () => {
  for (const name of partitions)
    await kubectl([
      'annotate',
      `mailboxpartition/${name}`,
      AT,
      `imapcluster.io/confirm-deletion=${name}`,
      '--overwrite',
    ]).catch(
      // It was never made.
      () => '',
    );
  await mail.remove();
  await kubectl(['delete', 'storageclass', NOBODYS_CLASS, '--ignore-not-found']);
});

/** A partition that holds nothing, beside the one that serves. */
async function applyPartition(name: string, repository: object): Promise<void> {
  partitions.add(name);
  await kubectlApply([
    {
      apiVersion: 'imapcluster.io/v1alpha1',
      kind: 'MailboxPartition',
      metadata: { name, namespace: NAMESPACE },
      spec: { clusterRef: { name: 'mail' }, durability: { mode: 'Async' }, repository },
    },
  ]);
}
const managed = (fields: object): object => ({
  engine: 'postgresql',
  managed: { instances: 1, storage: { size: '1Gi' }, ...fields },
});

type Wanted = {
  readonly status: string;
  readonly reason: string;
  readonly message: RegExp;
  readonly withinMs?: number;
};

/** Until a condition of an object is as wanted; what it was last is in the failure's message. */
async function untilTold(object: string, type: string, wanted: Wanted): Promise<void> {
  const { status, reason, message, withinMs = SOON_MS } = wanted;
  let seen = 'no such condition';
  const told = async (): Promise<boolean> => {
    const { status: is } = await kubectlGet<PartitionObject>([object, AT]);
    const found = is?.conditions?.find((one) => one.type === type);
    if (found !== undefined) seen = `${found.status} ${found.reason}: ${found.message}`;
    return found?.status === status && found.reason === reason && message.test(found.message);
  };
  await waitFor(told, { what: `${type} of ${object}`, deadlineMs: withinMs, everyMs: 250 }).catch((cause: Error) => {
    throw new Error(`${cause.message}; it is ${seen}`, { cause });
  });
}

type EventObject = { readonly message: string };

/** Until an Event about this very object has told that a condition turned. */
async function untilEvent(object: string, reason: string, { message, type = 'Warning' }: WantedEvent): Promise<void> {
  const { metadata } = await kubectlGet<{ metadata: { uid: string } }>([object, AT]);
  const fields = `involvedObject.uid=${metadata.uid},reason=${reason},type=${type}`;
  let seen: readonly string[] = [];
  const told = async (): Promise<boolean> => {
    const { items } = await kubectlGet<List<EventObject>>(['events', AT, `--field-selector=${fields}`]);
    seen = items.map((event) => event.message);
    return seen.some((note) => message.test(note));
  };
  await waitFor(told, { what: `an Event ${reason} of ${object}`, deadlineMs: SERVED_MS, everyMs: 250 }).catch(
    (cause: Error) => {
      throw new Error(`${cause.message}; there are ${seen.length}: ${seen.join(' | ')}`, { cause });
    },
  );
}

type WantedEvent = { readonly message: RegExp; readonly type?: 'Warning' | 'Normal' };

type Served = { readonly epoch: number | undefined; readonly pods: readonly string[] };

/** What shows that the partition that serves was left alone: its epoch, and the very same pods. */
async function served(): Promise<Served> {
  const object = await mail.untilHealthy(small.name, SERVED_MS);
  const selector = `--selector=imapcluster.io/partition=${small.name},app.kubernetes.io/component=database`;
  const { items } = await kubectlGet<{ items: readonly PodObject[] }>(['pods', AT, selector]);
  return { epoch: object.status?.epoch, pods: items.map(({ metadata }) => metadata.uid) };
}

test('a certificate that is not there: told by name; databases do not wait for it, and imapd serves once it is there', async () => {
  // Of a try before.
  await kubectl(['delete', 'secret/mail-tls', AT, '--ignore-not-found']);
  await kubectl(['delete', 'pods', '--selector=app.kubernetes.io/component=imapd', AT, '--wait=false']);
  const missing = { status: 'True', reason: 'CertificateMissing', message: /no Secret mail-tls for TLS: create it/ };
  await untilTold('imapcluster/mail', 'CertificateMissing', missing);
  await untilEvent('imapcluster/mail', 'CertificateMissing', missing);
  await mail.untilHealthy(small.name);
  const waiting = (await mail.pods('imapd')).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  expect(waiting.map(({ status }) => status.phase)).toEqual(['Pending']);
  const fingerprint = await mail.renewCertificate();
  await mail.untilReady(HEALED_MS);
  expect(await mail.certificates()).toEqual([fingerprint]);
  const gone = async (): Promise<boolean> =>
    condition(await kubectlGet<PartitionObject>(['imapcluster/mail', AT]), 'CertificateMissing') !== 'True';
  await waitFor(gone, { what: 'the end of CertificateMissing', deadlineMs: SOON_MS, everyMs: 250 });
  const over = { type: 'Normal', message: /CertificateMissing is over/ } as const;
  await untilEvent('imapcluster/mail', 'ConditionCleared', over);
  await mail.someUsers('certified', 1);
}, 480_000);

test('another major version than the data is of: the old one goes on, and it is told what to do', async () => {
  const before = await served();
  const asked = { image: postgresImages.current, majorVersion: WRONG_MAJOR };
  await mail.apply({ partitions: [{ ...small, managed: asked }] });
  const kept = { status: 'False', reason: 'VersionKept', message: /the data of \d+: .* goes on.*make a new partition/ };
  await untilTold('mailboxpartition/small', 'MembersSettled', kept);
  await untilEvent('mailboxpartition/small', 'VersionKept', kept);
  expect(await served()).toEqual(before);
  await mail.apply({ partitions: [small] });
  await untilTold('mailboxpartition/small', 'MembersSettled', { status: 'True', reason: 'Settled', message: /./ });
  await untilEvent('mailboxpartition/small', 'Settled', { type: 'Normal', message: /MembersSettled is well again/ });
  expect(await served()).toEqual(before);
}, 300_000);

const ADMINISTRATOR = 'dba';
const PASSWORD = 'right';

/** A database server that somebody else runs. Returns its address. */
async function startTheirs(): Promise<string> {
  const script = [
    `printf %s ${PASSWORD} >/data/password`,
    `/usr/lib/postgresql/${POSTGRES_MAJOR}/bin/initdb -D /data/server -U ${ADMINISTRATOR} -A scram-sha-256 --pwfile=/data/password`,
    'printf "host all all all scram-sha-256\\nhost replication all all scram-sha-256\\n" >>/data/server/pg_hba.conf',
    `exec /usr/lib/postgresql/${POSTGRES_MAJOR}/bin/postgres -D /data/server -k /data -c listen_addresses='*'`,
  ].join(' && ');
  await kubectlApply([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'theirs', namespace: NAMESPACE },
      spec: {
        securityContext: restrictedPod({ uid: 999, gid: 999 }),
        containers: [
          {
            name: 'server',
            image: postgresImages.current,
            securityContext: { ...restrictedContainer(), readOnlyRootFilesystem: false },
            command: ['sh', '-c', script],
            readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 1 },
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
        ],
        volumes: [{ name: 'data', emptyDir: {} }],
      },
    },
  ]);
  await kubectl(['wait', 'pod/theirs', AT, '--for=condition=Ready', '--timeout=60s'], { deadlineMs: 70_000 });
  return (await mail.pod('theirs')).status.podIP ?? '';
}

async function giveCredentials(password: string): Promise<void> {
  await kubectlApply([
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'theirs-db', namespace: NAMESPACE },
      stringData: { username: ADMINISTRATOR, password },
    },
  ]);
}

// Beside each other: each is a partition of its own, and half a minute passes before a volume is called missing.
describe.concurrent('partitions that cannot serve', () => {
  test.each([
    {
      what: 'an image of another major version than is said',
      name: 'wrong-major',
      fields: { image: postgresImages.current, majorVersion: WRONG_MAJOR },
      reason: 'ServerVersionWrong',
      message: new RegExp(
        `there is no /usr/lib/postgresql/${WRONG_MAJOR}/bin/postgres: image and majorVersion have to go together`,
      ),
    },
    {
      what: 'an image that the agent cannot run in',
      name: 'no-libc',
      // Every node has it: a program without any library beside it.
      fields: { image: DNS_IMAGE, majorVersion: POSTGRES_MAJOR },
      reason: 'ImageUnsuitable',
      message: /this image has no glibc/,
    },
    {
      what: 'a volume that nobody makes',
      name: 'no-volume',
      fields: { storage: { size: '1Gi', storageClassName: NOBODYS_CLASS } },
      reason: 'VolumeNotBound',
      message: new RegExp(`its volume is not bound \\(storage class ${NOBODYS_CLASS}\\)`),
    },
  ])(
    '$what: $reason, and who serves is left alone',
    async ({ name, fields, reason, message }) => {
      const before = await served();
      await kubectlApply([
        {
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: { name: NOBODYS_CLASS },
          provisioner: 'kubernetes.io/no-provisioner',
          volumeBindingMode: 'WaitForFirstConsumer',
        },
      ]);
      await applyPartition(name, managed(fields));
      await untilTold(`mailboxpartition/${name}`, 'MembersReady', { status: 'False', reason, message });
      await untilEvent(`mailboxpartition/${name}`, reason, { message });
      expect(await served()).toEqual(before);
    },
    240_000,
  );

  test('credentials of a server of others: missing, then wrong, each told; right, and it is taken over', async () => {
    const before = await served();
    // Of a try before.
    await kubectl(['delete', 'secret/theirs-db', AT, '--ignore-not-found']);
    const host = await startTheirs();
    const credentialsSecretRef = { name: 'theirs-db' };
    await applyPartition('theirs', { engine: 'postgresql', members: [{ name: 'theirs', host }], credentialsSecretRef });
    const missing = { status: 'False', reason: 'CredentialsMissing', message: /no Secret theirs-db: create it/ };
    await untilTold('mailboxpartition/theirs', 'MembersUsable', missing);
    await untilEvent('mailboxpartition/theirs', 'CredentialsMissing', missing);
    await giveCredentials('wrong');
    const refused = { status: 'False', reason: 'CredentialsRefused', message: /theirs/ };
    await untilTold('mailboxpartition/theirs', 'MembersUsable', refused);
    await untilEvent('mailboxpartition/theirs', 'CredentialsRefused', refused);
    await giveCredentials(PASSWORD);
    await untilTold('mailboxpartition/theirs', 'MembersUsable', { status: 'True', reason: 'Usable', message: /./ });
    await untilEvent('mailboxpartition/theirs', 'Usable', { type: 'Normal', message: /MembersUsable is well again/ });
    await untilTold('mailboxpartition/theirs', 'Ready', {
      status: 'True',
      reason: 'Serving',
      message: /./,
      withinMs: HEALED_MS,
    });
    expect(await served()).toEqual(before);
  }, 480_000);
});
