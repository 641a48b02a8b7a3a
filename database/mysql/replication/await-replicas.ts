import { poll } from '#runtime/poll.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { readSemiSync } from './semi-sync.ts';

const POLL_MS = 5;

/**
 * Waits until as many replicas are there to reply as a commit waits for. One that is begun before would wait as well, but for whoever
 * copies this server in order to be such a replica (copy-held-up.ts).
 */
export async function awaitReplicas(connection: MysqlConnection, signal: AbortSignal): Promise<void> {
  await poll(POLL_MS, signal, async () => {
    const { replicas, required } = await readSemiSync(connection);
    return replicas >= required ? true : null;
  });
}
