import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import { assess, type EvidenceInput } from '../failover/observation/evidence.ts';
import { streamsFrom } from '../failover/observation/observation.ts';
import { wantedRequired } from './synchronous-set.ts';

/** Since when something has been amiss, in monotonic milliseconds; null while it is not. The memory of `observe`. */
export class Outage {
  downSince: number | null = null;
  degradedSince: number | null = null;
  #wellSince: number | null = null;
  #restartingSince: number | null = null;
  /** Earlier outages in which it was brought back, whole. One that comes back only to be lost again must not go on for ever. */
  #spentMs = 0;

  /** Looks at the primary and its replicas; to be called before each decision. */
  note(primary: MemberName, input: EvidenceInput, now: number): void {
    const report = input.observation.members.get(primary)?.report ?? null;
    if (assess(primary, input).state === 'alive') {
      this.#noteWell(now, input.tuning.promotionWindowMs);
    } else {
      // Nobody need have looked since it had been well for long enough.
      if (this.#wellSince !== null && now - this.#wellSince >= input.tuning.promotionWindowMs) this.#spentMs = 0;
      this.#wellSince = null;
      this.downSince ??= now - silenceBefore(report, input);
    }
    const attached = [...input.observation.members.values()].filter((member) => streamsFrom(member, primary));
    const enough = attached.length >= wantedRequired(input.spec);
    this.degradedSince = enough ? null : (this.degradedSince ?? now);
  }

  /** The primary has been told to start again. */
  restarting(now: number): void {
    if (this.downSince !== null) this.#restartingSince ??= now;
  }

  /** What has been spent of the budget for that, in milliseconds; null where nothing has. */
  restartingMs(now: number): number | null {
    if (this.#restartingSince !== null) return this.#spentMs + now - this.#restartingSince;
    return this.#spentMs > 0 ? this.#spentMs : null;
  }

  /** Another primary, another budget. */
  changed(): void {
    this.#restartingSince = null;
    this.#spentMs = 0;
  }

  #noteWell(now: number, steadyMs: number): void {
    if (this.#restartingSince !== null) this.#spentMs += now - (this.downSince ?? now);
    this.#restartingSince = null;
    this.downSince = null;
    this.#wellSince ??= now;
    if (now - this.#wellSince >= steadyMs) this.#spentMs = 0;
  }
}

/** Probes that failed before the verdict turned belong to the outage. */
const silenceBefore = (report: AgentReport | null, { spec }: EvidenceInput): number =>
  (report?.probe.consecutiveFailures ?? 0) * spec.failover.probeIntervalMs;
