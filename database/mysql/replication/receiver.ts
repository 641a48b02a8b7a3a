import { DeadlineError, within } from '#runtime/deadline.ts';
import { orAborted } from '#runtime/or-aborted.ts';
import { poll } from '#runtime/poll.ts';
import { settled } from '#runtime/settled.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Flavour } from '../flavour.ts';
import { killSession } from '../sessions/kill-session.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import type { SessionPair } from '../sessions/session-pair.ts';
import { readReplicaStatus } from './replica-status.ts';
import { wordsOf } from './words.ts';

const POLL_MS = 5;
/** A receiver whose upstream answers stops sooner. */
const PATIENCE_MS = 100;

/**
 * Receives nothing any more; the applier goes on with what has come. Returns when no receiver runs: until then it might take
 * something, and acknowledge it.
 *
 * One that waits for an upstream that hangs would be waited for as long as its time-out (`slave_net_timeout`), so it is
 * killed then.
 */
export async function stopReceiver(sessions: SessionPair, signal: AbortSignal): Promise<void> {
  const { waiter, watcher } = sessions;
  const status = await readReplicaStatus(watcher);
  if (status === null || status.receiver === 'stopped') return;
  const { replica } = wordsOf[waiter.flavour];
  // While the receiver runs: where both have stopped MariaDB throws away what it has received, and has acknowledged.
  if (!status.isApplying) await watcher.batch([{ name: 'start-applier', text: `START ${replica} SQL_THREAD` }]);
  const stopping = waiter.batch([{ name: 'stop-receiver', text: `STOP ${replica} IO_THREAD` }]);
  void settled(stopping);
  try {
    await within(PATIENCE_MS, 'stopping the receiver', stopping);
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    await killReceiver(watcher);
    await orAborted(stopping, signal);
  }
  await poll(POLL_MS, signal, async () => ((await readReplicaStatus(watcher))?.receiver === 'stopped' ? true : null));
}

/**
 * It has been told to stop by then, so that it takes nothing more. MySQL's is killed only where it connects: in the middle of writing
 * what it has received that would leave the applier waiting for ever, even for its own end.
 */
const RECEIVER: Readonly<Record<Flavour, string>> = {
  mariadb: "command = 'Slave_IO'",
  mysql: "user = 'system user' AND state REGEXP '^(Connecting to|Reconnecting after|Waiting to reconnect)'",
};

async function killReceiver(connection: MysqlConnection): Promise<void> {
  const found = await rowsOf<{ readonly id: number }>(connection, {
    name: 'receivers',
    text: `SELECT id AS id FROM information_schema.processlist WHERE ${RECEIVER[connection.flavour]}`,
  });
  for (const { id } of found) await killSession(connection, id);
}
