import type { ControlStatus } from '#contract/control-api.ts';
import { API_VERSION } from '#crds/group.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { clusterNames } from '../../../cluster/cluster-names.ts';
import { WELL_KNOWN_PORT } from '../../../cluster/imapd-ports.ts';
import type { ClusterControl } from '../../../control/cluster-control.ts';
import { membersNow } from '../../../control/members-now.ts';
import type { Operator, RequestOutcome } from '../../../core.ts';
import { keyOf } from '../../watch/key-of.ts';
import type { Caches } from '../caches/caches.ts';
import { clusterGroup, partitionGroup } from '../caches/group-of.ts';
import type { ClusterRuntime } from '../runtime/cluster-runtime.ts';
import { readyPods } from '../runtime/imapd-pods.ts';
import { podProcesses } from './pod-processes.ts';

/** One cluster in the hands of people. */
export const clusterControl = (runtime: ClusterRuntime, caches: Caches): ClusterControl => ({
  adminToken: runtime.keys.adminToken,
  status: async () => controlStatus(runtime, caches),
  pods: () => readyPods(caches.pods.of(clusterGroup(runtime.cluster))),
  operator: () => runtime.core.operator ?? notRunning(runtime),
  members: () =>
    new Map(
      (runtime.core.operator?.status() ?? []).map(({ name, members }) => [name, members.map((member) => member.name)]),
    ),
});

function controlStatus(runtime: ClusterRuntime, caches: Caches): ControlStatus {
  const { cluster, core } = runtime;
  const partitions = caches.partitions.of(runtime.key);
  const views = core.operator?.status() ?? [];
  const pods = [clusterGroup(cluster), ...partitions.map(partitionGroup)].flatMap((group) => caches.pods.of(group));
  const waiting = views.flatMap(({ name, waitingFor }) => (waitingFor === null ? [] : [[name, waitingFor] as const]));
  return {
    objects: [shown('ImapCluster', cluster), ...partitions.map((each) => shown('MailboxPartition', each))],
    members: views.flatMap(membersNow),
    waiting: Object.fromEntries(waiting),
    operatorProblem: core.operator === null ? (core.problem ?? 'the core of this cluster has not begun yet') : null,
    processes: podProcesses(pods),
    endpoints: endpointsOf(cluster, caches),
  };
}

/** Objects out of a list lack what they are. */
const shown = (kind: string, object: ImapCluster | MailboxPartition): object => {
  const { managedFields: _, ...metadata } = object.metadata as typeof object.metadata & { managedFields?: unknown };
  return { ...object, apiVersion: API_VERSION, kind, metadata };
};

/** Where clients within the cluster connect; a load balancer's address where it has one. */
function endpointsOf(cluster: ImapCluster, { services }: Caches): ControlStatus['endpoints'] {
  const { namespace } = cluster.metadata;
  const { service: name } = clusterNames(cluster);
  const [ingress] = services.get(keyOf({ namespace, name }))?.status?.loadBalancer?.ingress ?? [];
  const host = ingress?.hostname ?? ingress?.ip ?? `${name}.${namespace}.svc`;
  return { imap: { host, port: WELL_KNOWN_PORT.imap }, imaps: { host, port: WELL_KNOWN_PORT.imaps } };
}

function notRunning({ core }: ClusterRuntime): Pick<Operator, 'requestSwitchover' | 'requestFailover'> {
  const message = core.problem ?? 'the core of this cluster has not begun yet';
  const refused: RequestOutcome = { ok: false, code: 'CoreFailed', message };
  return { requestSwitchover: async () => refused, requestFailover: async () => refused };
}
