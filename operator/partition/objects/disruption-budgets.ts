import type { V1PodDisruptionBudget } from '@kubernetes/client-node';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { Built } from '../../objects/built.ts';
import { ownedMeta } from '../../objects/owned-meta.ts';
import { managedOf } from './member-input.ts';
import { membersSelector, partitionLabels } from './member-labels.ts';
import { partitionNames } from './partition-names.ts';

type Budget = { readonly name: string; readonly role: 'primary' | 'replica'; readonly minAvailable: number };

/** What budgets depend on beside the spec. */
export type Evictable = {
  /** The primary is well, and known to be one by its label: a replica can be done without. */
  readonly replicasMayGo: boolean;
  /** How many members there are. */
  readonly members: number;
};

/**
 * The primary is never evicted: who drains its node waits until the operator has made another one the primary. Of the
 * replicas one may go at a time, and none while the primary is not well or is being changed: one of them is to take its place,
 * and with a quorum it takes all of them to know which. So the primary and the last good replica never go together. A
 * partition of one server has no budget: there is nobody to switch to, and its node could never be drained.
 *
 * Numbers, not percentages or `maxUnavailable`: those are refused for pods without a controller that has a scale. And two
 * budgets that share no pod: the API server refuses to evict a pod that has two.
 */
export function disruptionBudgets(
  partition: MailboxPartition,
  { replicasMayGo, members }: Evictable,
): readonly Built<V1PodDisruptionBudget>[] {
  // Those that are on their way out are there, and count for a quorum, until they have gone.
  const count = Math.max(managedOf(partition).instances, members);
  if (count === 1) return [];
  const { primaryBudget, replicasBudget } = partitionNames(partition);
  const budgets: readonly Budget[] = [
    { name: primaryBudget, role: 'primary', minAvailable: 1 },
    { name: replicasBudget, role: 'replica', minAvailable: replicasMayGo ? count - 2 : count },
  ];
  return budgets.map(({ name, role, minAvailable }) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: ownedMeta({ owner: partition, name, labels: partitionLabels(partition) }),
    spec: { minAvailable, selector: { matchLabels: { ...membersSelector(partition, role) } } },
  }));
}
