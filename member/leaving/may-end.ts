import type { FenceReason, ServerState } from '#contract/agent-report.ts';

export type LeavingFacts = {
  readonly state: ServerState;
  readonly fence: FenceReason | null;
  /** Serves mail as a primary. */
  readonly granted: boolean;
  /** The operator has told the server to stop. */
  readonly staysStopped: boolean;
  /** Somebody receives from it who could take over. */
  readonly followed: boolean;
  /** Since the agent was told to end, in milliseconds, and how long it may serve on. */
  readonly elapsedMs: number;
  readonly withinMs: number;
};

/**
 * Nobody misses a member that serves no mail, or that nobody could follow. A primary serves on until it was demoted *and*
 * stopped: the operator that has begun to hand over still needs its server, to send everything to the replicas.
 */
export function mayEnd(facts: LeavingFacts): boolean {
  const { state, fence, granted, staysStopped, followed, elapsedMs, withinMs } = facts;
  if (elapsedMs >= withinMs) return true;
  if (fence === 'Demoted') return staysStopped && state !== 'running';
  return !granted || !followed;
}
