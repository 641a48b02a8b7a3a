import type { V1NetworkPolicyPeer, V1NetworkPolicyPort } from '@kubernetes/client-node';
import type { Policy, PolicyRule } from './policy.ts';

/** One peer and one port of a rule, which is a rule as well; `name` is the same for all policies that are alike. */
export type RulePart = { readonly name: string; readonly policy: Policy; readonly rule: PolicyRule };

const COMPONENT = 'app.kubernetes.io/component';

/** Every peer with every port: "database: from imapd to 5432/TCP". */
export function rulePartsOf(policy: Policy): readonly RulePart[] {
  const who = policy.labels[COMPONENT] ?? policy.name;
  return policy.rules.flatMap(({ direction, peers, ports }) =>
    (peers ?? [null]).flatMap((peer) =>
      (ports ?? [null]).map((port) => ({
        name: `${who}: ${direction === 'Ingress' ? 'from' : 'to'} ${peerText(peer)}, ${portText(port)}`,
        policy,
        rule: { direction, peers: peer === null ? null : [peer], ports: port === null ? null : [port] },
      })),
    ),
  );
}

function peerText(peer: V1NetworkPolicyPeer | null): string {
  if (peer === null) return 'anybody';
  if (peer.ipBlock !== undefined) return peer.ipBlock.cidr;
  return peer.podSelector?.matchLabels?.[COMPONENT] ?? JSON.stringify(peer);
}

function portText(port: V1NetworkPolicyPort | null): string {
  if (port?.port === undefined) return 'every port';
  const { port: number, endPort, protocol = 'TCP' } = port;
  return `${number}${endPort === undefined ? '' : `-${endPort}`}/${protocol}`;
}
