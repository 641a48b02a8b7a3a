import type {
  V1LabelSelector,
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
} from '@kubernetes/client-node';

export type Direction = 'Ingress' | 'Egress';

/** `peers` or `ports` null: all of them. */
export type PolicyRule = {
  readonly direction: Direction;
  readonly peers: readonly V1NetworkPolicyPeer[] | null;
  readonly ports: readonly V1NetworkPolicyPort[] | null;
};

/** A NetworkPolicy with its defaults spelled out. */
export type Policy = {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly podSelector: V1LabelSelector;
  /** Directions in which nothing passes but what a rule allows. */
  readonly closes: readonly Direction[];
  readonly rules: readonly PolicyRule[];
};

/** An empty list of peers or ports means the same as none (networking.k8s.io/v1): everybody, every port. */
export function policyOf({ metadata, spec }: V1NetworkPolicy): Policy {
  const listOf = <T>(list: readonly T[] | undefined): readonly T[] | null =>
    list === undefined || list.length === 0 ? null : list;
  const ingress = (spec?.ingress ?? []).map(
    ({ _from, ports }): PolicyRule => ({ direction: 'Ingress', peers: listOf(_from), ports: listOf(ports) }),
  );
  const egress = (spec?.egress ?? []).map(
    ({ to, ports }): PolicyRule => ({ direction: 'Egress', peers: listOf(to), ports: listOf(ports) }),
  );
  const closes: readonly Direction[] = egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    labels: metadata?.labels ?? {},
    podSelector: spec?.podSelector ?? {},
    closes: (spec?.policyTypes as readonly Direction[] | undefined) ?? closes,
    rules: [...ingress, ...egress],
  };
}
