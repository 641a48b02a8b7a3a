import type { QuickResync, SequenceMatch } from '../../protocol/quick-resync.ts';
import { SequenceSet, STAR } from '../../protocol/sets/sequence-set.ts';
import { changesSince, type MailboxState } from '../../store/mailbox-state.ts';
import type { ModSeq } from '../../store/types.ts';

/** What a client knows of a mailbox when it asks what it has missed. */
export type Known = {
  /** It was told everything up to here. */
  readonly modSeq: ModSeq;
  /** It asks about these; `*` is the largest UID that was ever given. */
  readonly uids: SequenceSet;
  readonly match: SequenceMatch | null;
};

const ALL = SequenceSet.ofBounds([1, STAR]);

/** RFC 7162, 3.2.5.1: who names no UIDs means all. */
export const knownBy = ({ modSeq, uids, match }: Omit<QuickResync, 'uidValidity'>): Known => ({
  modSeq: modSeq as ModSeq,
  uids: uids ?? ALL,
  match,
});

/**
 * The mod-sequence from which a client must be told of changes: 0, hence of everything, where it saw what was lost with a
 * primary, or names one that nobody has given yet (a repository that was restored from a backup).
 */
export const missedSince = (state: MailboxState, { modSeq }: Known): ModSeq =>
  modSeq > state.highestModSeq ? (0 as ModSeq) : changesSince(state, modSeq);
