import type { STEPS } from '#crds/partition-status.ts';

/**
 * The steps of a change of primary, under the names that `status`, events, logs, metrics and the runbooks use. `confirm`
 * and `gate` only look, so nothing is recorded for them and a new operator simply looks again; `rejoin` goes on in the
 * background while the partition serves (`rejoin.ts`). Every other step may be run any number of times, and is recorded
 * before it runs, unless it only decides, or is done again with the promotion before it: then with the result of that.
 */
export type StepName = (typeof STEPS)[number];

/** What each kind of change runs through. */
const SEQUENCES = {
  Bootstrap: ['initialize', 'clone', 'stamp', 'migrate', 'retarget'],
  Failover: ['fence', 'elect', 'catchUp', 'promote', 'follow', 'stamp', 'retarget'],
  Switchover: ['fence', 'elect', 'catchUp', 'promote', 'follow', 'stamp', 'retarget'],
  // Survivors first: they may be all that the old primary waits for.
  Reinstate: ['follow', 'promote', 'stamp', 'retarget'],
} as const satisfies Record<string, readonly StepName[]>;

export type OperationKind = keyof typeof SEQUENCES;

export const stepsOf = (kind: OperationKind): readonly StepName[] => SEQUENCES[kind];

/** The step after this one; null after the last. */
export function stepAfter(kind: OperationKind, step: StepName): StepName | null {
  const steps = stepsOf(kind);
  return steps[steps.indexOf(step) + 1] ?? null;
}
