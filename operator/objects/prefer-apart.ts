import type { V1PodAffinityTerm, V1PodAntiAffinity, V1WeightedPodAffinityTerm } from '@kubernetes/client-node';
import type { Labels } from './labels.ts';

/** Well-known labels of nodes. */
export const NODE_KEY = 'kubernetes.io/hostname';
export const ZONE_KEY = 'topology.kubernetes.io/zone';

/**
 * Pods with these labels keep apart: on different nodes first, and in different zones. A wish and not a condition, or a
 * cluster with too few nodes could not replace a lost member at all.
 */
export function preferApart(labels: Labels): V1PodAntiAffinity {
  const apart = (topologyKey: string, weight: number): V1WeightedPodAffinityTerm => {
    const podAffinityTerm: V1PodAffinityTerm = { labelSelector: { matchLabels: { ...labels } }, topologyKey };
    return { weight, podAffinityTerm };
  };
  return { preferredDuringSchedulingIgnoredDuringExecution: [apart(NODE_KEY, 100), apart(ZONE_KEY, 50)] };
}
