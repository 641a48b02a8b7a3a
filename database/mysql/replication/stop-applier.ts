import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Statement } from '../connection/statement.ts';
import { killSession } from '../sessions/kill-session.ts';
import { listSessions, type Session } from '../sessions/list-sessions.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { wordsOf } from './words.ts';

/**
 * Applies nothing more. Everything that was received whole is applied before (`awaitApplied`), and nothing is received any more.
 *
 * Of a transaction that was received in half, as the last one of a primary that died often is, MySQL would wait a minute for the
 * rest (`SLAVE_WAIT_GROUP_DONE`). None will come: so its coordinator is killed, which rolls that half back.
 *
 * @param then goes with it, in the same round trip
 */
export async function stopApplier(connection: MysqlConnection, then: readonly Statement[] = []): Promise<void> {
  if (connection.flavour === 'mysql') await leaveHalf(connection);
  const { replica } = wordsOf[connection.flavour];
  await connection.batch([{ name: 'stop-replication', text: `STOP ${replica}` }, ...then]);
}

async function leaveHalf(connection: MysqlConnection): Promise<void> {
  const halves = await rowsOf(connection, {
    name: 'half-applied',
    text: `SELECT 1 FROM performance_schema.replication_applier_status_by_coordinator
WHERE channel_name = '' AND processing_transaction <> ''`,
  });
  if (halves.length === 0) return;
  const isCoordinator = ({ user, state }: Session): boolean =>
    user === 'system user' && state.startsWith('Replica has read all relay log');
  for (const { id } of (await listSessions(connection)).filter(isCoordinator)) await killSession(connection, id);
}
