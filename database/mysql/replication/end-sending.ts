import { poll } from '#runtime/poll.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { setDoor } from '../sessions/door.ts';
import { killSession } from '../sessions/kill-session.ts';
import { listSessions, type Session } from '../sessions/list-sessions.ts';

const POLL_MS = 5;
/** A replica that has not been sent everything by then is far behind, or hangs. */
const SEND_MS = 1_000;

/** Of MySQL too, which sends by GTID. */
const isSender = ({ command }: Session): boolean => command.startsWith('Binlog Dump');

/** In the words of MariaDB and of MySQL. */
const ALL_SENT = /^(?:master|source) has sent all binlog to (?:slave|replica)/i;

/**
 * Sends replicas what they have not been sent yet, for a second at most, and lets go of them: right before a server is stopped in order,
 * on which nobody writes any more. Told to end, MariaDB breaks off what it is sending, and MySQL waits two seconds for whoever sends,
 * though there is nothing left to send. Roles are shut out, for replicas come back at once.
 */
export async function endSending(connection: MysqlConnection, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SEND_MS)]);
  await poll(POLL_MS, limit, async () => {
    const senders = (await listSessions(connection)).filter(isSender);
    return senders.every(({ state }) => ALL_SENT.test(state)) ? true : null;
  }).catch(() => signal.throwIfAborted());
  await setDoor(connection, []);
  await poll(POLL_MS, signal, async () => {
    const senders = (await listSessions(connection)).filter(isSender);
    for (const { id } of senders) await killSession(connection, id);
    return senders.length === 0 ? true : null;
  });
}
