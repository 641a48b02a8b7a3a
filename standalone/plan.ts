import { clusterName, type MemberName } from '#contract/names.ts';
import { canonicalNamespace, canonicalUser } from '#contract/placement.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { membersOf } from '#crds/members-of.ts';
import { slotsOf } from '#crds/slot-range.ts';
import { newestVersion } from '#imapd/store/schema-versions.ts';
import { existingMembers } from '#operator/partition/existing-members.ts';
import type { ClusterSpec, MemberSpec, PartitionSpec } from '#operator/partition/partition-spec.ts';
import { partitionSpecOf } from '#operator/partition/partition-spec-of.ts';
import type { Manifests } from './manifests/load-manifests.ts';
import type { PortBook } from './state/ports.ts';

/** All inner connections stay on this machine. */
export const LOOPBACK = '127.0.0.1';

/** A database server and its agent: two ports on loopback. */
export type MemberPlan = { readonly name: MemberName; readonly serverPort: number; readonly agentPort: number };
/** `existing`: servers that somebody else runs; no process is started for them. */
export type PartitionPlan = {
  readonly object: MailboxPartition;
  readonly members: readonly MemberPlan[];
  readonly existing: readonly MemberSpec[];
};
/** An imapd. All share the IMAP ports; the admin port is its own. */
export type PodPlan = { readonly name: string; readonly adminPort: number };

/** Which processes there will be and where each listens. */
export type Plan = {
  readonly cluster: ImapCluster;
  readonly partitions: readonly PartitionPlan[];
  readonly pods: readonly PodPlan[];
  readonly operatorPort: number;
  /** Health and metrics of the supervisor. */
  readonly supervisorPort: number;
};

/** Names and ports of everything. Ports are kept, so that the plan is the same at every start. */
export async function planCluster({ cluster, partitions }: Manifests, ports: PortBook): Promise<Plan> {
  const planned: PartitionPlan[] = [];
  for (const object of partitions) {
    const members: MemberPlan[] = [];
    const existing = existingMembers(object);
    for (const name of existing.length > 0 ? [] : membersOf(object)) {
      members.push({
        name,
        serverPort: await ports.portFor(`${name} server`),
        agentPort: await ports.portFor(`${name} agent`),
      });
    }
    planned.push({ object, members, existing });
  }
  const pods: PodPlan[] = [];
  for (let index = 0; index < cluster.spec.replicas; index++) {
    const name = `imapd-${index}`;
    pods.push({ name, adminPort: await ports.portFor(`${name} admin`) });
  }
  const [operatorPort, supervisorPort] = [await ports.portFor('operator'), await ports.portFor('supervisor')];
  return { cluster, partitions: planned, pods, operatorPort, supervisorPort };
}

/** What the operator is to bring about: the manifests with addresses in place of names. */
export function clusterSpec({ cluster, partitions }: Plan): ClusterSpec {
  const objects = partitions.map(({ object }) => object);
  const users = objects.flatMap(({ metadata, spec }) =>
    spec.holds.users.map((user) => [canonicalUser(user), metadata.name] as const),
  );
  const namespaces = objects.flatMap(({ metadata, spec }) =>
    spec.holds.namespaces.map((name) => [canonicalNamespace(name), metadata.name] as const),
  );
  return {
    cluster: clusterName(cluster.metadata.name),
    placement: {
      ...{ users: Object.fromEntries(users), namespaces: Object.fromEntries(namespaces) },
      slots: slotsOf(objects),
    },
    partitions: partitions.map((partition) => partitionSpec(partition, cluster.spec.paused)),
  };
}

/** What the operator calls the schema that the imapd beside it expects. */
export const newestSchema = String(newestVersion);

const partitionSpec = ({ object, members, existing }: PartitionPlan, clusterPaused: boolean): PartitionSpec =>
  partitionSpecOf(object, {
    clusterPaused,
    schema: newestSchema,
    members: [
      ...existing,
      ...members.map(({ name, serverPort, agentPort }) => ({
        name,
        endpoint: { host: LOOPBACK, port: serverPort },
        agentUrl: `http://${LOOPBACK}:${agentPort}`,
      })),
    ],
  });
