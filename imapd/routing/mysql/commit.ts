import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { ServerError } from '#database/mysql/connection/server-error.ts';
import { errorSets } from '#database/mysql/error-codes.ts';
import { passBarrier } from '#database/mysql/repository-epoch.ts';
import { commit as commitStatement, recordOperation, rollBack } from '../../store/mysql/operations/operations.ts';
import type { CommitOutcome, Last, NotCommitted, WholeOutcome } from '../driver.ts';
import { closing } from './transaction.ts';

/**
 * Sends the transaction's last statement and COMMIT in one packet.
 *
 * `OK` is taken for what it says, for nothing could be told from it: where the wait for a replica ends in vain (KILL QUERY of the
 * session on MariaDB, a shutdown of MySQL, or semi-synchronous commits switched off while it waits) the servers answer OK, without a
 * warning. So nobody ends such a wait: sessions that write are never killed from here (cancel-read.ts), they have no limit of
 * time (session-settings.ts), and a fence looks for those that wait first (database/mysql/sessions/mail-sessions.ts).
 */
export async function commit(c: MysqlConnection, last: Last): Promise<CommitOutcome> {
  try {
    await c.batch([...closing[c.flavour], lastStatement(c, last), commitStatement]);
    return { kind: 'committed' };
  } catch (error) {
    return await judge(c, error);
  }
}

const lastStatement = (c: MysqlConnection, last: Last) =>
  last.kind === 'record' ? recordOperation(last.operation, last.result) : passBarrier(c.id);

/** The same of what `send` sends as a whole, COMMIT and all. */
export async function sendWhole<T>(c: MysqlConnection, send: () => Promise<T>): Promise<WholeOutcome<T>> {
  try {
    return { kind: 'committed', value: await send() };
  } catch (error) {
    return await judge(c, error);
  }
}

/**
 * A statement that is refused leaves what was done before it in an open transaction, and COMMIT, behind it in the same packet,
 * is not reached. Where COMMIT itself is refused, that it was rolled back is sure of few errors only.
 */
async function judge(c: MysqlConnection, cause: unknown): Promise<NotCommitted> {
  if (!(cause instanceof ServerError) || !isRolledBack(cause)) return { kind: 'unknown', cause };
  // A connection on which that fails is of no use to anybody, and with it the transaction ends.
  await rollBack(c).catch(() => c.abandon());
  return { kind: 'rolledBack', cause };
}

/** SQLSTATE class of "transaction rollback". */
const ROLLBACK = '40';

const isRolledBack = ({ statement, sqlState, errno }: ServerError): boolean =>
  statement !== commitStatement.name || sqlState.startsWith(ROLLBACK) || errorSets.readOnly.has(errno);
