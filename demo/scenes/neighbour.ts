import { ofKind } from '../checker/group.ts';
import type { HistoryEvent } from '../checker/history.ts';
import type { NeighbourFigures } from './promises.ts';

/** What was written to a partition while another one had no primary, from `from` to `until` on the run's clock. Pure. */
export function neighbour(
  history: readonly HistoryEvent[],
  partition: string,
  { from, until }: { readonly from: number; readonly until: number },
): NeighbourFigures {
  const meanwhile = ofKind(history, 'append').filter(
    (a) => a.partition === partition && a.begun < until && a.ended > from,
  );
  const within = meanwhile.filter((a) => a.outcome === 'ok' && a.begun >= from && a.ended <= until);
  const slowestMs = Math.max(0, ...meanwhile.map((a) => a.ended - a.begun));
  return { outageMs: until - from, writes: within.length, slowestMs };
}
