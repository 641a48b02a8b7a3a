/**
 * Fragments about epochs. Every statement that writes a mailbox row sets `epoch = currentEpoch`, and is sure before that no
 * jump lies between: either by the guard of its batch (`noJumpSince`), or because `lockMailbox` has made it real.
 */
export const currentEpoch = '(SELECT COALESCE(MAX(ee.epoch), 0) FROM repository_epoch ee)';

/** The jump, not yet real, of a row that was last written at `epoch` (an SQL expression). */
export const gapSince = (epoch: string): string =>
  `(SELECT COALESCE(SUM(eg.uid_gap), 0) FROM repository_epoch eg WHERE eg.epoch > ${epoch})`;

/** Whether such a row may be written as it is. Null, and so not true, where `epoch` is null. */
export const noJumpSince = (epoch: string): string => `(${gapSince(epoch)} = 0 AND ${epoch} IS NOT NULL)`;
