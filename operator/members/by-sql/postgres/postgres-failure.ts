import { DatabaseError } from 'pg';
import { contactFailure } from '../../../http/contact-failure.ts';
import { messageOf } from '../message-of.ts';
import { credentialsFailure, type SqlFailure, unverifiedFailure } from '../sql-failure.ts';

/** What pg says where the other side hung up; it gives no code. */
const HUNG_UP = /^Connection terminated unexpectedly/;

/** 57P03 cannot_connect_now, 57P01 admin_shutdown, 57P02 crash_shutdown. */
const PASSING = new Set(['57P03', '57P01', '57P02']);

/** 28P01 invalid_password, 28000 invalid_authorization_specification (no such role, or no line of pg_hba.conf lets it in). */
const REFUSED = new Set(['28P01', '28000']);

/**
 * Only a host that answers "nobody listens here", or one that hangs up, is hard evidence. What cannot be told apart from a
 * trouble of the network, or of our own (no route, no such name), is silence.
 */
export function postgresFailure(error: unknown): SqlFailure {
  const message = messageOf(error);
  if (error instanceof DatabaseError) {
    return { kind: 'sql', code: error.code ?? null, message, meaning: meaningOf(error.code ?? '') };
  }
  const known = credentialsFailure(error) ?? unverifiedFailure(error);
  if (known !== null) return known;
  const isHungUp = error instanceof Error && HUNG_UP.test(error.message);
  return { kind: isHungUp ? 'reset' : contactFailure(error), code: null, message, meaning: null };
}

function meaningOf(code: string): SqlFailure['meaning'] {
  if (PASSING.has(code)) return 'passing';
  return REFUSED.has(code) ? 'refused' : null;
}
