import { DatabaseError } from 'pg';
import { contactFailure } from '../../http/contact-failure.ts';
import { CredentialsProblem } from './sql-credentials.ts';

/** How asking a server has failed. `sql`: it answered, with a complaint. */
export type SqlFailure = {
  readonly kind: 'refused' | 'reset' | 'timeout' | 'sql';
  /** SQLSTATE, or the code of a problem with the credentials; null where there is none. */
  readonly code: string | null;
  readonly message: string;
};

/** What pg says where the other side hung up; it gives no code. */
const HUNG_UP = /^Connection terminated unexpectedly/;

/**
 * Only a host that answers "nobody listens here", or one that hangs up, is hard evidence. What cannot be told apart from a
 * trouble of the network, or of our own (no route, no such name), is silence.
 */
export function sqlFailure(error: unknown): SqlFailure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DatabaseError || error instanceof CredentialsProblem) {
    return { kind: 'sql', code: error.code ?? null, message };
  }
  if (error instanceof Error && HUNG_UP.test(error.message)) return { kind: 'reset', code: null, message };
  return { kind: contactFailure(error), code: null, message };
}

/** It starts, or stops, and will say what it is afterwards (57P03 cannot_connect_now, 57P01 admin_shutdown). */
export const isPassing = ({ code }: SqlFailure): boolean => code === '57P03' || code === '57P01' || code === '57P02';

/** 28P01 invalid_password, 28000 invalid_authorization_specification (no such role, or no line of pg_hba.conf lets it in). */
export const isRefusedSignIn = ({ code }: SqlFailure): boolean => code === '28P01' || code === '28000';
