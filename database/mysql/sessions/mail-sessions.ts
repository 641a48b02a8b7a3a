import { poll } from '#runtime/poll.ts';
import { roles } from '../../roles.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { killSession } from './kill-session.ts';
import { listSessions, type Session } from './list-sessions.ts';
import { makeReadOnly } from './read-only.ts';
import type { SessionPair } from './session-pair.ts';

const POLL_MS = 5;

/**
 * What a session is about that has begun to commit. One of them asks the replicas for all ("Waiting for semi-sync ACK"), the others
 * wait for it.
 */
const COMMITS = /^(?:waiting for semi-sync ack|waiting for handler commit|commit)/i;

/**
 * Ends every session of the mail role, unless one of them waits in COMMIT in vain. New ones must be refused already.
 *
 * First writes are refused to all that are there: when that is in force no COMMIT is under way, and none begins. Only then
 * is anybody's session ended. To end one that waits for its replica would end the wait: MariaDB shows the transaction to others, and
 * to the one whose query alone was ended it even reports success.
 */
export async function endMailSessions(pair: SessionPair, signal: AbortSignal): Promise<'ended' | 'commitWaiting'> {
  const { watcher } = pair;
  let sessions: readonly Session[] = [];
  const heldUp = async (): Promise<void> => {
    sessions = await list(watcher);
  };
  while (!(await makeReadOnly(pair, { writers: 'agent', heldUp }))) {
    signal.throwIfAborted();
    if (sessions.some(commits)) return 'commitWaiting';
    // Something else holds it up: a statement that takes long. It has not committed, so it may be ended.
    await end(watcher, sessions);
  }
  return await poll(POLL_MS, signal, async () => {
    sessions = await list(watcher);
    await end(watcher, sessions);
    return sessions.length === 0 ? 'ended' : null;
  });
}

/**
 * Ends those sessions of the mail role that have not begun to commit, where others wait in COMMIT in vain: those are left alone, as long as
 * nobody ends their wait.
 */
export async function endOtherMailSessions(connection: MysqlConnection): Promise<void> {
  const sessions = await list(connection);
  await end(
    connection,
    sessions.filter((session) => !commits(session)),
  );
}

const commits = ({ state }: Session): boolean => COMMITS.test(state);

const list = async (connection: MysqlConnection): Promise<readonly Session[]> =>
  (await listSessions(connection)).filter(({ user }) => user === roles.mail);

async function end(connection: MysqlConnection, sessions: readonly Session[]): Promise<void> {
  for (const { id } of sessions) await killSession(connection, id);
}
