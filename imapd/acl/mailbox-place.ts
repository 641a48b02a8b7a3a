import { canonicalUser } from '#contract/placement.ts';
import { canonicalInbox } from '../protocol/mailbox-name.ts';
import type { UserPlace } from '../routing/user-stores.ts';
import type { SessionUser } from '../session/session-user.ts';
import type { Store } from '../store/store.ts';
import { namespaceOwner, shownName } from './namespace-owner.ts';
import { SEPARATOR } from './separator.ts';
import type { SharedNamespaces } from './shared-namespaces.ts';

/** Where the mail of any user is. */
export type PlaceOf = (user: string) => UserPlace;

/** `owner` and `name` are the store's, `shown` is the session's. */
type Named = {
  readonly store: Store;
  readonly owner: string;
  readonly name: string;
  readonly shown: string;
  /** The session's user, where he has \Seen of his own there: see `Sharing.place`. */
  readonly reader?: string;
};
/** A mailbox that a session names, whether there is one or not. */
export type Place =
  | ({ readonly kind: 'own' } & Named)
  | ({ readonly kind: 'other' } & Named)
  /** In a shared namespace: no user's, so that administrators are to it what owners are to theirs. */
  | ({ readonly kind: 'shared' } & Named);

export type MailboxPlace =
  | Place
  /** No mailbox can have this name: a level above the mailboxes of others, or nobody's. */
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'unavailable' };

type Levels = {
  /** The level above the mailboxes of other users; null: there are none. */
  readonly prefix: string | null;
  readonly placeOf: PlaceOf;
  readonly namespaces: SharedNamespaces;
};

/**
 * Own mailboxes have their names, those of others `PREFIX/OWNER/NAME`, and those of nobody `NAMESPACE/NAME`. Nobody finds himself
 * among the others: one mailbox, one name.
 */
export function mailboxPlace(name: string, user: SessionUser, { prefix, placeOf, namespaces }: Levels): MailboxPlace {
  const [level = '', ...levels] = name.split(SEPARATOR);
  if (level === prefix) return placeOfOther(levels, user, { prefix, placeOf });
  const store = namespaces.of(level);
  if (store === null) return { kind: 'own', store: user.store, owner: user.name, name, shown: name };
  return store === 'unavailable' ? { kind: 'unavailable' } : placeOfNobody({ name, levels }, level, store);
}

function placeOfOther(
  [given = '', ...levels]: readonly string[],
  user: SessionUser,
  { prefix, placeOf }: { readonly prefix: string; readonly placeOf: PlaceOf },
): MailboxPlace {
  const owner = canonicalUser(given);
  if (owner === '' || levels.length === 0 || owner === user.name) return { kind: 'nowhere' };
  const place = placeOf(owner);
  if (place.kind !== 'store') return place;
  const inner = canonicalInbox(levels.join(SEPARATOR));
  return { kind: 'other', store: place.store, owner, name: inner, shown: shownName(prefix, { owner, name: inner }) };
}

/** There is no INBOX but those of users, and one could not be deleted. */
function placeOfNobody(
  { name, levels }: { readonly name: string; readonly levels: readonly string[] },
  namespace: string,
  store: Store,
): MailboxPlace {
  const [first = ''] = levels;
  if (first === '' || canonicalInbox(first) === 'INBOX') return { kind: 'nowhere' };
  return { kind: 'shared', store, owner: namespaceOwner(namespace), name: levels.join(SEPARATOR), shown: name };
}
