import type { FoundMailbox, MailboxListing, MailboxState } from './mailbox-state.ts';
import type { MailboxId, OperationId } from './types.ts';

/** Rights by identifier, as letters of RFC 4314, 2.1. An identifier that begins with a dash takes them away. */
export type AclEntries = Readonly<Record<string, string>>;

/** A mailbox of somebody, with what its ACL says of the identifiers that were asked for. */
export type Granted<M extends MailboxState = MailboxState> = { readonly mailbox: M; readonly entries: AclEntries };

/** The mailbox of `owner` that has the longest of `names`. */
export type FindGranted = {
  readonly owner: string;
  readonly names: readonly string[];
  readonly identifiers: readonly string[];
};
export type FoundGranted = Granted<FoundMailbox>;

export type ListGranted = {
  /** Whose own mailboxes are left out. */
  readonly user: string;
  readonly identifiers: readonly string[];
  /** Mailboxes that are given at most: those granted to a user or a group before those granted to everybody. */
  readonly most: number;
};

/** In order of owner and name. `more`: there are more than `most`. */
export type GrantedPage = { readonly granted: readonly Granted[]; readonly more: boolean };

/** What a user has, and what others of the same partition have granted. */
export type Accessible = GrantedPage & { readonly own: readonly MailboxListing[] };

export type ChangeAcl = {
  readonly operation: OperationId;
  readonly mailbox: MailboxId;
  /** Canonical. */
  readonly identifier: string;
  readonly mode: 'replace' | 'add' | 'remove';
  /** Letters, each once; none and `replace` removes the entry. */
  readonly rights: string;
  /** Entries that a mailbox may have. */
  readonly most: number;
};
export type ChangeAclOutcome =
  | { readonly kind: 'changed' }
  | { readonly kind: 'tooMany' }
  /** There is no such mailbox any more. */
  | { readonly kind: 'gone' };
