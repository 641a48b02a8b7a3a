import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Statement } from '../connection/statement.ts';

/** Rows of one statement. What `R` says of them is the statement's word. */
export async function rowsOf<R>(connection: MysqlConnection, statement: Statement): Promise<readonly R[]> {
  const [answer] = await connection.batch([statement]);
  return (answer?.rows ?? []) as readonly R[];
}
