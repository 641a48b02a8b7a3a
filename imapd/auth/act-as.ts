import { canonicalUser } from '#contract/placement.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { ActAs } from '../session/authenticator.ts';
import { findAccount, ofAccount } from './find-account.ts';

export type ActAsOptions = {
  readonly stores: UserStores;
  /** Who may, in any spelling. */
  readonly admins: readonly string[];
};

/** Lets those who may act for others (RFC 4422, 2: authorization identity). Whoever may not learns nothing of the other user. */
export function actAs({ stores, admins }: ActAsOptions): ActAs {
  const allowed = new Set(admins.map(canonicalUser));
  return async ({ actor, identity }, attempt) => {
    if (!allowed.has(actor.name)) return { kind: 'refused', reason: 'not among the admins' };
    const user = canonicalUser(identity);
    const place = stores.ofUser(user);
    if (place.kind === 'unavailable') return { kind: 'unavailable' };
    const account = await findAccount({ store: place.kind === 'store' ? place.store : null, user, attempt });
    if (account === 'unavailable') return { kind: 'unavailable' };
    if (account === null || place.kind !== 'store') return { kind: 'refused', reason: 'no such user' };
    const { store, unserved } = place;
    const until = actor.until === undefined ? {} : { until: actor.until };
    return { kind: 'ok', user: { name: user, store, unserved, actor: actor.name, ...until, ...ofAccount(account) } };
  };
}
