import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { type DatabaseImage, type DatabaseImages, IMAGE_KEY, stockImage } from './database-image.ts';
import { type MemberInput, managedOf } from './member-input.ts';

/** What an installation of the operator decides for members, where the spec of a partition leaves it open. */
export type MemberDefaults = Pick<MemberInput, 'pods'> & {
  readonly images: DatabaseImages & { readonly member: string };
};

/** Keys and tokens of the cluster, from the Secrets that hold them. */
export type MemberKeys = Pick<MemberInput, 'operatorKeys' | 'agentToken'>;

/** @throws RangeError for a partition whose servers somebody else runs */
export const memberInputOf = (
  partition: MailboxPartition,
  defaults: MemberDefaults,
  keys: MemberKeys,
): MemberInput => ({
  partition,
  database: databaseOf(partition, defaults),
  agentImage: defaults.images.member,
  pods: defaults.pods,
  operatorKeys: keys.operatorKeys,
  agentToken: keys.agentToken,
});

/** Image and version go together: neither says anything of the other (a rule of the CRD). */
function databaseOf(partition: MailboxPartition, { images }: MemberDefaults): DatabaseImage {
  const { engine } = partition.spec.repository;
  const { image, majorVersion } = managedOf(partition);
  if (image !== undefined && majorVersion !== undefined) return stockImage(engine, image, majorVersion);
  const usual = images[IMAGE_KEY[engine]];
  return stockImage(engine, usual.image, usual.majorVersion);
}
