import { randomUUID } from 'node:crypto';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { OperationId } from '../types.ts';

/** How long things are kept, in seconds. */
export type Retention = {
  /** Content of an expunged message: as long as any session may still ask for it. */
  readonly content: number;
  /** Uploads that never became messages. */
  readonly staged: number;
  /** Results of operations: longer than any retry. Salvage tells by them what was lost, so far back and no further (tail-began.ts). */
  readonly operations: number;
  /** Tombstones: a client that was away for longer compares its mailbox whole. */
  readonly tombstones: number;
};

const HOUR = 3600;
const DAY = 24 * HOUR;
export const defaultRetention: Retention = {
  content: DAY,
  staged: DAY,
  operations: 7 * DAY,
  tombstones: 30 * DAY,
};

export type CollectLimits = {
  readonly retention: Retention;
  /** Rows of one transaction: short locks, and little log at a time for the replicas. */
  readonly batch: number;
  /** Transactions of one run. What is left is the next run's. */
  readonly transactions: number;
};
export const defaultLimits: CollectLimits = { retention: defaultRetention, batch: 500, transactions: 200 };

/** What was removed, by kind of row; 'busy': somebody else is at it. */
export type Collected = Readonly<Record<Step, number>> | 'busy';

type Step = 'expunged' | 'removedMailboxes' | 'staged' | 'operations' | 'tombstones';

/** What collecting needs of an engine. */
export type CollectStatements<C> = {
  /** One batch of each kind. Gives how many rows were looked at: 0 where none is old enough. */
  readonly steps: Readonly<Record<Step, (tx: C, limits: CollectLimits) => Promise<number>>>;
  /** Takes the collector's lock until the transaction ends; false where somebody else has it. */
  tryAlone(tx: C): Promise<boolean>;
};

export type CollectTools<C> = CollectStatements<C> & { readonly access: RepositoryAccess<C> };

/**
 * Removes what nobody can ask for any more. Every batch is one transaction under one lock of the repository, so several
 * processes may try: one works, and whoever is killed leaves nothing half done. Content goes when no message and no
 * tombstone refers to it; that no reference can appear in the meantime is COPY's doing, which locks its source.
 */
export async function collect<C>(
  { access, steps, tryAlone }: CollectTools<C>,
  limits: CollectLimits,
  attempt: Attempt,
): Promise<Collected> {
  const removed: Record<Step, number> = { expunged: 0, removedMailboxes: 0, staged: 0, operations: 0, tombstones: 0 };
  let left = limits.transactions;
  for (const [step, work] of Object.entries(steps) as [Step, CollectStatements<C>['steps'][Step]][]) {
    for (let more = true; more && left > 0; left--) {
      attempt.signal.throwIfAborted();
      const count = await access.mutate(
        newOperation(),
        async (tx) => ((await tryAlone(tx)) ? await work(tx, limits) : null),
        attempt,
      );
      if (count === null) return 'busy';
      removed[step] += count;
      more = count > 0;
    }
  }
  return removed;
}

const newOperation = (): OperationId => randomUUID() as OperationId;
