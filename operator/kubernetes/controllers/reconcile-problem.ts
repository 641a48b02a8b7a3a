import { ApiError } from '../api/api-error.ts';
import { isWebhookAway } from '../api/is-webhook-away.ts';
import { NameTaken } from '../apply/name-taken.ts';
import { RecordProblem } from '../ports/record-problem.ts';

/** Codes of HTTP by which the API server says that the same request may go better a moment later. */
const LATER: ReadonlySet<number> = new Set([409, 429]);

export type ReconcileProblem = {
  readonly type: 'NameTaken' | 'RecordDamaged' | 'ReconcileFailed';
  readonly message: string;
};

/**
 * What of an error is for people: what does not pass by itself. null: it may go better next time, and a condition would
 * only come and go.
 */
export function reconcileProblem(error: unknown): ReconcileProblem | null {
  if (error instanceof NameTaken) return { type: 'NameTaken', message: error.message };
  if (error instanceof RecordProblem) return { type: 'RecordDamaged', message: error.message };
  if (error instanceof RangeError) return { type: 'ReconcileFailed', message: error.message };
  if (error instanceof ApiError && error.status >= 400 && error.status < 500 && !LATER.has(error.status))
    return { type: 'ReconcileFailed', message: error.message };
  if (isWebhookAway(error)) return { type: 'ReconcileFailed', message: (error as ApiError).message };
  return null;
}
