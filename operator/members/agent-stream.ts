import { AgentReport, STREAM_PATH } from '#contract/agent-report.ts';
import { contactFailure } from '../http/contact-failure.ts';
import { shaped } from '../http/json-request.ts';
import type { Clock, ContactFailure } from '../ports.ts';

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
      if (!options.signal.aborted) options.onLost(contactFailure(error), String(error));
    } finally {
      connection.abort();
    }
    await options.clock.sleep(wait, options.signal);
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  }
}

type Connection = { readonly signal: AbortSignal; readonly connection: AbortController; readonly heard: () => void };

async function readReports(options: AgentStreamOptions, { signal, connection, heard }: Connection): Promise<void> {
  const silent = (): void => connection.abort(new Error(`no report for ${options.silenceMs} ms`));
  let watchdog = setTimeout(silent, options.silenceMs);
  try {
    const headers = { authorization: `Bearer ${options.token}` };
    const response = await fetch(new URL(STREAM_PATH, options.agentUrl), { signal, headers });
    if (response.status !== 200 || response.body === null) throw new Error(`HTTP ${response.status}`);
    for await (const line of linesOf(response.body)) {
      const report = shaped(AgentReport, JSON.parse(line));
      if (report === null) throw new Error('the agent reports in a shape that this version does not know');
      clearTimeout(watchdog);
      watchdog = setTimeout(silent, options.silenceMs);
      heard();
      options.onReport(report);
    }
  } finally {
    clearTimeout(watchdog);
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}
