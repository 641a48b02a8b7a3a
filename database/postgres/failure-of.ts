import { DatabaseError } from 'pg';
import type { AgentReport } from '#contract/agent-report.ts';
import { DeadlineError } from '#runtime/deadline.ts';

const REFUSED = new Set(['ECONNREFUSED', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);

/** Refused and reset are hard evidence of a dead server, a time-out is soft; `sql` is a live server's complaint. */
export function failureOf(error: unknown): NonNullable<AgentReport['probe']['failure']> {
  if (error instanceof DatabaseError) return 'sql';
  if (error instanceof DeadlineError || (error instanceof Error && error.name === 'TimeoutError')) return 'timeout';
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ETIMEDOUT') return 'timeout';
  return REFUSED.has(code) ? 'refused' : 'reset';
}
