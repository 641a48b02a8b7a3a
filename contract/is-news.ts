import type { AgentReport } from './agent-report.ts';

/**
 * Whether a report tells the operator something worth more than the next heartbeat: everything except figures that
 * always move (positions, latency, silence, progress).
 */
export function isNews(before: AgentReport | null, now: AgentReport): boolean {
  return before === null || JSON.stringify(essence(before)) !== JSON.stringify(essence(now));
}

function essence(report: AgentReport): unknown {
  const { replication, probe } = report;
  return {
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
  };
}
