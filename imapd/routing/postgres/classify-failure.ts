import { DatabaseError } from 'pg';
import type { Failure } from '../repository/failure.ts';
import { failureOnThisSide } from '../repository/failure-on-this-side.ts';

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
  if (error instanceof DatabaseError) return classifyState(error.code ?? '');
  const known = failureOnThisSide(error);
  if (known !== null) return known;
  const broken = error instanceof Error && brokenConnection.test(error.message);
  return broken ? { kind: 'member', evidence: 'reset' } : { kind: 'statement' };
}

function classifyState(state: string): Failure {
  if (notOurWriter.has(state) || state.startsWith('08')) return { kind: 'member', evidence: 'sql' };
  if (races.has(state)) return { kind: 'race' };
  if (state === DISK_FULL) return { kind: 'full' };
  return state.startsWith('53') ? { kind: 'busy' } : { kind: 'statement' };
}
