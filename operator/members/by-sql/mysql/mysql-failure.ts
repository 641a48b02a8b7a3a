import { ServerError } from '#database/mysql/connection/server-error.ts';
import { type ErrorCode, errorCodes } from '#database/mysql/error-codes.ts';
import { failureOf } from '#database/mysql/failure-of.ts';
import { messageOf } from '../message-of.ts';
import { credentialsFailure, type SqlFailure, unverifiedFailure } from '../sql-failure.ts';
import { NotFit } from './fitness/not-fit.ts';

const of = (...names: readonly ErrorCode[]): ReadonlySet<number> => new Set(names.map((name) => errorCodes[name]));

const PASSING = of('shuttingDown');

/** Nobody is let in there under that name, with that password, or from here. */
const REFUSED = of(
  'passwordRefused',
  'pluginMissing',
  'accountLockedMariadb',
  'accountLockedMysql',
  'hostBlocked',
  'hostRefused',
);

/** Of MariaDB and MySQL: which evidence an error is. */
export function mysqlFailure(error: unknown): SqlFailure {
  const message = messageOf(error);
  if (error instanceof NotFit) return { kind: 'sql', code: null, message, meaning: null, unfit: error.unfit };
  const known = credentialsFailure(error) ?? unverifiedFailure(error);
  if (known !== null) return known;
  if (!(error instanceof ServerError)) return { kind: failureOf(error), code: null, message, meaning: null };
  return { kind: 'sql', code: String(error.errno), message, meaning: meaningOf(error.errno) };
}

function meaningOf(errno: number): SqlFailure['meaning'] {
  if (PASSING.has(errno)) return 'passing';
  return REFUSED.has(errno) ? 'refused' : null;
}
