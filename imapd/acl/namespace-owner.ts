import { SEPARATOR } from './separator.ts';

/** No user can have such a name: those of users are stored in lower case. */
const PREFIX = 'NAMESPACE:';

/** Whom the mailboxes of a shared namespace are stored for, in the place of a user; the name of its quota root, too. */
export const namespaceOwner = (namespace: string): string => `${PREFIX}${namespace}`;

/** The shared namespace that an owner stands for; null: it is a user. */
export const namespaceOf = (owner: string): string | null =>
  owner.startsWith(PREFIX) ? owner.slice(PREFIX.length) : null;

/** What everybody but its owner calls a mailbox. `prefix`: the level above the mailboxes of other users. */
export function shownName(prefix: string, { owner, name }: { readonly owner: string; readonly name: string }): string {
  const namespace = namespaceOf(owner);
  return (namespace === null ? [prefix, owner, name] : [namespace, name]).join(SEPARATOR);
}
