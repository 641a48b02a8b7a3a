import type { StatusItem } from './status-item.ts';

/** Which mailboxes a LIST selects (RFC 5258, 3.1). A plain LIST has all of these false. */
export interface ListSelection {
  readonly subscribed: boolean;
  readonly remote: boolean;
  /** Only together with `subscribed`. */
  readonly recursiveMatch: boolean;
  /** RFC 6154. */
  readonly specialUse: boolean;
}

/** What a LIST says of each (RFC 5258, 3.2; RFC 5819; RFC 6154). */
export interface ListReturn {
  readonly subscribed: boolean;
  readonly children: boolean;
  readonly specialUse: boolean;
  /** null: no STATUS wanted. */
  readonly status: readonly StatusItem[] | null;
  /** Entries (RFC 9590); null: no METADATA wanted. */
  readonly metadata: readonly string[] | null;
  /** RFC 8440. */
  readonly myRights: boolean;
}
