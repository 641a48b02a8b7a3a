import { checkAcknowledged } from './check-acknowledged.ts';
import { checkAnswers } from './check-answers.ts';
import { checkCaches } from './check-caches.ts';
import { checkEpochs } from './check-epochs.ts';
import { checkIdentifiers } from './check-identifiers.ts';
import { checkLossBound } from './check-loss-bound.ts';
import { checkOneWriter } from './check-one-writer.ts';
import { checkSessions } from './check-sessions.ts';
import type { HistoryEvent } from './history.ts';
import type { Check, Finding, Rules } from './invariant.ts';

const checks: readonly Check[] = [
  checkAcknowledged,
  checkLossBound,
  checkOneWriter,
  checkEpochs,
  checkIdentifiers,
  checkSessions,
  checkAnswers,
  checkCaches,
];

/** Every invariant, in order. Pure: the same history gives the same verdict. */
export const judge = (history: readonly HistoryEvent[], rules: Rules): readonly Finding[] =>
  checks.map((check) => check(history, rules));
