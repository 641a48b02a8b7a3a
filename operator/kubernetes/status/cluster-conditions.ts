import type { V1Deployment, V1DeploymentCondition } from '@kubernetes/client-node';
import type { Stored } from '../api/resource.ts';
import type { ClusterStatusInput } from './cluster-status.ts';
import { type Judgement, judge } from './dated-conditions.ts';

/** Ready, Progressing, and whatever stands in the way. */
export function clusterConditions(input: ClusterStatusInput): readonly Judgement[] {
  const alarms = [...input.problems].map(([type, message]) => judge(type, true, { reason: type, message }));
  return [ready(input), progressing(input), ...alarms];
}

/** That it serves at all; how well, the phase tells. */
function ready({ cluster, deployment, routingVersion }: ClusterStatusInput): Judgement {
  const { readyReplicas = 0 } = deployment?.status ?? {};
  const message = `${readyReplicas} of ${cluster.spec.replicas} imapd pods take sessions`;
  if (routingVersion === null)
    return judge('Ready', false, { reason: 'NoRouting', message: 'there is no routing document yet' });
  return judge('Ready', readyReplicas > 0, { reason: readyReplicas > 0 ? 'Serving' : 'NoPods', message });
}

/** Whether pods are on their way to what the spec asks for. */
function progressing({ cluster, deployment }: ClusterStatusInput): Judgement {
  if (cluster.spec.paused) return judge('Progressing', false, { reason: 'Paused', message: 'nothing is changed' });
  if (deployment === null)
    return judge('Progressing', true, { reason: 'Creating', message: 'the Deployment is being made' });
  const stuck = deployment.status?.conditions?.find(isStuckBy);
  if (isRolledOut(deployment))
    return judge('Progressing', false, { reason: 'RolledOut', message: 'every pod is of the newest make' });
  if (stuck === undefined)
    return judge('Progressing', true, { reason: 'RollingOut', message: 'pods are being replaced, made or removed' });
  return judge('Progressing', false, { reason: 'Stuck', message: stuck.message ?? 'pods do not come up' });
}

/** A quota or a webhook refuses pods long before the deadline of progress has passed. */
const isStuckBy = ({ type, status, reason }: Pick<V1DeploymentCondition, 'type' | 'status' | 'reason'>): boolean =>
  (type === 'ReplicaFailure' && status === 'True') || reason === 'ProgressDeadlineExceeded';

function isRolledOut({ metadata, spec, status = {} }: Stored<V1Deployment>): boolean {
  const wanted = spec?.replicas ?? 1;
  const { observedGeneration, updatedReplicas, replicas, availableReplicas } = status;
  const counts = [updatedReplicas ?? 0, replicas ?? 0, availableReplicas ?? 0];
  return observedGeneration === metadata.generation && counts.every((count) => count === wanted);
}
