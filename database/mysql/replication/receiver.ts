import { orAborted } from '#runtime/or-aborted.ts';
import { poll } from '#runtime/poll.ts';
import { settled } from '#runtime/settled.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { killSession } from '../sessions/kill-session.ts';
import { type Session, sessionsIn, showSessions } from '../sessions/list-sessions.ts';
import type { SessionPair } from '../sessions/session-pair.ts';
import { readReplicaStatus, replicaStatusOf, showReplicaStatus } from './replica-status.ts';
import { wordsOf } from './words.ts';

const POLL_MS = 5;

/**
 * Receives nothing any more; the applier goes on with what has come. Returns when no receiver runs: until then it might take
 * something, and acknowledge it. One that is about to connect to an upstream that hangs ends with that attempt, after
 * `slave_net_timeout` seconds at most: neither server has a way to break it off.
 */
export async function stopReceiver({ waiter, watcher }: SessionPair, signal: AbortSignal): Promise<void> {
  const { flavour } = waiter;
  const { replica } = wordsOf[flavour];
  const [shown, listed] = await watcher.batch([
    showReplicaStatus(flavour),
    ...(flavour === 'mariadb' ? [showSessions] : []),
  ]);
  const status = replicaStatusOf(shown?.rows[0], flavour);
  if (status === null || status.receiver === 'stopped') return;
  // While the receiver runs: where both have stopped MariaDB throws away what it has received, and has acknowledged.
  if (!status.isApplying) await watcher.batch([{ name: 'start-applier', text: `START ${replica} SQL_THREAD` }]);
  if (flavour === 'mariadb') await killReceiver(watcher, sessionsIn(listed?.rows ?? []));
  const stop = { name: 'stop-receiver', text: `STOP ${replica} IO_THREAD` };
  const stopping = waiter.batch([stop, showReplicaStatus(flavour)]);
  void settled(stopping);
  const [, after] = await orAborted(stopping, signal);
  if (replicaStatusOf(after?.rows[0], flavour)?.receiver === 'stopped') return;
  await poll(POLL_MS, signal, async () => ((await readReplicaStatus(watcher))?.receiver === 'stopped' ? true : null));
}

/**
 * MariaDB's would go on to wait for an upstream that hangs. MySQL's ends by itself, and is not killed: that would more often leave half
 * a transaction behind, which takes care to get rid of (stop-applier.ts).
 */
async function killReceiver(connection: MysqlConnection, found: readonly Session[]): Promise<void> {
  for (const { id } of found.filter(({ command }) => command === 'Slave_IO')) await killSession(connection, id);
}
