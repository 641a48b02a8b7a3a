import { withoutHold } from '../mailbox/without-hold.ts';
import type { SessionUser } from '../session/session-user.ts';
import type { MailboxId } from '../store/types.ts';
import type { Place } from './mailbox-place.ts';
import type { Rights } from './rights.ts';
import { rightsIn } from './rights-in.ts';
import type { Sharing } from './sharing.ts';

const NONE: Rights = new Set();

/**
 * Asks again and again what a user may do in a mailbox; null where there is no writer to ask. In one that is gone it is nothing:
 * its messages stay for a while, and to remove it ends what was shared.
 */
export const rightsNow = ({
  place,
  mailbox,
  user,
  sharing,
}: {
  readonly place: Place;
  readonly mailbox: MailboxId;
  readonly user: SessionUser;
  readonly sharing: Pick<Sharing, 'standing'>;
}): (() => Promise<Rights | null>) => {
  return async () => {
    const found = await withoutHold(async (attempt) => {
      const standing = await sharing.standing(user, attempt);
      const { identifiers } = standing;
      const entries = await place.store.readEntries({ mailbox, identifiers }, attempt);
      return entries === null ? NONE : rightsIn(place, standing, entries);
    });
    return found === 'unavailable' ? null : found;
  };
};
