import type { MailboxId, OperationId } from './types.ts';

/** In place of a mailbox: annotations of the server, each user's own. */
export const SERVER = '00000000-0000-0000-0000-000000000000' as MailboxId;

/** An annotation of a mailbox (RFC 5464). `entry` begins with /private or /shared and is in small letters. */
export type Annotation = {
  readonly mailbox: MailboxId;
  readonly entry: string;
  readonly octets: number;
  /** null: it has more octets than were asked for. */
  readonly value: Buffer | null;
};

/** Annotations of the first `complete` of the mailboxes, of each all or none: values are large and mailboxes many. */
export type AnnotationPage = { readonly annotations: readonly Annotation[]; readonly complete: number };

/** How far below the entries that are named (RFC 5464, 4.2.2). */
export type Depth = 0 | 1 | 'infinity';

export type ReadAnnotations = {
  readonly mailboxes: readonly MailboxId[];
  /** Whose /private entries. */
  readonly reader: string;
  readonly entries: readonly string[];
  readonly depth: Depth;
  /** Octets of the largest value that is wanted; null: all. */
  readonly maxSize: number | null;
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
  /** More octets than a user may have in all mailboxes together. */
  | { readonly kind: 'overQuota' }
  /** There is no such mailbox any more. */
  | { readonly kind: 'gone' };
