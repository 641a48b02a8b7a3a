import type { MemberName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { LABEL, type Labels, selectorLabels, standardLabels } from '../../objects/labels.ts';

type Named = Pick<MailboxPartition, 'metadata' | 'spec'>;

/** What a member is to its partition; null while that is not settled, and then no Service points at it. */
export type MemberRole = 'primary' | 'replica' | null;

const by = ({ metadata, spec }: Named) =>
  ({ cluster: spec.clusterRef.name, component: 'database', partition: metadata.name }) as const;

/** Selects all members of a partition, or those in one role. */
export const membersSelector = (partition: Named, role: MemberRole = null): Labels => ({
  ...selectorLabels(by(partition)),
  ...(role === null ? {} : { [LABEL.role]: role }),
});

/** On every object of a partition. */
export const partitionLabels = (partition: Named): Labels => standardLabels(by(partition));

/** On what belongs to one member alone: its volume. */
export const memberLabels = (partition: Named, member: MemberName): Labels => ({
  ...partitionLabels(partition),
  [LABEL.member]: member,
});
