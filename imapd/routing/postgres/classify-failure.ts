import { DatabaseError } from 'pg';
import type { RepositoryView } from '#contract/push-api.ts';
import { NoAnswerInTime } from './patience.ts';
import { NotSignedIn } from './sign-in.ts';

export type WriterFailure = NonNullable<RepositoryView['writerFailure']>;

/**
 * What an error says about the member that caused it.
 *
 *   member     it cannot be reached, or is not (any longer) what the target says it is: it is suspected
 *   race       the transaction lost against another one; nothing happened, the same again may succeed
 *   busy       the member is alive and refuses for want of something that comes back soon: connections, memory, a password
 *   full       it has no disk space left for what was to be written; it lives, reads and commits what needs none
 *   statement  the fault of who wrote the statement; trying again is of no use
 */
export type Failure =
  | { readonly kind: 'member'; readonly evidence: WriterFailure }
  | { readonly kind: 'race' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'full' }
  | { readonly kind: 'statement' };

/** The target names an epoch that the member does not have: the document is old, or the member is not stamped yet. */
export class WrongEpoch extends Error {
  override readonly name = 'WrongEpoch';

  constructor(expected: number, found: number | null) {
    super(`the repository is at epoch ${found ?? 'none'}, the target says ${expected}`);
  }
}

/** The member is up, shows the right epoch, and refuses to be written to: fenced. */
export class NotWritable extends Error {
  override readonly name = 'NotWritable';
}

const evidenceOfCode: Readonly<Record<string, WriterFailure>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'timeout',
  ENETUNREACH: 'timeout',
  ENOTFOUND: 'timeout',
  EAI_AGAIN: 'timeout',
};

/** SQLSTATEs (PostgreSQL appendix A) by which a server says that it does not serve us. */
const notOurWriter = new Set([
  '25006', // read_only_sql_transaction: a replica, or fenced
  '28000', // invalid_authorization_specification: pg_hba.conf rejects us, a fence
  '3D000', // invalid_catalog_name: no such database there
  '57P01', // admin_shutdown: stopping, or our session was ended
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
]);
const races = new Set(['40001', '40P01', '55P03']);
/**
 * disk_full. Of a file of data it refuses that one statement. Where the log finds no space PostgreSQL ends itself: whoever wrote is
 * told, all the others lose the member.
 */
const DISK_FULL = '53100';

/** Messages of `pg` for a connection that broke, which carry no code. */
const brokenConnection = /Connection terminated|not queryable|Client was closed/;

export function classifyFailure(error: unknown): Failure {
  if (error instanceof WrongEpoch || error instanceof NotWritable) return { kind: 'member', evidence: 'sql' };
  if (error instanceof NotSignedIn) return { kind: 'busy' };
  if (error instanceof NoAnswerInTime) return { kind: 'member', evidence: 'timeout' };
  if (error instanceof DatabaseError) return classifyState(error.code ?? '');
  if (!(error instanceof Error)) return { kind: 'statement' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const evidence = evidenceOfCode[code];
  if (evidence !== undefined) return { kind: 'member', evidence };
  if (/timeout/i.test(error.message)) return { kind: 'member', evidence: 'timeout' };
  return brokenConnection.test(error.message) ? { kind: 'member', evidence: 'reset' } : { kind: 'statement' };
}

function classifyState(state: string): Failure {
  if (notOurWriter.has(state) || state.startsWith('08')) return { kind: 'member', evidence: 'sql' };
  if (races.has(state)) return { kind: 'race' };
  if (state === DISK_FULL) return { kind: 'full' };
  return state.startsWith('53') ? { kind: 'busy' } : { kind: 'statement' };
}
