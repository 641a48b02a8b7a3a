import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { listSessions } from '../sessions/list-sessions.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { readSemiSync } from './semi-sync.ts';

/**
 * Whether commits of this primary wait for replicas that are not there, and a copy of it, which may become one, for those commits, or
 * will: MySQL's CLONE ends behind what is being committed. Neither ends by itself.
 *
 * @returns octets that the server has sent to anybody so far, by which a copy is seen to get on (what a server measures of itself, which
 *   would tell, is off); null: nothing is held up
 */
export async function heldUpCopy(connection: MysqlConnection): Promise<number | null> {
  if (connection.flavour !== 'mysql') return null;
  const { waiting, replicas, required } = await readSemiSync(connection);
  if (waiting === 0 || replicas >= required) return null;
  if ((await listSessions(connection)).every(({ command }) => command !== 'clone')) return null;
  const text = "SHOW GLOBAL STATUS LIKE 'Bytes\\_sent'";
  const [sent] = await rowsOf<{ readonly Value: string }>(connection, { name: 'octets-sent', text });
  return Number(sent?.Value ?? 0);
}
