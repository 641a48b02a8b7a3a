import { ConnectionLost, ServerError } from '#database/mysql/connection/server-error.ts';
import { ServerUnfit } from '#database/mysql/connection/session-settings.ts';
import { errorSets } from '#database/mysql/error-codes.ts';
import type { Failure } from '../repository/failure.ts';
import { failureOnThisSide } from '../repository/failure-on-this-side.ts';

/** One number for both servers: see database/mysql/error-codes.ts. */
export function classifyFailure(error: unknown): Failure {
  if (error instanceof ServerError) return classifyRefusal(error);
  if (error instanceof ServerUnfit) return { kind: 'member', evidence: 'sql' };
  const known = failureOnThisSide(error);
  if (known !== null) return known;
  if (!(error instanceof ConnectionLost)) return { kind: 'statement' };
  // What the kernel says of it is below.
  const cause = error.cause === undefined ? null : classifyFailure(error.cause);
  return cause?.kind === 'member' ? cause : { kind: 'member', evidence: 'reset' };
}

/** The system's number (ENOSPC), as messages have it: `(Errcode: 28 "…")`, `(OS errno 28 - …)`, `Got error 28`. */
const NO_SPACE = /\b(?:errcode|errno|error):? 28\b/i;

function classifyRefusal({ errno, at, message }: ServerError): Failure {
  if (errorSets.member.has(errno) || errorSets.readOnly.has(errno)) return { kind: 'member', evidence: 'sql' };
  if (errorSets.race.has(errno)) return { kind: 'race' };
  if (errorSets.busy.has(errno)) return { kind: 'busy' };
  if (errorSets.full.has(errno)) return { kind: 'full' };
  if (errorSets.ofSystem.has(errno) && NO_SPACE.test(message)) return { kind: 'full' };
  // No statement at all: whatever keeps the session from beginning, this member does not serve us.
  return at < 0 ? { kind: 'member', evidence: 'sql' } : { kind: 'statement' };
}
