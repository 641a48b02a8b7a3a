import type { HistoryEvent } from './history.ts';

/** As the design numbers them; `cache` is what all of them come to for a mail program. */
export type InvariantId = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'cache';

/** One invariant held against a history. `examined` says how much evidence there was: 0 is no proof and fails. */
export type Finding = {
  readonly invariant: InvariantId;
  readonly promise: string;
  readonly examined: number;
  readonly violations: readonly string[];
};

export type Rules = {
  /** Durability class by partition. */
  readonly durability: Readonly<Record<string, 'Quorum' | 'Async'>>;
  /** `failover.maxLostSeconds` by partition, Async only. */
  readonly maxLostSeconds: Readonly<Record<string, number>>;
  /** Every command must be answered within this many ms (writeHold and some grace). */
  readonly answerWithinMs: number;
};

export type Check = (history: readonly HistoryEvent[], rules: Rules) => Finding;

export const holds = (finding: Finding): boolean => finding.examined > 0 && finding.violations.length === 0;
