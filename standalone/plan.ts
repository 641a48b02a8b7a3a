import { clusterName, type MemberName, partitionName } from '#contract/names.ts';
import { canonicalUser } from '#contract/placement.ts';
import { parseDuration } from '#crds/duration.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { membersOf } from '#crds/members-of.ts';
import { slotsOf } from '#crds/slot-range.ts';
import type { ClusterSpec, PartitionSpec } from '#operator/partition/partition-spec.ts';
import type { Manifests } from './manifests/load-manifests.ts';
import type { PortBook } from './state/ports.ts';

/** All inner connections stay on this machine. */
export const LOOPBACK = '127.0.0.1';

/** A database server and its agent: two ports on loopback. */
export type MemberPlan = { readonly name: MemberName; readonly serverPort: number; readonly agentPort: number };
export type PartitionPlan = { readonly object: MailboxPartition; readonly members: readonly MemberPlan[] };
/** An imapd. All share the IMAP ports; the admin port is its own. */
export type PodPlan = { readonly name: string; readonly adminPort: number };

/** Which processes there will be and where each listens. */
export type Plan = {
  readonly cluster: ImapCluster;
  readonly partitions: readonly PartitionPlan[];
  readonly pods: readonly PodPlan[];
  readonly operatorPort: number;
};

/** Names and ports of everything. Ports are kept, so that the plan is the same at every start. */
export async function planCluster({ cluster, partitions }: Manifests, ports: PortBook): Promise<Plan> {
  const planned: PartitionPlan[] = [];
  for (const object of partitions) {
    const members: MemberPlan[] = [];
    for (const name of membersOf(object)) {
      members.push({
        name,
        serverPort: await ports.portFor(`${name} server`),
        agentPort: await ports.portFor(`${name} agent`),
      });
    }
    planned.push({ object, members });
  }
  const pods: PodPlan[] = [];
  for (let index = 0; index < cluster.spec.replicas; index++) {
    const name = `imapd-${index}`;
    pods.push({ name, adminPort: await ports.portFor(`${name} admin`) });
  }
  return { cluster, partitions: planned, pods, operatorPort: await ports.portFor('operator') };
}

/** What the operator is to bring about: the manifests with addresses in place of names. */
export function clusterSpec({ cluster, partitions }: Plan): ClusterSpec {
  const objects = partitions.map(({ object }) => object);
  const users = objects.flatMap(({ metadata, spec }) =>
    spec.holds.users.map((user) => [canonicalUser(user), metadata.name] as const),
  );
  return {
    cluster: clusterName(cluster.metadata.name),
    placement: { users: Object.fromEntries(users), namespaces: {}, slots: slotsOf(objects) },
    partitions: partitions.map((partition) => partitionSpec(partition, cluster.spec.paused)),
  };
}

function partitionSpec({ object, members }: PartitionPlan, clusterPaused: boolean): PartitionSpec {
  const { repository, durability, failover, paused } = object.spec;
  // Manifests with another engine were refused (crds/unsupported.ts); should one come here, it must not pass for this.
  if (repository.engine !== 'postgresql') throw new RangeError(`no operator for engine ${repository.engine}`);
  return {
    name: partitionName(object.metadata.name),
    engine: repository.engine,
    database: repository.database,
    members: members.map(({ name, serverPort, agentPort }) => ({
      name,
      endpoint: { host: LOOPBACK, port: serverPort },
      agentUrl: `http://${LOOPBACK}:${agentPort}`,
    })),
    durability,
    failover: {
      mode: failover.mode,
      probeIntervalMs: parseDuration(failover.probeInterval),
      failureThreshold: failover.failureThreshold,
      maxLostSeconds: failover.maxLostSeconds,
      delayMs: parseDuration(failover.delay),
      uidGap: failover.uidGap,
    },
    paused: paused || clusterPaused,
  };
}
