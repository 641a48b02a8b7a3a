import type { IdSet } from './sets/id-set.ts';
import type { SequenceSet } from './sets/sequence-set.ts';

/** What a client that was away knows of a mailbox: the parameter QRESYNC of SELECT (RFC 7162, 3.2.5). */
export interface QuickResync {
  readonly uidValidity: number;
  /** The last HIGHESTMODSEQ it was told; 0: none. */
  readonly modSeq: number;
  /** UIDs it wants to be told of, without `*`; null: all. */
  readonly uids: SequenceSet | null;
  readonly match: SequenceMatch | null;
}

/** Some messages by number and by UID: the n-th of one is the n-th of the other (RFC 7162, 3.2.5.2). Of equal size. */
export interface SequenceMatch {
  readonly numbers: IdSet;
  readonly uids: IdSet;
}
