import type { V1Namespace, V1Pod } from '@kubernetes/client-node';
import { MAIL_SCHEMA } from '#contract/mail-schema.ts';
import { memberName } from '#contract/names.ts';
import { API_VERSION } from '#crds/group.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { imapClusterKind, mailboxPartitionKind } from '#crds/kind.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { ApiClient } from '#operator/kubernetes/api/api-client.ts';
import {
  type ApiObject,
  configMaps,
  imapClusters,
  mailboxPartitions,
  pods,
  type Resource,
  type Stored,
  secrets,
  services,
  volumeClaims,
} from '#operator/kubernetes/api/resource.ts';
import { FIELD_MANAGER } from '#operator/kubernetes/apply/apply-object.ts';
import {
  disruptionBudgets as budgetsKind,
  networkPolicies,
} from '#operator/kubernetes/controllers/caches/managed-kinds.ts';
import { withDefaults } from '#operator/kubernetes/kinds/with-defaults.ts';
import { desiredVolume } from '#operator/kubernetes/members/desired-volume.ts';
import { ClusterKeys } from '#operator/kubernetes/ports/cluster-keys.ts';
import { ensurePartitionCredentials } from '#operator/kubernetes/ports/ensure-partition-credentials.ts';
import { recordConfigMap } from '#operator/kubernetes/ports/record-config-map.ts';
import { recordData } from '#operator/kubernetes/ports/record-data.ts';
import { runtime } from '#operator/kubernetes/test-support/connect.ts';
import { standardLabels } from '#operator/objects/labels.ts';
import { disruptionBudgets } from '#operator/partition/objects/disruption-budgets.ts';
import { DATABASE_CONTAINER } from '#operator/partition/objects/member-containers.ts';
import { memberInputOf } from '#operator/partition/objects/member-input-of.ts';
import { memberPod } from '#operator/partition/objects/member-pod.ts';
import { partitionObjects } from '#operator/partition/objects/partition-objects.ts';
import { type Condition, newRecord, type PartitionRecord } from '#operator/partition/record.ts';
import { codes } from '#runtime/error-codes.ts';
import { inParallel } from './in-parallel.ts';
import { operatorConfiguration } from './operator-configuration.ts';
import { readyStatus } from './ready-status.ts';
import { CLUSTER, type ClusterPlaces, MEMBERS, type PartitionPlaces, type World } from './world.ts';

const SLOTS = 1_024;

/** Namespaces are made by their path: the operator has no business with them. */
const namespaces: Resource<Stored<V1Namespace>> = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};

/**
 * Puts a world into the API as an operator left it that has served it for long: partitions with a record at epoch 1, all that is
 * made around them, their members' volumes with all data, pods that run. What a cluster has of its own the operator adds, and
 * every status.
 */
export async function seed(client: ApiClient, { clusters }: World): Promise<void> {
  const partitions: Seeded[] = [];
  for (const cluster of clusters) {
    const keys = await seedCluster(client, cluster);
    partitions.push(...cluster.partitions.map((partition, index) => ({ cluster, keys, partition, index })));
  }
  await inParallel(partitions, (each) => seedPartition(client, each));
  const all = clusters.flatMap(({ namespace, pods: imapd }) => imapd.map((place) => ({ namespace, ...place })));
  await inParallel(all, async ({ namespace, name, address }) => {
    await runPod(client, imapdPod(namespace, name), { container: 'imapd', address });
  });
}

/** Its keys are made as the operator makes them: pods are of a make that has them in it. */
async function seedCluster(client: ApiClient, { namespace, pods: imapd }: ClusterPlaces): Promise<ClusterKeys> {
  await create(client, namespaces, { metadata: { name: namespace } });
  const metadata = { namespace, name: CLUSTER };
  const written = { apiVersion: API_VERSION, kind: 'ImapCluster', metadata, spec: { replicas: imapd.length } };
  const made = await create(client, imapClusters, written as ImapCluster);
  const keys = new ClusterKeys({ client, ...quietly });
  await keys.settle(withDefaults(imapClusterKind, made));
  return keys;
}

const STATUS = { subresource: 'status' } as const;
/** Nobody is told of what is made here. */
const quietly = { clock: runtime.clock, events: { emit: () => undefined }, graceMs: 0 } as const;

type Seeded = {
  readonly cluster: ClusterPlaces;
  readonly keys: ClusterKeys;
  readonly partition: PartitionPlaces;
  /** Among those of its cluster. */
  readonly index: number;
};

