import type { AgentReport } from './agent-report.ts';
import { type Except, isSame } from './is-same.ts';

const FIGURES: Except = {
  sequence: true,
  retainedBytes: true,
  activity: { progress: true },
  probe: { message: true, latencyMs: true },
  replication: { received: true, applied: true, upstream: { silentMs: true }, standbys: { received: true } },
};

/**
 * Whether a report tells the operator something worth more than the next heartbeat: everything except figures that
 * always move (positions, latency, silence, progress).
 */
export function isNews(before: AgentReport | null, now: AgentReport): boolean {
  return before === null || !isSame(before, now, FIGURES);
}
