import type { PlatformSighting, ProcessEnd } from '../../ports.ts';
import type { MemberPod, Node } from './members-input.ts';
import { databaseOf, isLeaving } from './pod-state.ts';

export type PlatformInput = {
  /** The pod under the member's name; null: there is none. */
  readonly pod: MemberPod | null;
  /** The newest one of that name that was removed, as last seen; null: nobody saw one. */
  readonly removed: MemberPod | null;
  readonly nodes: KnownNodes;
};

/** By name. Not synced where the operator may not see them. */
export type KnownNodes = { readonly isSynced: boolean; get(name: string): Node | undefined };

/**
 * What Kubernetes says of a member. Its objects may be old, when the API server cannot be reached; so only what stays true
 * once it was so is told as an end. null: nothing was ever heard of it.
 */
export function platformSighting({ pod, removed, nodes }: PlatformInput): PlatformSighting | null {
  const current = pod ?? removed;
  const instance = current?.metadata.uid;
  if (current === null || instance === undefined) return null;
  const ends = [pod, removed].map((each) => (each === null ? null : endOf(each))).filter((end) => end !== null);
  return { instance, state: stateOf(current, pod === null, nodes), ends };
}

function stateOf(pod: MemberPod, isRemoved: boolean, nodes: KnownNodes): PlatformSighting['state'] {
  const isUp = isNodeUp(pod, nodes);
  if (isUp === false) return 'hostLost';
  if (isRemoved) return isUp === true ? 'gone' : 'unknown';
  return isLeaving(pod) ? 'leaving' : 'there';
}

/** null: nobody knows. A node that was deleted is no node that answers. */
function isNodeUp({ spec }: MemberPod, nodes: KnownNodes): boolean | null {
  if (spec?.nodeName === undefined || !nodes.isSynced) return null;
  const ready = nodes.get(spec.nodeName)?.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True';
}

/** A kubelet that does not find a container after its own restart says so; that is no container that was seen to end. */
const UNSEEN = 'ContainerStatusUnknown';

/**
 * The agent is the first process of its container, so that nothing of its database outlives it, and a kubelet writes
 * `terminated` when the runtime has told it of the end. The phase `Failed` proves nothing: controllers write it too, of pods whose
 * node they cannot reach. Neither does the removal of a pod, which by force comes before the end.
 */
function endOf(pod: MemberPod): ProcessEnd | null {
  const { state, lastState } = databaseOf(pod) ?? {};
  const ended = state?.terminated ?? lastState?.terminated;
  const at = Date.parse(`${ended?.finishedAt ?? ''}`);
  const { uid } = pod.metadata;
  if (ended === undefined || uid === undefined || ended.reason === UNSEEN || !(at > 0)) return null;
  const next = Date.parse(`${state?.running?.startedAt ?? ''}`);
  return { instance: uid, at, exitCode: ended.exitCode, replacedAt: Number.isNaN(next) ? null : next };
}
