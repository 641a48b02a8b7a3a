import type { AgentReport } from '#contract/agent-report.ts';
import { isNews } from '#contract/is-news.ts';

export type ReportBody = Omit<AgentReport, 'bootId' | 'sequence'>;

/** Numbers reports and hands them to everybody who listens: news at once, the rest with the heartbeat. */
export class Reporter {
  readonly #bootId: string;
  readonly #build: () => ReportBody;
  readonly #listeners = new Set<(report: AgentReport) => void>();
  #sequence = 0;
  #last: AgentReport | null = null;

  constructor(bootId: string, build: () => ReportBody) {
    this.#bootId = bootId;
    this.#build = build;
  }

  /** A report of this moment. */
  current(): AgentReport {
    this.#sequence += 1;
    return { ...this.#build(), bootId: this.#bootId, sequence: this.#sequence };
  }

  /** Something may have changed: tell it where it is news. */
  changed(): void {
    const report = { ...this.#build(), bootId: this.#bootId, sequence: this.#sequence };
    if (isNews(this.#last, report)) this.heartbeat();
  }

  heartbeat(): void {
    const report = this.current();
    this.#last = report;
    for (const listener of this.#listeners) listener(report);
  }

  /** @returns how to stop listening */
  listen(listener: (report: AgentReport) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
