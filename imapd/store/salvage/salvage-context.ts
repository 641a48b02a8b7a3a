import type { Logger } from '#runtime/logger.ts';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { SalvageStatements } from './salvage-statements.ts';

/**
 * Two databases of one engine: `source` is the old primary, which nobody writes any more, so its statements need no common snapshot;
 * `target` is the primary in force, written at one epoch or not at all.
 */
export type SalvageContext<C> = {
  readonly statements: SalvageStatements<C>;
  readonly source: C;
  readonly target: RepositoryAccess<C>;
  /** Name of the old primary: what was brought from it is remembered under this name. */
  readonly member: string;
  /** First unplanned epoch after the old primary's last: where its tail parts from what everybody has. */
  readonly forkEpoch: number;
  /** When the tail began, by the old primary's clock; null where no operation is known to be unknown to the target. */
  readonly tailBegan: Date | null;
  /** Where the target remembers too little to tell, when the tail may have begun at the earliest; else null. */
  readonly unclearSince: Date | null;
  readonly attempt: Attempt;
  readonly log: Logger;
};

/** What a run did. All zero where there was nothing to bring, as in every run after the first. */
export type SalvageResult = {
  /** Messages brought. */
  messages: number;
  /** Messages whose flags were brought up to date. */
  flags: number;
  mailboxes: number;
  accounts: number;
  subscriptions: number;
  /** Messages the new primary had been told of again in the meantime. */
  known: number;
  /** Changes not brought: flags touched since, and mailboxes that were deleted since. */
  skipped: number;
};

export const nothing = (): SalvageResult => ({
  messages: 0,
  flags: 0,
  mailboxes: 0,
  accounts: 0,
  subscriptions: 0,
  known: 0,
  skipped: 0,
});
