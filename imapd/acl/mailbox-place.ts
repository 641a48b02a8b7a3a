import { canonicalUser } from '#contract/placement.ts';
import { canonicalInbox } from '../protocol/mailbox-name.ts';
import type { UserPlace } from '../routing/user-stores.ts';
import type { SessionUser } from '../session/session-user.ts';
import type { Store } from '../store/store.ts';

/** Where the mail of any user is. */
export type PlaceOf = (user: string) => UserPlace;

/** `owner` and `name` are the store's, `shown` is the session's. */
type Named = {
  readonly store: Store;
  readonly owner: string;
  readonly name: string;
  readonly shown: string;
};
/** A mailbox that a session names, whether there is one or not. */
export type Place = ({ readonly kind: 'own' } & Named) | ({ readonly kind: 'other' } & Named);

export type MailboxPlace =
  | Place
  /** No mailbox can have this name: a level above the mailboxes of others, or nobody's. */
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'unavailable' };

export const SEPARATOR = '/';

/**
 * Own mailboxes have their names, those of others `PREFIX/OWNER/NAME`. Nobody finds himself among the others: one mailbox, one name.
 * `prefix` null: there are no others.
 */
export function mailboxPlace(
  name: string,
  user: SessionUser,
  { prefix, placeOf }: { readonly prefix: string | null; readonly placeOf: PlaceOf },
): MailboxPlace {
  if (prefix === null || !(name === prefix || name.startsWith(`${prefix}${SEPARATOR}`))) {
    return { kind: 'own', store: user.store, owner: user.name, name, shown: name };
  }
  const [given = '', ...levels] = name.slice(prefix.length + 1).split(SEPARATOR);
  const owner = canonicalUser(given);
  if (owner === '' || levels.length === 0 || owner === user.name) return { kind: 'nowhere' };
  const place = placeOf(owner);
  if (place.kind !== 'store') return place;
  const inner = canonicalInbox(levels.join(SEPARATOR));
  return { kind: 'other', store: place.store, owner, name: inner, shown: shownName(prefix, { owner, name: inner }) };
}

/** What everybody but its owner calls a mailbox. */
export const shownName = (prefix: string, { owner, name }: { readonly owner: string; readonly name: string }): string =>
  [prefix, owner, name].join(SEPARATOR);
