/** Something with a beginning and an end on the run's clock. */
export type Interval = { readonly begun: number; readonly ended: number };

/**
 * Visits items in the order of their beginnings; before each, hands over to `settle` every item that had ended by then.
 * So `visit` knows all that certainly happened earlier, and nothing that overlaps. O(n log n).
 */
export function inRealTime<T extends Interval>(
  items: readonly T[],
  on: { settle(earlier: T): void; visit(item: T): void },
): void {
  const byEnd = [...items].sort((a, b) => a.ended - b.ended);
  const byBegin = [...items].sort((a, b) => a.begun - b.begun);
  let next = 0;
  for (const item of byBegin) {
    for (let earlier = byEnd[next]; earlier !== undefined && earlier.ended < item.begun; earlier = byEnd[++next]) {
      on.settle(earlier);
    }
    on.visit(item);
  }
}
