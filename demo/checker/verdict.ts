import { checkAcknowledged } from './check-acknowledged.ts';
import { checkAnswers } from './check-answers.ts';
import { checkEpochs } from './check-epochs.ts';
import { checkIdentifiers } from './check-identifiers.ts';
import { checkLossBound } from './check-loss-bound.ts';
import { checkOneWriter } from './check-one-writer.ts';
import { checkSessions } from './check-sessions.ts';
import type { HistoryEvent } from './history.ts';

export type InvariantId = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7';

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

const checks: readonly Check[] = [
  checkAcknowledged,
  checkLossBound,
  checkOneWriter,
  checkEpochs,
  checkIdentifiers,
  checkSessions,
  checkAnswers,
];

/** Every invariant, in order. Pure: the same history gives the same verdict. */
export const judge = (history: readonly HistoryEvent[], rules: Rules): readonly Finding[] =>
  checks.map((check) => check(history, rules));

export const holds = (finding: Finding): boolean => finding.examined > 0 && finding.violations.length === 0;
