import type { MailboxId, OperationId } from './types.ts';

/** In place of a mailbox: annotations of the server, each user's own. */
export const SERVER = '00000000-0000-0000-0000-000000000000' as MailboxId;

/** An annotation of a mailbox (RFC 5464). `entry` begins with /private or /shared and is in small letters. */
export type Annotation = { readonly mailbox: MailboxId; readonly entry: string; readonly value: Buffer };

/** How far below the entries that are named (RFC 5464, 4.2.2). */
export type Depth = 0 | 1 | 'infinity';

export type ReadAnnotations = {
  readonly mailboxes: readonly MailboxId[];
  /** Whose /private entries. */
  readonly reader: string;
  readonly entries: readonly string[];
  readonly depth: Depth;
};

export type WriteAnnotations = {
  readonly operation: OperationId;
  readonly mailbox: MailboxId;
  readonly reader: string;
  /** null removes. All or none. */
  readonly changes: readonly { readonly entry: string; readonly value: Buffer | null }[];
  /** Entries that a mailbox may have: shared ones, and private ones of each reader. */
  readonly most: number;
};

export type WriteAnnotationsOutcome =
  | { readonly kind: 'written' }
  | { readonly kind: 'tooMany' }
  /** There is no such mailbox any more. */
  | { readonly kind: 'gone' };
