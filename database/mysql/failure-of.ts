import type { AgentReport } from '#contract/agent-report.ts';
import { ServerError } from './connection/server-error.ts';

const REFUSED = new Set(['ECONNREFUSED', 'ENOENT']);
const RESET = new Set(['ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST']);

/**
 * Refused and reset are hard evidence of a dead server, a time-out is soft; `sql` is a live server's complaint. What cannot be told
 * apart from a trouble of the network or of our own (no route, no address, no file descriptor left) is silence: to take it for more
 * would depose a primary that lives.
 */
export function failureOf(error: unknown): NonNullable<AgentReport['probe']['failure']> {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ServerError) return 'sql';
    const code = (at as NodeJS.ErrnoException).code ?? '';
    if (REFUSED.has(code)) return 'refused';
    if (RESET.has(code)) return 'reset';
  }
  return 'timeout';
}
