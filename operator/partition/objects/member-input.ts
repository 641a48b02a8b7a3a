import type { JWK } from 'jose';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { PodDefaults } from '../../objects/pod-defaults.ts';
import type { DatabaseImage } from './database-image.ts';

/** What the objects of a managed MailboxPartition are made of. */
export type MemberInput = {
  /** As the API server gave it: with uid and namespace, defaults applied. */
  readonly partition: MailboxPartition;
  readonly database: DatabaseImage;
  /** Image of the member agent (`images/member`): copied into the pod, it supervises the server of the stock image. */
  readonly agentImage: string;
  readonly pods: PodDefaults;
  /** Every key that may sign commands now: two while one is replaced. */
  readonly operatorKeys: readonly JWK[];
  /** Bearer token of the agents' GET endpoints. */
  readonly agentToken: string;
};

export type Managed = NonNullable<MailboxPartition['spec']['repository']['managed']>;

/** Of servers that somebody else runs the passwords and the record stay: the servers do, too. */
export const reclaimOf = ({ spec }: Pick<MailboxPartition, 'spec'>): Managed['reclaim'] =>
  spec.repository.managed?.reclaim ?? 'Retain';

/** @throws RangeError for a partition whose servers somebody else runs: nothing is to be made for it. */
export function managedOf({ metadata, spec }: Pick<MailboxPartition, 'metadata' | 'spec'>): Managed {
  const { managed } = spec.repository;
  if (managed === undefined) throw new RangeError(`the servers of partition ${metadata.name} are not managed`);
  return managed;
}
