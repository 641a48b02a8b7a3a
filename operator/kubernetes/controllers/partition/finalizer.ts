import { GROUP } from '#crds/group.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { ApiClient } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { mailboxPartitions } from '../../api/resource.ts';
import { FIELD_MANAGER } from '../../apply/apply-object.ts';

/** On a MailboxPartition for as long as it may hold mail: the one thing about it that no API server can make again. */
export const MAIL_FINALIZER = `${GROUP}/mail`;

export const hasFinalizer = (partition: MailboxPartition): boolean => finalizersOf(partition).includes(MAIL_FINALIZER);

/** The partition with it; null: it is gone, or another of its name is there. */
export async function addFinalizer(
  client: ApiClient,
  { metadata }: MailboxPartition,
): Promise<MailboxPartition | null> {
  const { namespace, name, uid } = metadata;
  const desired = { metadata: { namespace, name, uid, finalizers: [MAIL_FINALIZER] } } as unknown as MailboxPartition;
  try {
    return await client.apply(mailboxPartitions, desired, { manager: FIELD_MANAGER });
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return null;
    throw error;
  }
}

/**
 * Whoever put it there: server-side apply would leave one that a person has put back with a manifest. Others stay.
 * @returns `conflict`: the partition has changed since it was read; see how it is now
 * @throws Error where the API server took it, and it is still there (something else puts it back)
 */
export async function removeFinalizer(
  client: ApiClient,
  partition: MailboxPartition,
): Promise<'removed' | 'gone' | 'conflict'> {
  const { namespace, name, uid, resourceVersion } = partition.metadata;
  const finalizers = finalizersOf(partition).filter((each) => each !== MAIL_FINALIZER);
  // A list is replaced as a whole: by the version nobody's addition is lost, by the uid it is not another's of that name.
  const metadata = { namespace, name, uid, resourceVersion, finalizers };
  try {
    const left = await client.merge(mailboxPartitions, { metadata }, { manager: FIELD_MANAGER });
    if (hasFinalizer(left)) throw new Error(`${MAIL_FINALIZER} is still on ${name} after it was taken away`);
    return 'removed';
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return 'gone';
    if (error instanceof ApiError && error.status === 409) return 'conflict';
    throw error;
  }
}

function finalizersOf({ metadata }: MailboxPartition): readonly string[] {
  return (metadata as { readonly finalizers?: readonly string[] }).finalizers ?? [];
}
