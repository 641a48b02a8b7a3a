import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Statement } from '../connection/statement.ts';
import { rowsOf } from './rows-of.ts';

/**
 * Runs statements about accounts on this server alone: in no binary log, for one that took a number for them would have diverged.
 * Where it fails the session goes on without a log: whoever gets the error must not use it any more.
 */
export async function changeAccounts(connection: MysqlConnection, statements: readonly Statement[]): Promise<void> {
  const changes = connection.flavour === 'mysql' ? await evenReadOnly(connection, statements) : statements;
  await connection.batch([
    { name: 'log-off', text: 'SET SESSION sql_log_bin = 0' },
    ...changes,
    { name: 'log-on', text: 'SET SESSION sql_log_bin = 1' },
  ]);
}

/**
 * MySQL refuses accounts to be changed, by whomever, while it is super_read_only. Without that it is still read_only, to all
 * but the agent.
 */
async function evenReadOnly(connection: MysqlConnection, changes: readonly Statement[]): Promise<readonly Statement[]> {
  const [row] = await rowsOf<{ readonly super: number }>(connection, {
    name: 'super-read-only',
    text: 'SELECT @@GLOBAL.super_read_only AS super',
  });
  if (row?.super !== 1) return changes;
  return [
    { name: 'super-off', text: 'SET GLOBAL super_read_only = 0' },
    ...changes,
    { name: 'super-on', text: 'SET GLOBAL super_read_only = 1' },
  ];
}
