import { AgentReport } from '#contract/agent-report.ts';
import { Beat, withBeat } from '#contract/beat.ts';
import { shaped } from '../http/shaped.ts';

/** Reads the lines of one stream of reports. */
export class ReportReader {
  /** The last that was told whole. */
  #whole: AgentReport | null = null;

  /** @throws Error for a line that this version does not know, and for a beat of a report that was not told */
  read(line: string): AgentReport {
    const said: unknown = JSON.parse(line);
    const beat = shaped(Beat, said);
    if (beat !== null) return this.#beaten(beat);
    const report = shaped(AgentReport, said);
    if (report === null) throw new Error('the agent reports in a shape that this version does not know');
    this.#whole = report;
    return report;
  }

  #beaten(beat: Beat): AgentReport {
    if (this.#whole?.sequence !== beat.since)
      throw new Error(`the agent has not told report ${beat.since} in this stream`);
    return withBeat(this.#whole, beat);
  }
}
