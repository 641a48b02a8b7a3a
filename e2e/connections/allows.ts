import type { V1NetworkPolicyPeer, V1NetworkPolicyPort } from '@kubernetes/client-node';
import type { Flow, FlowEnd, PodFacts } from './flow.ts';
import { inBlock } from './in-block.ts';
import type { Direction, Policy, PolicyRule } from './policy.ts';
import { selects } from './selects.ts';

/** Whether a policy has a say about a pod. */
export function concerns(policy: Policy, pod: PodFacts | null): boolean {
  return pod !== null && pod.namespace === policy.namespace && selects(policy.podSelector, pod.labels);
}

/**
 * What closes a flow to one of its ends: nothing, where no policy selects the pod there, or where a rule of one that does
 * lets it pass. Policies add up.
 */
export function refusedBy(flow: Flow, direction: Direction, policies: readonly Policy[]): readonly Policy[] {
  const own = direction === 'Ingress' ? flow.to : flow.from;
  const closing = policies.filter((policy) => policy.closes.includes(direction) && concerns(policy, own.pod));
  const open = closing.some((policy) => policy.rules.some((rule) => allows(policy, rule, flow)));
  return open ? [] : closing;
}

/** Whether one rule lets a flow pass, where its policy selects the pod at its end. */
export function allows(policy: Policy, { direction, peers, ports }: PolicyRule, flow: Flow): boolean {
  const [own, other] = direction === 'Ingress' ? [flow.to, flow.from] : [flow.from, flow.to];
  return (
    concerns(policy, own.pod) &&
    (peers === null || peers.some((peer) => isPeer(policy, peer, other))) &&
    (ports === null || ports.some((port) => isPort(port, flow)))
  );
}

function isPeer(
  policy: Policy,
  { ipBlock, podSelector, namespaceSelector }: V1NetworkPolicyPeer,
  end: FlowEnd,
): boolean {
  if (ipBlock !== undefined) return inBlock(end.address, ipBlock);
  const { pod } = end;
  if (pod === null) return false;
  // Without a selector of namespaces: those of the policy's own.
  const there =
    namespaceSelector === undefined
      ? pod.namespace === policy.namespace
      : selects(namespaceSelector, pod.namespaceLabels);
  return there && selects(podSelector ?? {}, pod.labels);
}

/** A name is one of the pod that is connected to; one that it does not have is nobody's port. */
function isPort({ protocol = 'TCP', port, endPort }: V1NetworkPolicyPort, flow: Flow): boolean {
  if (protocol !== flow.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === 'number') return flow.to.port >= port && flow.to.port <= (endPort ?? port);
  const named = flow.to.pod?.ports.filter((one) => one.name === port && one.protocol === protocol) ?? [];
  return named.some((one) => one.port === flow.to.port);
}
