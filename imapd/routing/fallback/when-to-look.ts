/** What is known when it is decided whether to look for a newer routing document. Ages in milliseconds. */
export type LookFacts = {
  readonly hasDocument: boolean;
  /** Since a writer is out of reach, or refuses us; null while none is. */
  readonly doubtedMs: number | null;
  /** Since the operator last proved to be there. */
  readonly silentMs: number;
  /** Since the last look; null before the first. */
  readonly lookedMs: number | null;
  /** Looks in a row that brought nothing new. */
  readonly fruitless: number;
};

export type LookLimits = {
  /** The operator sends a heartbeat each second; after so long without one it is looked for its documents, ms. */
  readonly silentAfterMs: number;
  /** Between two looks while it is silent, to begin with, ms. */
  readonly everyMs: number;
};

/** In a failover the push comes long before: only a doubt that lasts is worth a question, ms. */
const DOUBT_AFTER_MS = 1_000;
/** Between two looks where something does not work without a newer document, ms; doubled by each that brings none. */
const URGENT = { everyMs: 1_000, mostMs: 10_000 };
/** The longest such pause while the operator is merely silent, ms: many pods ask one API server. */
const SILENT_MOST_MS = 60_000;

/**
 * Whether to look now. Not before the first document alone: what a pod boots from is as old as the kubelet's last sync, and
 * nobody will push anything newer where the operator is gone.
 */
export function whenToLook(facts: LookFacts, limits: LookLimits): boolean {
  if (facts.lookedMs === null) return true;
  const doubted = facts.doubtedMs !== null && facts.doubtedMs >= DOUBT_AFTER_MS;
  if (!facts.hasDocument || doubted) return facts.lookedMs >= longer(URGENT.everyMs, URGENT.mostMs, facts.fruitless);
  if (facts.silentMs < limits.silentAfterMs) return false;
  return facts.lookedMs >= longer(limits.everyMs, Math.max(SILENT_MOST_MS, limits.everyMs), facts.fruitless);
}

/** Nothing is to be looked for: the next time begins without haste lost to the last. */
export const isCalm = (facts: LookFacts, limits: LookLimits): boolean =>
  facts.hasDocument && facts.doubtedMs === null && facts.silentMs < limits.silentAfterMs;

const longer = (ms: number, mostMs: number, times: number): number => Math.min(ms * 2 ** times, mostMs);
