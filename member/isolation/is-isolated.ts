export type IsolationFacts = {
  /** Serving mail as a primary: nothing else needs to fence itself. */
  readonly serving: boolean;
  /** Times of one monotonic clock, in milliseconds. */
  readonly now: number;
  readonly operatorSeenAt: number;
  /** The last answer of any peer; null where none has ever answered. */
  readonly peerSeenAt: number | null;
  /** null: never isolated. */
  readonly afterMs: number | null;
};

/**
 * A primary that reaches neither operator nor peers may have been replaced without its knowledge. One that reaches a
 * peer is on the side of somebody, and the operator's absence alone (an upgrade, a crash) must stop nobody.
 */
export function isIsolated(facts: IsolationFacts): boolean {
  if (!facts.serving || facts.afterMs === null) return false;
  const seen = Math.max(facts.operatorSeenAt, facts.peerSeenAt ?? Number.NEGATIVE_INFINITY);
  return facts.now - seen >= facts.afterMs;
}
