import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type AgentReport, BEATING_STREAM_TYPE, type Heard, STREAM_PATH, STREAM_TYPE } from '#contract/agent-report.ts';
import { eachLine } from '#runtime/lines-of.ts';
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
  while (!options.signal.aborted) {
    const connection = new AbortController();
    const signal = AbortSignal.any([options.signal, connection.signal]);
    const heard = (): void => {
      wait = FIRST_WAIT_MS;
    };
    try {
      await readReports(options, { signal, connection, heard });
      options.onLost('reset', 'the agent ended the stream');
    } catch (error) {
      // What our own patience ended looks like a reset by the other side, and is silence.
      const failure = connection.signal.aborted ? 'timeout' : contactFailure(error);
      if (!options.signal.aborted) options.onLost(failure, String(error));
    } finally {
      // Without a reason given an error with a stack would be made: once a second for each agent that is away.
      connection.abort('over');
    }
    await options.clock.sleep(wait, options.signal);
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  }
}

type Connection = { readonly signal: AbortSignal; readonly connection: AbortController; readonly heard: () => void };

async function readReports(options: AgentStreamOptions, { signal, connection, heard }: Connection): Promise<void> {
  let reports = 0;
  let confirmedAt = Number.NEGATIVE_INFINITY;
  const silent = (): void => {
    const before = reports;
    // What was held up itself finds its timers before the reports that have come meanwhile: those are looked for first.
    setImmediate(() => {
      if (reports === before) connection.abort(new Error(`no report for ${options.silenceMs} ms`));
    });
  };
  const watchdog = setTimeout(silent, options.silenceMs);
  try {
    const { outgoing, response } = await openStream(options, signal);
    const reader = new ReportReader();
    await eachLine(response, (line) => {
      const report = reader.read(line);
      reports += 1;
      watchdog.refresh();
      heard();
      const now = options.clock.monotonic();
      if (now - confirmedAt >= confirmWithinMs(report)) {
        confirmedAt = now;
        outgoing.write(`${JSON.stringify({ heard: report.sequence } satisfies Heard)}\n`);
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

type OpenStream = { readonly outgoing: ClientRequest; readonly response: IncomingMessage };

/** Not fetch: that lets nothing be sent any more once the answer has begun. */
async function openStream({ agentUrl, token }: AgentStreamOptions, signal: AbortSignal): Promise<OpenStream> {
  const headers = { authorization: `Bearer ${token}`, accept: BEATING_STREAM_TYPE, 'content-type': STREAM_TYPE };
  const outgoing = request(new URL(STREAM_PATH, agentUrl), { method: 'POST', headers, signal, agent: false });
  outgoing.flushHeaders();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  // What breaks the connection from now on ends the reading of the response too, and is told there.
  outgoing.on('error', () => undefined);
  if (response.statusCode !== 200) {
    outgoing.destroy();
    throw new Error(`HTTP ${response.statusCode}`);
  }
  return { outgoing, response };
}
