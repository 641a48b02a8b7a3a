import type { AgentReport } from '#contract/agent-report.ts';
import { beatOf } from '#contract/beat.ts';

/** The lines of one stream of reports. */
export class ReportLines {
  /** The last that was told whole. */
  #whole: AgentReport | null = null;

  /** Without its end. Each report is told once, in the order of its number. */
  of(report: AgentReport): string {
    const beat = this.#whole === null ? null : beatOf(this.#whole, report);
    if (beat === null) this.#whole = report;
    return JSON.stringify(beat ?? report);
  }
}
