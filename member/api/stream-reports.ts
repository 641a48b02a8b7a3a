import type { IncomingMessage, ServerResponse } from 'node:http';
import { Value } from 'typebox/value';
import { type AgentReport, BEATING_STREAM_TYPE, Heard, STREAM_TYPE } from '#contract/agent-report.ts';
import { linesOf } from '#runtime/lines-of.ts';
import type { Reporter } from '../report/reporter.ts';
import { ReportLines } from './report-lines.ts';
import { Unheard } from './unheard.ts';

/** A reader so far behind is gone or hangs; it will come back for a fresh report. */
const MAX_BACKLOG_BYTES = 1024 * 1024;
/** A reader that confirms nothing for so long is gone, whatever its socket says. Ten heartbeats. */
const SILENCE_MS = 10_000;

export type ReportStream = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly reporter: Reporter;
  /** One monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** The reader was there at that time of the clock. */
  readonly onHeard: (at: number) => void;
};

/**
 * Writes reports as newline-delimited JSON, and beats in their place where the reader wants them, until it is gone or silent; and
 * reads which of them it has heard.
 */
export function streamReports({ request, response, reporter, now, onHeard }: ReportStream): void {
  const unheard = new Unheard();
  const type = request.headers.accept === BEATING_STREAM_TYPE ? BEATING_STREAM_TYPE : STREAM_TYPE;
  const lines = new ReportLines(type === BEATING_STREAM_TYPE);
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
  response.socket?.setNoDelay(true);
  const write = (report: AgentReport): void => {
    const silentMs = unheard.silentMs(now());
    if (silentMs > SILENCE_MS || response.writableLength > MAX_BACKLOG_BYTES) {
      response.destroy();
      return;
    }
    unheard.sent(report.sequence, now());
    response.write(lines.of(report));
  };
  const stop = reporter.listen(write);
  response.once('close', stop);
  response.once('error', stop);
  readConfirmations(request, (sequence) => {
    const at = unheard.heard(sequence);
    if (at !== null) onHeard(at);
  }).catch(() => response.destroy()); // broken off, or no confirmations: the reader comes back for a new stream
  write(reporter.current());
}

async function readConfirmations(request: IncomingMessage, onSequence: (sequence: number) => void): Promise<void> {
  for await (const line of linesOf(request)) onSequence(Value.Parse(Heard, JSON.parse(line)).heard);
}
