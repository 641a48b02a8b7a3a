import type { MemberPod, MemberVolume, Node } from './members-input.ts';

/** Where a volume that was made on a node's own disk has its home. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

type Where = { readonly pod: MemberPod | null; readonly volume: MemberVolume | null; readonly nodes: readonly Node[] };

/**
 * Since when the node that a member needs has not been there; null while it is. Milliseconds since 1970. A node that is
 * merely being drained is there. What the member itself says of it counts for more, and is looked at elsewhere.
 */
export function lostSince({ pod, volume, nodes }: Where): number | null {
  // Without a single node there is no cluster: they have not been listed.
  if (pod === null || nodes.length === 0) return null;
  const { nodeName } = pod.spec ?? {};
  if (nodeName !== undefined) return sinceOn(nodeName, nodes, pod.metadata.deletionTimestamp);
  const waiting = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const home = volume?.metadata.annotations?.[SELECTED_NODE];
  if (waiting === undefined || home === undefined) return null;
  const unscheduled = timeOf(waiting.lastTransitionTime ?? pod.metadata.creationTimestamp);
  const since = sinceOn(home, nodes, waiting.lastTransitionTime ?? pod.metadata.creationTimestamp);
  return since === null || unscheduled === null ? null : Math.max(since, unscheduled);
}

/** @param gone when the pod was seen without it, where the node is no more */
function sinceOn(name: string, nodes: readonly Node[], gone: string | undefined): number | null {
  const node = nodes.find(({ metadata }) => metadata.name === name);
  // Kubernetes deletes such a pod itself before long, by force; and then it is made again.
  if (node === undefined) return timeOf(gone);
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? null : timeOf(ready.lastTransitionTime);
}

function timeOf(text: string | undefined): number | null {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
