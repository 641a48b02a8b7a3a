import type { HistoryEvent } from './history.ts';

/** The events of one kind, typed as such. */
export function ofKind<K extends HistoryEvent['kind']>(
  history: readonly HistoryEvent[],
  kind: K,
): readonly Extract<HistoryEvent, { kind: K }>[] {
  return history.filter((event): event is Extract<HistoryEvent, { kind: K }> => event.kind === kind);
}

/** Items by key, order kept. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(items, key);
}
