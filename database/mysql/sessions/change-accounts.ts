import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { ServerError } from '../connection/server-error.ts';
import type { Statement } from '../connection/statement.ts';
import { rowsOf } from './rows-of.ts';

/**
 * Runs statements about accounts on this server alone: in no binary log, for one that took a number for them would have diverged.
 * Where it fails the session goes on without a log: whoever gets the error must not use it any more.
 */
export async function changeAccounts(connection: MysqlConnection, statements: readonly Statement[]): Promise<void> {
  const changes = [
    { name: 'log-off', text: 'SET SESSION sql_log_bin = 0' },
    ...statements,
    { name: 'log-on', text: 'SET SESSION sql_log_bin = 1' },
  ];
  if (await isSuperReadOnly(connection)) await evenReadOnly(connection, changes);
  else await connection.batch(changes);
}

async function isSuperReadOnly(connection: MysqlConnection): Promise<boolean> {
  if (connection.flavour !== 'mysql') return false;
  const [row] = await rowsOf<{ readonly super: number }>(connection, {
    name: 'super-read-only',
    text: 'SELECT @@GLOBAL.super_read_only AS super',
  });
  return row?.super === 1;
}

/**
 * MySQL refuses accounts to be changed, by whomever, while it is super_read_only. Without that it is still read_only, to all
 * but the agent. Where the session is lost on the way the agent's maintenance finds it so, and shuts it again.
 */
async function evenReadOnly(connection: MysqlConnection, changes: readonly Statement[]): Promise<void> {
  const shut: Statement = { name: 'super-on', text: 'SET GLOBAL super_read_only = 1' };
  try {
    await connection.batch([{ name: 'super-off', text: 'SET GLOBAL super_read_only = 0' }, ...changes, shut]);
  } catch (error) {
    // The batch ends at the statement that fails.
    if (error instanceof ServerError) await connection.batch([shut]);
    throw error;
  }
}
