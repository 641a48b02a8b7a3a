import { DatabaseError } from 'pg';
import type { AgentReport } from '#contract/agent-report.ts';

const REFUSED = new Set(['ECONNREFUSED', 'ENOENT']);
const RESET = new Set(['ECONNRESET', 'EPIPE']);

/** What pg says of a connection that the other side has ended; it gives no code. */
const HUNG_UP = /^Connection terminated|not queryable$/;

/**
 * Refused and reset are hard evidence of a dead server, a time-out is soft; `sql` is a live server's complaint. What cannot be told
 * apart from a trouble of the network or of our own (no route, no address, no file descriptor left) is silence: to take it for more
 * would depose a primary that lives.
 */
export function failureOf(error: unknown): NonNullable<AgentReport['probe']['failure']> {
  if (error instanceof DatabaseError) return 'sql';
  if (!(error instanceof Error)) return 'timeout';
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (REFUSED.has(code)) return 'refused';
  return RESET.has(code) || HUNG_UP.test(error.message) ? 'reset' : 'timeout';
}

/** Complaints of a server that starts, stops or is full (SQLSTATE classes 57 and 53): it cannot be asked just now. */
export const isPassing = (error: DatabaseError): boolean => /^5[37]/.test(error.code ?? '');
