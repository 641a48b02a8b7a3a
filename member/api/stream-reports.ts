import type { ServerResponse } from 'node:http';
import type { AgentReport } from '#contract/agent-report.ts';
import type { Reporter } from '../report/reporter.ts';

/** A reader so far behind is gone or hangs; it will come back for a fresh report. */
const MAX_BACKLOG_BYTES = 1024 * 1024;
const KEEP_ALIVE_MS = 1000;

/** Writes reports as newline-delimited JSON until the reader is gone. `onTaken`: the reader has taken all so far. */
export function streamReports(response: ServerResponse, reporter: Reporter, onTaken: () => void): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.socket?.setNoDelay(true);
  // Ends a connection whose other end went away without a word.
  response.socket?.setKeepAlive(true, KEEP_ALIVE_MS);
  const write = (report: AgentReport): void => {
    if (response.writableLength === 0) onTaken();
    if (response.writableLength > MAX_BACKLOG_BYTES) response.destroy();
    else response.write(`${JSON.stringify(report)}\n`);
  };
  const stop = reporter.listen(write);
  response.once('close', stop);
  response.once('error', stop);
  write(reporter.current());
}
