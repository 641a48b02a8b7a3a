import { withoutHold } from '../mailbox/without-hold.ts';
import type { Store } from '../store/store.ts';
import type { MailboxId } from '../store/types.ts';
import { identifiersOf } from './identifiers.ts';
import { effectiveRights, type Rights } from './rights.ts';

/**
 * Asks again and again what a user may do in a mailbox; null where there is no writer to ask. In one that is gone it is nothing:
 * its messages stay for a while, and to remove it ends what was shared.
 */
export const rightsNow = ({
  store,
  mailbox,
  user,
}: {
  readonly store: Pick<Store, 'readEntries'>;
  readonly mailbox: MailboxId;
  readonly user: string;
}): (() => Promise<Rights | null>) => {
  const request = { mailbox, identifiers: identifiersOf(user) };
  return async () => {
    const entries = await withoutHold((attempt) => store.readEntries(request, attempt));
    return entries === 'unavailable' ? null : effectiveRights(entries ?? {});
  };
};
