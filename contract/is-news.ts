import type { AgentReport } from './agent-report.ts';

/**
 * Whether a report tells the operator something worth more than the next heartbeat: everything except figures that
 * always move (positions, latency, silence, progress).
 */
export function isNews(before: AgentReport | null, now: AgentReport): boolean {
  return before === null || essenceOf(before) !== essenceOf(now);
}

/** The same text for as long as there is no news: for those who hold a report against the one before, and that against the next. */
export function essenceOf(report: AgentReport): string {
  const { replication, probe } = report;
  return JSON.stringify({
    ...report,
    sequence: null,
    retainedBytes: null,
    activity: report.activity?.name ?? null,
    probe: { failures: probe.consecutiveFailures, failure: probe.failure },
    replication: replication && {
      ...replication,
      received: null,
      applied: null,
      upstream: replication.upstream && { ...replication.upstream, silentMs: null },
      standbys: replication.standbys.map((standby) => ({ ...standby, received: null })),
    },
  });
}
