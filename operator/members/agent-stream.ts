import { type AgentReport, type Heard, STREAM_PATH } from '#contract/agent-report.ts';
import { openChannel } from '#runtime/channel/open-channel.ts';
import { DeadlineError } from '#runtime/deadline.ts';
import { contactFailure } from '../http/contact-failure.ts';
import type { Clock, ContactFailure } from '../ports.ts';
import { ReportReader } from './report-reader.ts';

export type AgentStreamOptions = {
  readonly agentUrl: string;
  /** Bearer token of the agent's GET endpoints. */
  readonly token: string;
  readonly clock: Clock;
  /** Without a report for so long the connection counts as dead and is made anew. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  readonly onReport: (report: AgentReport) => void;
  readonly onLost: (failure: ContactFailure, message: string) => void;
};

/** Well below the ten seconds after which an agent gives its reader up. A confirmation costs as much as the reading of a report. */
const HEARD_WITHIN_MS = 2_500;

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/** Keeps one stream of reports to one agent, connected again and again until `signal` fires. */
export async function keepAgentStream(options: AgentStreamOptions): Promise<void> {
  let wait = FIRST_WAIT_MS;
  const heard = (): void => {
    wait = FIRST_WAIT_MS;
  };
  while (!options.signal.aborted) {
    try {
      await readReports(options, heard);
      options.onLost('reset', 'the agent ended the stream');
    } catch (error) {
      if (!options.signal.aborted) options.onLost(contactFailure(error), String(error));
    }
    await options.clock.sleep(wait, options.signal);
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  }
}

async function readReports(options: AgentStreamOptions, heard: () => void): Promise<void> {
  const { agentUrl, token, silenceMs, signal, clock } = options;
  const headers = { authorization: `Bearer ${token}` };
  const channel = await openChannel({ url: new URL(STREAM_PATH, agentUrl), headers, deadlineMs: silenceMs, signal });
  let reports = 0;
  let confirmedAt = Number.NEGATIVE_INFINITY;
  const silent = (): void => {
    const before = reports;
    // What was held up itself finds its timers before the reports that have come meanwhile: those are looked for first.
    setImmediate(() => {
      if (reports === before) channel.close(new DeadlineError(`no report for ${silenceMs} ms`));
    });
  };
  const watchdog = setTimeout(silent, silenceMs);
  const reader = new ReportReader();
  try {
    await channel.read((line) => {
      const report = reader.read(line);
      reports += 1;
      watchdog.refresh();
      heard();
      const now = clock.monotonic();
      if (now - confirmedAt >= confirmWithinMs(report)) {
        confirmedAt = now;
        channel.send(JSON.stringify({ heard: report.sequence } satisfies Heard));
      }
      options.onReport(report);
    });
  } finally {
    clearTimeout(watchdog);
  }
}

/**
 * A primary that this does not reach for long takes itself for cut off and refuses mail: each of its reports is confirmed, and
 * each of anybody who is not plainly a replica. To a replica it says only that its reader is still there.
 */
function confirmWithinMs({ replication, grantedEpoch }: AgentReport): number {
  const isReplica =
    grantedEpoch === null && replication?.role === 'replica' && replication.upstream?.streaming === true;
  return isReplica ? HEARD_WITHIN_MS : 0;
}