async function seedPartition(client: ApiClient, { cluster, keys, partition, index }: Seeded): Promise<void> {
  const { namespace, partitions } = cluster;
  const made = await create(client, mailboxPartitions, {
    apiVersion: API_VERSION,
    kind: 'MailboxPartition',
    metadata: { namespace, name: partition.name, finalizers: ['imapcluster.io/mail'] },
    spec: {
      clusterRef: { name: CLUSTER },
      holds: { slots: [slotsOf(index, partitions.length)] },
      repository: { engine: 'postgresql', managed: { instances: MEMBERS } },
    },
  } as unknown as MailboxPartition);
  const whole = withDefaults(mailboxPartitionKind, made);
  await create(client, configMaps, recordConfigMap(whole, recordData(1, recordOf(partition))));
  const configuration = operatorConfiguration();
  const { publicKeys: operatorKeys, agentToken } = keys;
  const build = memberInputOf(whole, configuration, { operatorKeys, agentToken });
  await ensurePartitionCredentials({ client, ...quietly, whole: true }, whole);
  const budgets = disruptionBudgets(whole, { replicasMayGo: true, members: partition.members.length });
  for (const object of [...partitionObjects(build), ...budgets])
    await client.apply<ApiObject>(kindOf(object), object, APPLIED);
  const marks = { joined: true, retired: null, database: configuration.images.postgres };
  for (const [at, { name, address }] of partition.members.entries()) {
    const member = memberName(name);
    await create(client, volumeClaims, desiredVolume(build, { member, marks, live: null }));
    const pod = memberPod(build, member, at === 0 ? 'primary' : 'replica');
    await runPod(client, pod, { container: DATABASE_CONTAINER, address });
  }
}

const APPLIED = { manager: FIELD_MANAGER } as const;
const MADE_AROUND: readonly Resource<ApiObject>[] = [secrets, services, networkPolicies, budgetsKind];

function kindOf({ kind }: { readonly kind: string }): Resource<ApiObject> {
  const found = MADE_AROUND.find((resource) => resource.kind === kind);
  if (found === undefined) throw new RangeError(`a partition has a ${kind} too, by now`);
  return found;
}

type Running = { readonly container: string; readonly address: string };

/** In place of scheduler and kubelet. */
async function runPod(client: ApiClient, pod: Stored<V1Pod>, { container, address }: Running): Promise<void> {
  const { namespace, name } = (await create(client, pods, pod)).metadata;
  await client.merge(pods, { metadata: { namespace, name }, status: readyStatus([container], address) }, STATUS);
}

/** Neighbouring shares of all slots. */
const slotsOf = (index: number, among: number): string => {
  const from = Math.floor((index * SLOTS) / among);
  return `${from}-${Math.floor(((index + 1) * SLOTS) / among) - 1}`;
};

/** Of the conditions the one that would be False until all imapd are told; the others are as they are at once. */
const CONVERGED: Condition = {
  type: 'TargetsConverged',
  status: 'True',
  reason: 'TargetsConverged',
  message: codes.TargetsConverged.what,
  lastTransitionTime: 0,
};

function recordOf({ members }: PartitionPlaces): PartitionRecord {
  const [primary = memberName(''), ...replicas] = members.map(({ name }) => memberName(name));
  return {
    ...newRecord,
    epoch: 1,
    servedEpoch: 1,
    primary,
    phase: 'Healthy',
    synchronous: { required: 1, members: replicas },
    schema: { version: MAIL_SCHEMA, mark: null, since: 0, problem: null },
    target: { epoch: 1, writer: primary, readers: replicas },
    members: members.map(({ name }, at) => ({
      name: memberName(name),
      role: at === 0 ? 'primary' : 'replica',
      reachable: true,
      timeline: 1,
    })),
    conditions: [CONVERGED],
  };
}

/** As the Deployment's pods are, as far as the operator looks. */
const imapdPod = (namespace: string, name: string): Stored<V1Pod> => ({
  metadata: { namespace, name, labels: standardLabels({ cluster: CLUSTER, component: 'imapd' }) },
  spec: { containers: [{ name: 'imapd', image: 'registry.example/imapd:1' }] },
});

/** @throws Error where there is one of that name */
async function create<T extends ApiObject>(client: ApiClient, resource: Resource<T>, object: T): Promise<T> {
  const made = await client.create(resource, object);
  if (!made.ok) throw new Error(`${resource.kind} ${object.metadata.name}: ${made.reason}`);
  return made.object;
}
