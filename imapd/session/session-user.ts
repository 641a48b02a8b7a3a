import type { StandingRecord } from '../acl/standings.ts';
import type { Quota } from '../store/quota.ts';
import type { Store } from '../store/store.ts';

/** Who is signed in, and the store of the partition that holds this user's mailboxes. */
export type SessionUser = {
  /** Canonical user name (`canonicalUser` of the contract): the `owner` of the store. */
  readonly name: string;
  readonly store: Store;
  /** Fires once this partition is served here no more; absent: never. */
  readonly unserved?: AbortSignal;
  /** As it was when the account was looked at; absent where that was a moment ago, by another session. */
  readonly quota?: Quota;
  /** The same. */
  readonly record?: StandingRecord;
  /** Groups that the token names by which the user signed in, as it writes them; absent: none. */
  readonly groups?: readonly string[];
  /** The admin who acts for this user, having signed in; absent: nobody else. */
  readonly actor?: string;
  /** When what this user signed in by expires, in milliseconds of the Unix epoch; absent: never. */
  readonly until?: number;
};
