import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { readSemiSync } from './semi-sync.ts';

/**
 * A replica that was cut off between receiving a transaction and saying so does not say so when it is back: it is sent what comes
 * next, and replies to that alone. So a COMMIT of before waits until somebody else writes, though all replicas are there.
 * This writes something where that may be: for a commit that has waited longer than a reply takes.
 *
 * The session is in the repository's schema, and may be left to wait: that a replica is gone is noticed late.
 *
 * @returns whether anything was written
 */
export async function nudge(connection: MysqlConnection): Promise<boolean> {
  const { required, waiting, replicas } = await readSemiSync(connection);
  if (required === 0 || waiting === 0 || replicas < required) return false;
  await connection.batch([{ name: 'begin', text: 'START TRANSACTION' }]);
  // What waits may hold any of these rows.
  const [free] = await rowsOf<{ readonly id: number }>(connection, {
    name: 'free-barrier',
    text: 'SELECT id FROM barrier LIMIT 1 FOR UPDATE SKIP LOCKED',
  });
  const write = { name: 'nudge', text: 'UPDATE barrier SET n = n + 1 WHERE id = ?', values: [free?.id ?? 0] };
  await connection.batch([write, { name: 'commit', text: 'COMMIT' }]);
  return true;
}
