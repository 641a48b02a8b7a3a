import { ofKind } from './group.ts';
import type { HistoryEvent, RequestEvent } from './history.ts';

/** Requests that have no answer yet, the longest waiting first. */
export function unanswered(history: readonly HistoryEvent[]): readonly RequestEvent[] {
  const answered = new Set(ofKind(history, 'answer').map(({ id }) => id));
  return ofKind(history, 'request').filter(({ id }) => !answered.has(id));
}
