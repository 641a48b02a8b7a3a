import { poll } from '#runtime/poll.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Statement } from '../connection/statement.ts';
import { killSession } from '../sessions/kill-session.ts';
import { listSessions, type Session } from '../sessions/list-sessions.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { wordsOf } from './words.ts';

const POLL_MS = 5;
/** For a coordinator to come to the end of what there is, and to notice that it is killed. */
const NOTICE_MS = 2_000;

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

/** Until there is none, or its coordinator is gone: one that is told to stop before it has noticed waits for the rest all the same. */
async function leaveHalf(connection: MysqlConnection): Promise<void> {
  let isKilled = false;
  const isLeft = async (): Promise<true | null> => {
    if (!isKilled && !(await hasHalf(connection))) return true;
    const coordinators = (await listSessions(connection)).filter(isIdleCoordinator);
    if (isKilled && coordinators.length === 0) return true;
    for (const { id } of coordinators) await killSession(connection, id);
    isKilled ||= coordinators.length > 0;
    return null;
  };
  const noticed = AbortSignal.timeout(NOTICE_MS);
  try {
    await poll(POLL_MS, noticed, isLeft);
  } catch (error) {
    // It is told to stop even so.
    if (!noticed.aborted) throw error;
  }
}

async function hasHalf(connection: MysqlConnection): Promise<boolean> {
  const halves = await rowsOf(connection, {
    name: 'half-applied',
    text: `SELECT 1 FROM performance_schema.replication_applier_status_by_coordinator
WHERE channel_name = '' AND processing_transaction <> ''`,
  });
  return halves.length > 0;
}

const isIdleCoordinator = ({ user, state }: Session): boolean =>
  user === 'system user' && state.startsWith('Replica has read all relay log');
