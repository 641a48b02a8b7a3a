import type { RepositoryView } from '#contract/push-api.ts';

export type WriterFailure = NonNullable<RepositoryView['writerFailure']>;

/**
 * What an error says about the member that caused it.
 *
 *   member     it cannot be reached, or is not (any longer) what the target says it is: it is suspected
 *   race       the transaction lost against another one; nothing happened, the same again may succeed
 *   busy       the member is alive and refuses for want of something that comes back soon: connections, memory, a password
 *   full       it has no disk space left for what was to be written; it lives, reads and commits what needs none
 *   statement  the fault of who wrote the statement; trying again is of no use
 */
export type Failure =
  | { readonly kind: 'member'; readonly evidence: WriterFailure }
  | { readonly kind: 'race' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'full' }
  | { readonly kind: 'statement' };

/** The target names an epoch that the member does not have: the document is old, or the member is not stamped yet. */
export class WrongEpoch extends Error {
  override readonly name = 'WrongEpoch';

  constructor(expected: number, found: number | null) {
    super(`the repository is at epoch ${found ?? 'none'}, the target says ${expected}`);
  }
}

/** The connections of an epoch that is over are not to be had any more. */
export class EpochOver extends Error {
  override readonly name = 'EpochOver';
}

/** The member is up, shows the right epoch, and refuses to be written to: fenced. */
export class NotWritable extends Error {
  override readonly name = 'NotWritable';
}
