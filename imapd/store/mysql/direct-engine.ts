import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { ServerError } from '#database/mysql/connection/server-error.ts';
import { errorSets } from '#database/mysql/error-codes.ts';
import type { DirectEngine, Lent } from '../direct-access.ts';
import type { Connection } from './connection.ts';
import { beginOperation, commit, isOperationExists, recordOperation, rollBack } from './operations/operations.ts';

/** Where connections come from; `giveBack` with an error ends one. */
export type Lender = () => Promise<Lent<MysqlConnection>>;

/** A member of MariaDB or MySQL, for `DirectAccess`. */
export const directEngine = (lend: Lender): DirectEngine<Connection> => ({
  lend,
  begin: beginOperation,

  /** Both in one round trip: the lock of the mailbox ends with the second, which is not reached where the first is refused. */
  async finish(c, done) {
    await c.batch(done === null ? [commit] : [recordOperation(done.operation, done.result), commit]);
  },

  rollBack,
  // Somebody else did the same, or holds what this wants: see again.
  isRetryable: (error) => isOperationExists(error) || (error instanceof ServerError && errorSets.race.has(error.errno)),
  isRefused: (error) => error instanceof ServerError,
});
