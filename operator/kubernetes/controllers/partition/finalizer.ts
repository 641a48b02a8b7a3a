import { GROUP } from '#crds/group.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { ApiClient } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { mailboxPartitions } from '../../api/resource.ts';
import { FIELD_MANAGER } from '../../apply/apply-object.ts';

/** On a MailboxPartition for as long as it may hold mail: the one thing about it that no API server can make again. */
export const MAIL_FINALIZER = `${GROUP}/mail`;

export function hasFinalizer({ metadata }: MailboxPartition): boolean {
  const { finalizers = [] } = metadata as { readonly finalizers?: readonly string[] };
  return finalizers.includes(MAIL_FINALIZER);
}

/** The partition with or without it; null: it is gone, or another of its name is there. */
export async function setFinalizer(
  client: ApiClient,
  { metadata }: MailboxPartition,
  wanted: boolean,
): Promise<MailboxPartition | null> {
  const { namespace, name, uid } = metadata;
  const finalizers = wanted ? { finalizers: [MAIL_FINALIZER] } : {};
  const desired = { metadata: { namespace, name, uid, ...finalizers } } as unknown as MailboxPartition;
  try {
    return await client.apply(mailboxPartitions, desired, { manager: FIELD_MANAGER });
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return null;
    throw error;
  }
}
