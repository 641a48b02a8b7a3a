import { Value } from 'typebox/value';
import { type AgentReport, Heard } from '#contract/agent-report.ts';
import type { LineChannel } from '#runtime/channel/line-channel.ts';
import type { Reporter } from '../report/reporter.ts';
import { ReportLines } from './report-lines.ts';
import { Unheard } from './unheard.ts';

/** A reader that confirms nothing for so long is gone, whatever its socket says. Ten heartbeats. */
const SILENCE_MS = 10_000;
/** Characters: a confirmation has twenty. */
const LONGEST_LINE = 1_024;

export type ReportStream = {
  readonly channel: LineChannel;
  readonly reporter: Reporter;
  /** One monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** The reader was there at that time of the clock. */
  readonly onHeard: (at: number) => void;
};

/** Writes reports, and beats in their place, until the reader is gone or silent; and reads which of them it has heard. */
export function streamReports({ channel, reporter, now, onHeard }: ReportStream): void {
  const unheard = new Unheard();
  const lines = new ReportLines();
  const write = (report: AgentReport): void => {
    if (unheard.silentMs(now()) > SILENCE_MS) {
      channel.close();
      return;
    }
    unheard.sent(report.sequence, now());
    channel.send(lines.of(report));
  };
  channel.onClosed(reporter.listen(write));
  const confirm = (line: string): void => {
    const at = unheard.heard(Value.Parse(Heard, JSON.parse(line)).heard);
    if (at !== null) onHeard(at);
  };
  // Broken off, or no confirmations: the reader comes back for a new stream.
  channel.read(confirm, LONGEST_LINE).catch(() => channel.close());
  write(reporter.current());
}
