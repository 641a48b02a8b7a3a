import type { Logger } from '#runtime/logger.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { defaultRetention } from '../../collect/collect.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';
import { refuseUnclear } from './refuse-unclear.ts';
import { salvageAnnotations } from './salvage-annotations.ts';
import { nothing, type SalvageContext, type SalvageResult } from './salvage-context.ts';
import { salvageMailbox } from './salvage-mailbox.ts';
import { salvageAccounts, salvageSubscriptions } from './salvage-names.ts';
import { sourceMailboxes } from './source-mailboxes.ts';
import { tailBegan } from './tail-began.ts';

/**
 * Operations younger than their retention are all there, but for what is collected while this runs and for clocks that differ, of
 * the target's primaries: seconds.
 */
const CERTAIN_SECONDS = 3600;

export type SalvageRequest = {
  readonly source: Connection;
  readonly target: RepositoryAccess<Connection>;
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
export async function salvage(request: SalvageRequest): Promise<SalvageResult> {
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

async function look(request: SalvageRequest): Promise<SalvageContext | null> {
  const { target, attempt, lastEpoch } = request;
  const { fork } = await target.read(
    (c) =>
      onlyRow<{ fork: number | null }>(c, {
        text: 'SELECT min(epoch)::float8 AS fork FROM imapcluster.repository_epoch WHERE epoch > $1 AND uid_gap > 0',
        values: [lastEpoch],
      }),
    attempt,
  );
  // Only planned changes since: the old primary had handed over everything before it stepped down.
  if (fork === null) return null;
  const knownTo = (ids: readonly string[]) => target.read((c) => existing(c, ids), attempt);
  const { since } = await target.read((c) => onlyRow<{ since: Date }>(c, remembered), attempt);
  const { began, unclearSince } = await tailBegan(request.source, { knownTo, since });
  request.log.debug({ fork, tailBegan: began, unclearSince }, 'looked at both databases');
  return { ...request, forkEpoch: fork, tailBegan: began, unclearSince };
}

const remembered = {
  text: 'SELECT clock_timestamp() - make_interval(secs => $1) AS since',
  values: [defaultRetention.operations - CERTAIN_SECONDS],
};

async function existing(c: Connection, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await rows<{ id: string }>(c, {
    name: 'operations-known',
    text: 'SELECT id FROM mail.operation WHERE id = ANY($1::uuid[])',
    values: [ids],
  });
  return new Set(found.map(({ id }) => id));
}
