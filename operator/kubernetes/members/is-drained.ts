import type { Node } from './members-input.ts';

/** Marks of those who are about to take a node away, beside `kubectl cordon`. */
const TAINTS: ReadonlySet<string> = new Set([
  'node.kubernetes.io/unschedulable',
  'ToBeDeletedByClusterAutoscaler',
  'karpenter.sh/disrupted',
  'karpenter.sh/disruption',
]);

/** Nothing is to run there any more before long: `kubectl drain`, or one of the programs that add and remove nodes. */
export const isDrained = ({ spec }: Node): boolean =>
  spec?.unschedulable === true || (spec?.taints?.some(({ key }) => TAINTS.has(key)) ?? false);
