import type { Logger } from '#runtime/logger.ts';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { defaultRetention } from '../collect/collect.ts';
import { refuseUnclear } from './refuse-unclear.ts';
import { salvageAnnotations } from './salvage-annotations.ts';
import { nothing, type SalvageContext, type SalvageResult } from './salvage-context.ts';
import { salvageMailbox } from './salvage-mailbox.ts';
import { salvageAccounts, salvageSubscriptions } from './salvage-names.ts';
import type { SalvageStatements } from './salvage-statements.ts';
import { sourceMailboxes } from './source-mailboxes.ts';
import { tailBegan } from './tail-began.ts';

/**
 * Operations younger than their retention are all there, but for what is collected while this runs and for clocks that differ, of
 * the target's primaries: seconds.
 */
const CERTAIN_SECONDS = 3600;

export type SalvageRequest<C> = {
  readonly statements: SalvageStatements<C>;
  readonly source: C;
  readonly target: RepositoryAccess<C>;
  readonly member: string;
  /** Epoch under which the old primary last served writes. */
  readonly lastEpoch: number;
  readonly attempt: Attempt;
  readonly log: Logger;
};

/**
 * Brings back what only the old primary has:
 *
 *     old primary  ──────┬───── tail: UIDs and mod-sequences above the fork ─────►  read
 *                        │ fork                                                       │
 *     new primary        └──gap──────────────────────────────────────────────────►  written, with new UIDs
 *
 * Messages unknown here are appended with their INTERNALDATE, their flags and `$Salvaged`; flags are taken over where
 * nobody has touched them since; mailboxes, users, subscriptions and annotations of the tail are made. Expunges, renames and deletions
 * of the tail are not repeated: salvage never takes anything away. Every decision is recorded in the transaction that
 * carries it out, so a run may be broken off and repeated at any time.
 * @throws Error where something is left of which nobody can tell whether it was lost or removed since: a person decides
 */
export async function salvage<C>(request: SalvageRequest<C>): Promise<SalvageResult> {
  const result = nothing();
  const context = await look(request);
  if (context === null) return result;
  result.accounts = await salvageAccounts(context);
  for await (const page of sourceMailboxes(context)) {
    for (const mailbox of page) {
      context.attempt.signal.throwIfAborted();
      await salvageMailbox(context, mailbox, result);
    }
  }
  result.subscriptions = await salvageSubscriptions(context);
  await salvageAnnotations(context);
  await refuseUnclear(context);
  return result;
}

async function look<C>(request: SalvageRequest<C>): Promise<SalvageContext<C> | null> {
  const { source, target, attempt, lastEpoch } = request;
  const { operations } = request.statements;
  const fork = await target.read((c) => operations.forkAfter(c, lastEpoch), attempt);
  // Only planned changes since: the old primary had handed over everything before it stepped down.
  if (fork === null) return null;
  const knownTo = (ids: readonly string[]) => target.read((c) => operations.known(c, ids), attempt);
  const remembered = defaultRetention.operations - CERTAIN_SECONDS;
  const since = await target.read((c) => operations.ago(c, remembered), attempt);
  const { began, unclearSince } = await tailBegan({ source, operations }, { knownTo, since });
  request.log.debug({ fork, tailBegan: began, unclearSince }, 'looked at both databases');
  return { ...request, forkEpoch: fork, tailBegan: began, unclearSince };
}
