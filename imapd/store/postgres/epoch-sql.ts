/**
 * Fragments about epochs. Every statement that writes a mailbox row sets `epoch = currentEpoch`; where that is a change,
 * the trigger `enter_epoch` makes the jump of unplanned promotions real and records the forks. Nothing else in the store
 * has to think of them when it writes.
 */
export const currentEpoch = '(SELECT coalesce(max(epoch), 0) FROM imapcluster.repository_epoch)';

/** The jump, not yet real, of a row that was last written at `epoch` (an SQL expression). */
export const gapSince = (epoch: string): string =>
  `(SELECT coalesce(sum(e.uid_gap), 0)::bigint FROM imapcluster.repository_epoch e WHERE e.epoch > ${epoch})`;
