import { poll } from '#runtime/poll.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { ServerError } from '../connection/server-error.ts';
import { errorCodes } from '../error-codes.ts';
import type { Flavour } from '../flavour.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { readReplicaStatus } from './replica-status.ts';
import { wordsOf } from './words.ts';

const POLL_MS = 5;

/** A condition on sessions. The applier's own are about the relay log and its workers. */
const RECEIVER: Readonly<Record<Flavour, string>> = {
  mariadb: "command = 'Slave_IO'",
  mysql: "user = 'system user' AND command = 'Connect' AND state REGEXP 'source|master' AND state NOT REGEXP 'delay'",
};

/**
 * Receives nothing any more; the applier goes on with what has come. Returns when no receiver runs: until then it might take
 * something, and acknowledge it.
 *
 * A receiver that waits for an upstream that hangs would be waited for as long as its time-out (`slave_net_timeout`, or that
 * of a connection that is being made), so it is killed first.
 */
export async function stopReceiver(connection: MysqlConnection, signal: AbortSignal): Promise<void> {
  const status = await readReplicaStatus(connection);
  if (status === null || status.receiver === 'stopped') return;
  const { replica } = wordsOf[connection.flavour];
  // While the receiver runs: where both have stopped MariaDB throws away what it has received, and has acknowledged.
  if (!status.isApplying) await connection.batch([{ name: 'start-applier', text: `START ${replica} SQL_THREAD` }]);
  await killReceiver(connection);
  await connection.batch([{ name: 'stop-receiver', text: `STOP ${replica} IO_THREAD` }]);
  await poll(POLL_MS, signal, async () =>
    (await readReplicaStatus(connection))?.receiver === 'receiving' ? null : true,
  );
}

/** It is no COMMIT: ended in the middle of a transaction, it asks for the whole of it again. */
async function killReceiver(connection: MysqlConnection): Promise<void> {
  const found = await rowsOf<{ readonly id: number }>(connection, {
    name: 'receivers',
    text: `SELECT id AS id FROM information_schema.processlist WHERE ${RECEIVER[connection.flavour]}`,
  });
  for (const { id } of found) {
    await connection
      .batch([{ name: 'kill-receiver', text: 'KILL CONNECTION ?', values: [id] }])
      .catch((error: unknown) => {
        if (!(error instanceof ServerError) || error.errno !== errorCodes.noSuchSession) throw error;
      });
  }
}
