import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { readSemiSync } from './semi-sync.ts';

/**
 * Whether commits of this primary wait for replicas that are not there, and a copy of it, which may become one, for those commits:
 * MySQL's CLONE ends behind what is being committed. Neither ends by itself.
 */
export async function isCopyHeldUp(connection: MysqlConnection): Promise<boolean> {
  if (connection.flavour !== 'mysql') return false;
  const { waiting, replicas, required } = await readSemiSync(connection);
  if (waiting === 0 || replicas >= required) return false;
  const [row] = await rowsOf<{ readonly copies: number }>(connection, {
    name: 'copies',
    text: "SELECT COUNT(*) AS copies FROM information_schema.processlist WHERE command = 'clone'",
  });
  return row !== undefined && row.copies > 0;
}
