import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { rowsOf } from './rows-of.ts';

/** Sessions that are in the repository's schema. They stay there, and it is never dropped. */
const inside = new WeakSet<MysqlConnection>();

/** Makes the repository's schema that of the session. `false`: the server has none yet, or not with its table of epochs. */
export async function enterRepository(connection: MysqlConnection, database: string): Promise<boolean> {
  if (inside.has(connection)) return true;
  const [row] = await rowsOf<{ readonly found: number }>(connection, {
    name: 'has-epochs',
    text: `SELECT COUNT(*) AS found FROM information_schema.tables
WHERE table_schema = ? AND table_name = 'repository_epoch'`,
    values: [database],
  });
  if (row === undefined || row.found === 0) return false;
  await connection.batch([{ name: 'enter', text: `USE \`${database}\`` }]);
  inside.add(connection);
  return true;
}
