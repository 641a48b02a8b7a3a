export type FarewellRound = {
  readonly sessions: number;
  readonly elapsedMs: number;
  /** In which the last one is to be told; 0: all at once. */
  readonly wholeMs: number;
};

/** How many sessions of a process that stops are to have been told by now: one at the beginning, the last one in time. */
export function dueFarewells({ sessions, elapsedMs, wholeMs }: FarewellRound): number {
  if (elapsedMs >= wholeMs) return sessions;
  return Math.min(sessions, 1 + Math.floor((elapsedMs / wholeMs) * sessions));
}
