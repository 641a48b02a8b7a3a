import type { V1Deployment } from '@kubernetes/client-node';
import type { alarms } from '#crds/alarms.ts';
import type { ImapCluster, ImapClusterStatus } from '#crds/imap-cluster.ts';
import { selectorText } from '../../cluster/imapd-labels.ts';
import type { Stored } from '../api/resource.ts';
import { clusterConditions } from './cluster-conditions.ts';
import { datedConditions } from './dated-conditions.ts';
import { roundedSessions } from './rounded-sessions.ts';

export type ClusterStatusInput = {
  readonly cluster: ImapCluster;
  readonly deployment: Stored<V1Deployment> | null;
  /** null: not known at the moment. */
  readonly sessions: number | null;
  /** null: there is no document. */
  readonly routingVersion: number | null;
  /** What stands in the way, by the type of its condition; the message says what to do. */
  readonly problems: ReadonlyMap<ClusterProblem, string>;
  /** Milliseconds since 1970. */
  readonly now: number;
};

export type ClusterProblem = (typeof alarms.ImapCluster)[number];

/** `status` of an ImapCluster. The same input gives the same status, but for when conditions turned. */
export function clusterStatus(input: ClusterStatusInput): ImapClusterStatus {
  const { cluster, deployment, sessions, routingVersion, now } = input;
  const { generation } = cluster.metadata;
  const { replicas = 0, readyReplicas = 0 } = deployment?.status ?? {};
  const { conditions: before = [], sessions: told } = cluster.status ?? {};
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: phaseOf(input),
    replicas,
    readyReplicas,
    sessions: sessions === null ? (told ?? 0) : roundedSessions(sessions, told),
    selector: selectorText(cluster),
    ...(routingVersion === null ? {} : { routingVersion }),
    conditions: datedConditions(clusterConditions(input), { before, generation, now }),
  };
}

function phaseOf({ cluster, deployment, routingVersion }: ClusterStatusInput): NonNullable<ImapClusterStatus['phase']> {
  const { readyReplicas = 0 } = deployment?.status ?? {};
  if (cluster.spec.paused) return 'Paused';
  if (readyReplicas === 0 || routingVersion === null) return 'Starting';
  return readyReplicas >= cluster.spec.replicas ? 'Serving' : 'Degraded';
}
