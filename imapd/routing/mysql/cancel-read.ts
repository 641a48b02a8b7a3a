import { randomUUID } from 'node:crypto';
import { type OpenConnection, openConnection } from '#database/mysql/connection/open-connection.ts';
import type { Statement } from '#database/mysql/connection/statement.ts';

/** How long connecting and all that is said may take, ms. What is not ended by then ends by its own limit. */
const DEADLINE_MS = 1_000;

/**
 * What a session is found by: a lock by name that it holds as long as it lives. Its number would not do. A server that was started
 * again gives the numbers anew, and who has that one now may be waiting in COMMIT, which must not be ended (commit.ts).
 */
export type Mark = { readonly name: string; readonly take: Statement };

export function newMark(): Mark {
  const name = `imapd ${randomUUID()}`;
  return { name, take: { name: 'session-mark', text: 'SELECT GET_LOCK(?, 0) AS taken', values: [name] } };
}

export type CancelRead = Pick<OpenConnection, 'endpoint' | 'tls' | 'user' | 'password'>;

/**
 * Ends what these sessions are reading, by a session of its own: a server that is busy with a statement does not notice that its
 * client is gone. The only place that sends KILL QUERY, and only to sessions that may not write.
 */
export async function cancelReads(where: CancelRead, marks: readonly Mark[]): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    const killer = await openConnection({ ...where, role: 'monitor', timeoutMs: DEADLINE_MS, signal });
    try {
      for (const { name } of marks) {
        const find = { name: 'session-find', text: 'SELECT IS_USED_LOCK(?) AS id', values: [name] };
        const [answer] = await killer.batch([find]);
        const id = answer?.rows[0]?.id;
        if (typeof id === 'number') await killer.batch([{ name: 'read-cancel', text: 'KILL QUERY ?', values: [id] }]);
      }
    } finally {
      killer.abandon();
    }
  } catch {
    // The member does not answer, or lets nobody in, or the session ended in between: then there is no more to be done.
  }
}
