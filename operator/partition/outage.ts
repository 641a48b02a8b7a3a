import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import { assess, type EvidenceInput } from '../failover/evidence.ts';
import { streamsFrom } from '../failover/observation.ts';

/** Since when something has been amiss, in monotonic milliseconds; null while it is not. The memory of `observe`. */
export class Outage {
  downSince: number | null = null;
  restartingSince: number | null = null;
  degradedSince: number | null = null;

  /** Looks at the primary and its replicas; to be called before each decision. */
  note(primary: MemberName, input: EvidenceInput, now: number): void {
    const report = input.observation.members.get(primary)?.report ?? null;
    if (assess(primary, input).state === 'alive') {
      this.downSince = null;
      this.restartingSince = null;
    } else {
      this.downSince ??= now - silenceBefore(report, input);
    }
    const attached = [...input.observation.members.values()].filter((member) => streamsFrom(member, primary));
    const enough = attached.length >= Math.floor(input.spec.members.length / 2);
    this.degradedSince = enough ? null : (this.degradedSince ?? now);
  }

  /** The primary has been told to start again. */
  restarting(now: number): void {
    if (this.downSince !== null) this.restartingSince ??= now;
  }
}

/** Probes that failed before the verdict turned belong to the outage. */
const silenceBefore = (report: AgentReport | null, { spec }: EvidenceInput): number =>
  (report?.probe.consecutiveFailures ?? 0) * spec.failover.probeIntervalMs;
