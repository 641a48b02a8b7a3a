import { DatabaseError, type Pool } from 'pg';
import { lockEpoch } from '#database/postgres/repository-epoch.ts';
import type { DirectEngine } from '../direct-access.ts';
import type { Connection } from './connection.ts';
import { enterOperation, recordOperation } from './operations/operations.ts';
import { isRetryable } from './operations/retryable.ts';

/** The pool of a PostgreSQL member, for `DirectAccess`. */
export const directEngine = (pool: Pool): DirectEngine<Connection> => ({
  async lend() {
    const client = await pool.connect();
    return { connection: client, giveBack: (broken) => client.release(broken) };
  },

  async begin(c, operation) {
    const [, door] = await Promise.all([c.query(`BEGIN; ${lockEpoch}`), enterOperation(c, operation)]);
    return door;
  },

  /** Both in one round trip where the connection pipelines: the lock of the mailbox ends with the second. */
  async finish(c, done) {
    const recorded = done === null ? null : recordOperation(c, done.operation, done.result);
    const [, committed] = await Promise.all([recorded, c.query('COMMIT')]);
    // COMMIT of a transaction that has failed answers ROLLBACK, without an error.
    if (committed.command !== 'COMMIT') throw new Error(`the transaction ended with ${committed.command}`);
  },

  async rollBack(c) {
    await c.query('ROLLBACK');
  },

  isRetryable,
  isRefused: (error) => error instanceof DatabaseError && error.severity === 'ERROR',
});
