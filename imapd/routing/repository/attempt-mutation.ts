import { resultText } from '../../store/operations/stored-operation.ts';
import type { OperationId } from '../../store/types.ts';
import type { Driver, Last } from '../driver.ts';
import type { Term } from '../term.ts';
import { type Limits, patiently, TermOver } from './patience.ts';

/**
 * One run of a mutation on one connection, and what is certain afterwards.
 *
 *              BEGIN, epoch           work            record, COMMIT
 *   ┌───────┐    ok      ┌─────────┐   ok   ┌────────┐  COMMIT, no warning    ┌──────┐
 *   │ begin ├───────────►│ working ├───────►│ commit ├───────────────────────►│ done │
 *   └───┬───┘            └────┬────┘        └───┬────┘                        └──────┘
 *       │ error, wrong epoch, │                 │ the server says ROLLBACK    ┌──────────────────┐
 *       │ term over           │ ────────────────┼────────────────────────────►│ notDone: again,  │
 *       └─────────────────────┴─────────────────┤ or: the operation exists    │ or the failure   │
 *                                               │                             └──────────────────┘
 *                                               │ no answer · answer after the term ended
 *                                               │ answer with a warning       ┌──────────────────┐
 *                                               └────────────────────────────►│ unknown          │
 *                                                                             └──────────────────┘
 *
 * Every run looks its operation up as it begins, at the epoch in force then, so a run after `unknown` settles it:
 *
 *   found      Its row is visible, but perhaps on this primary alone: its COMMIT lost its connection, or its wait for a
 *              replica was cancelled. A barrier in the same transaction commits behind it; when that is acknowledged the
 *              row is as durable as the repository promises, and the stored result is the answer.
 *   not found  Either the old transaction will never commit: a new primary was stamped without it, or its connection
 *              ended before COMMIT arrived. Or it is still at work on this primary: then it holds its row of
 *              `mail.operation`, and the new run waits for it at the row locks or at that row's key, and either goes on alone
 *              or is refused by the key, rolled back, and finds the row.
 *
 * So the primary key of the operation makes it happen once, and the barrier makes an answer true.
 */
export type MutationOutcome<T> =
  | { readonly kind: 'done'; readonly value: T; readonly repeated: boolean }
  | { readonly kind: 'notDone'; readonly cause: unknown }
  | { readonly kind: 'unknown'; readonly cause: unknown };

export type MutationRun<C extends object, T> = {
  readonly driver: Driver<C>;
  readonly connection: C;
  readonly term: Term;
  readonly operation: OperationId;
  readonly work: (transaction: C) => Promise<T>;
  /** Asked right before COMMIT is sent and when its answer is there: the lease, in Async durability. */
  readonly mayWrite: () => boolean;
  readonly limits: Limits;
};

type Prepared<T> = {
  readonly value: T;
  readonly repeated: boolean;
  /** The last statement, which shares its round trip with COMMIT. */
  readonly last: Last;
};

export async function attemptMutation<C extends object, T>(run: MutationRun<C, T>): Promise<MutationOutcome<T>> {
  let prepared: Prepared<T>;
  try {
    prepared = await patiently(prepare(run), run.limits);
  } catch (cause) {
    return { kind: 'notDone', cause };
  }
  if (!run.mayWrite()) return { kind: 'notDone', cause: new TermOver('the write lease ran out before COMMIT') };
  return await settle(run, prepared);
}

async function prepare<C extends object, T>(run: MutationRun<C, T>): Promise<Prepared<T>> {
  const { driver, connection, operation } = run;
  const found = await driver.beginOperation(connection, run.term.epoch, operation);
  if (found !== null) return { value: found.result as T, repeated: true, last: { kind: 'barrier' } };
  const value = await run.work(connection);
  const result = resultText(value);
  return { value, repeated: false, last: { kind: 'record', operation, result } };
}

async function settle<C extends object, T>(run: MutationRun<C, T>, prepared: Prepared<T>): Promise<MutationOutcome<T>> {
  // From here on the session's leaving ends nothing.
  const limits = { ...run.limits, left: undefined };
  try {
    const outcome = await patiently(run.driver.commit(run.connection, prepared.last), limits);
    if (outcome.kind === 'committed') {
      if (!run.mayWrite()) return { kind: 'unknown', cause: new TermOver('the write lease ran out during COMMIT') };
      return { kind: 'done', value: prepared.value, repeated: prepared.repeated };
    }
    if (outcome.kind === 'unknown') return outcome;
    return { kind: 'notDone', cause: outcome.cause };
  } catch (cause) {
    return { kind: 'unknown', cause };
  }
}
