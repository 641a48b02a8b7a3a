import type { AclEntries } from '../store/acl.ts';
import type { Place } from './mailbox-place.ts';
import { EVERY_RIGHT, effectiveRights, type Rights } from './rights.ts';
import type { Standing } from './standings.ts';

/** Is this, in a shared namespace, what an owner is among his own mailboxes? Nobody else could grant anything there. */
export const owns = ({ kind }: Pick<Place, 'kind'>, { admin }: Standing): boolean => kind === 'shared' && admin;

/** What may be done in a mailbox that is not one's own, by the entries that its ACL has for one. */
export const rightsIn = (place: Pick<Place, 'kind'>, standing: Standing, entries: AclEntries): Rights =>
  owns(place, standing) ? EVERY_RIGHT : effectiveRights(entries);
