import { canonicalUser } from '#contract/placement.ts';
import type { PlaceOf } from '../../acl/mailbox-place.ts';
import { namespaceOf } from '../../acl/namespace-owner.ts';
import type { SharedNamespaces } from '../../acl/shared-namespaces.ts';
import type { UserPlace } from '../../routing/user-stores.ts';
import type { AccountStore } from '../../store/account-store.ts';
import type { Store } from '../../store/store.ts';
import type { CommandContext } from '../command-handler.ts';
import { type Completion, no } from '../completion.ts';

/** Who looks after the quota of others. */
export type Administration = {
  readonly placeOf: PlaceOf;
  readonly namespaces: SharedNamespaces;
  /** Canonical names of those whom the cluster names (`spec.authentication.admins`); others have it in their record. */
  readonly admins: ReadonlySet<string>;
};

/** A quota root is a user, by name: it is of all mailboxes that the user owns, and of no others. Each shared namespace is one, too. */
export type QuotaRoot = { readonly kind: 'root'; readonly owner: string; readonly store: Store };

/** The root that a client names; for another user's the client has to be an administrator. */
export async function quotaRoot(
  root: string,
  context: Pick<CommandContext, 'session' | 'attempt'>,
  { placeOf, namespaces, admins }: Administration,
): Promise<QuotaRoot | { readonly kind: 'refused'; readonly completion: Completion }> {
  const { user } = context.session;
  const namespace = namespaceOf(root);
  const owner = namespace === null ? canonicalUser(root) : root;
  if (owner === user.name) return { kind: 'root', owner, store: user.store };
  // Whether there is such a user is nobody's business either.
  if (!(await isAdmin(context, admins))) return { kind: 'refused', completion: notPermitted };
  const store = namespace === null ? storeOf(placeOf(owner)) : namespaces.of(namespace);
  if (store === null) return { kind: 'refused', completion: noSuchRoot };
  return store === 'unavailable' ? { kind: 'refused', completion: unreachable } : { kind: 'root', owner, store };
}

const storeOf = (place: UserPlace): Store | 'unavailable' | null => {
  if (place.kind === 'store') return place.store;
  return place.kind === 'nowhere' ? null : 'unavailable';
};

/** Asked when it matters: a right that is taken away ends at once. */
export async function isAdmin(
  { session, attempt }: Pick<CommandContext, 'session' | 'attempt'>,
  admins: Administration['admins'],
): Promise<boolean> {
  if (admins.has(session.user.name)) return true;
  const store: Pick<AccountStore, 'findAccount'> = session.user.store;
  return (await store.findAccount(session.user.name, attempt))?.admin === true;
}

export const noSuchRoot: Completion = no('There is no such quota root', 'NONEXISTENT');
export const notPermitted: Completion = no('That is for administrators', 'NOPERM');
const unreachable: Completion = no('The quota root cannot be reached at the moment, please try again', 'UNAVAILABLE');
