import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { readSemiSync } from './semi-sync.ts';

/**
 * A replica that was cut off between receiving a transaction and saying so does not say so when it is back: it is sent what comes
 * next, and replies to that alone. So a COMMIT of before waits until somebody else writes, though all replicas are there.
 *
 * @returns whether a commit waits though as many replicas are there as it waits for
 */
export async function waitsInVain(connection: MysqlConnection): Promise<boolean> {
  const { required, waiting, replicas } = await readSemiSync(connection);
  return required > 0 && waiting > 0 && replicas >= required;
}

/**
 * Writes something, for commits that wait in vain. The session is in the repository's schema, and may be left to wait: that a replica
 * is gone is noticed late.
 *
 * On MariaDB it does not get into the log behind two groups of commits: the first waits for the replicas, the second for the first, and
 * holds the log. Whoever then has both has no reason to reply any more.
 */
export async function nudge(connection: MysqlConnection): Promise<void> {
  await connection.batch([{ name: 'begin', text: 'START TRANSACTION' }]);
  // What waits may hold any of these rows.
  const [free] = await rowsOf<{ readonly id: number }>(connection, {
    name: 'free-barrier',
    text: 'SELECT id FROM barrier LIMIT 1 FOR UPDATE SKIP LOCKED',
  });
  const write = { name: 'nudge', text: 'UPDATE barrier SET n = n + 1 WHERE id = ?', values: [free?.id ?? 0] };
  await connection.batch([write, { name: 'commit', text: 'COMMIT' }]);
}
