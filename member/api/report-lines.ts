import type { AgentReport } from '#contract/agent-report.ts';
import { beatOf } from '#contract/beat.ts';

/** The lines of one stream of reports. */
export class ReportLines {
  readonly #beats: boolean;
  /** The last that was told whole. */
  #whole: AgentReport | null = null;

  /** @param beats whether the reader knows them */
  constructor(beats: boolean) {
    this.#beats = beats;
  }

  /** With its end. Each report is told once, in the order of its number. */
  of(report: AgentReport): string {
    const beat = this.#beats && this.#whole !== null ? beatOf(this.#whole, report) : null;
    if (beat === null) this.#whole = report;
    return `${JSON.stringify(beat ?? report)}\n`;
  }
}
