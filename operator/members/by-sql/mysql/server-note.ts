import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { readSemiSync, requireAcknowledgements } from '#database/mysql/replication/semi-sync.ts';
import { changeAccounts } from '#database/mysql/sessions/change-accounts.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import type { SynchronousSet } from '#database/synchronous-set.ts';

/** Schema of what is noted about one server on that server: in no log, for it is each server's own. */
export const NOTES = 'imapcluster';

const NOBODY: Readonly<SynchronousSet> = { required: 0, members: [] };

/**
 * For whom the commits of a primary were told to wait. The server itself knows how many replicas, and forgets even that when it is
 * started again; who they are it never knows.
 */
export async function readNotedSet(connection: MysqlConnection): Promise<Readonly<SynchronousSet>> {
  const [found] = await rowsOf<{ readonly n: number }>(connection, {
    name: 'has-notes',
    text: `SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = '${NOTES}' AND table_name = 'server_note'`,
  });
  if (found?.n !== 1) return NOBODY;
  const [row] = await rowsOf<{ readonly value: string }>(connection, {
    name: 'noted-set',
    text: `SELECT value FROM ${NOTES}.server_note WHERE name = 'synchronous'`,
  });
  return row === undefined ? NOBODY : (JSON.parse(row.value) as SynchronousSet);
}

export async function noteSet(connection: MysqlConnection, { required, members }: SynchronousSet): Promise<void> {
  await changeAccounts(connection, [
    { name: 'notes-schema', text: `CREATE DATABASE IF NOT EXISTS ${NOTES}` },
    {
      name: 'notes-table',
      text: `CREATE TABLE IF NOT EXISTS ${NOTES}.server_note (
  name VARBINARY(64) NOT NULL PRIMARY KEY, value VARBINARY(16000) NOT NULL) ENGINE=InnoDB`,
    },
    {
      name: 'note-set',
      text: `REPLACE INTO ${NOTES}.server_note (name, value) VALUES ('synchronous', ?)`,
      values: [JSON.stringify({ required, members })],
    },
  ]);
}

/** Has commits wait again for whom they were told to, which a server forgets when it is started. For fewer than they wait for never. */
export async function remindOfSet(connection: MysqlConnection, { required }: SynchronousSet): Promise<void> {
  if ((await readSemiSync(connection)).required < required) await requireAcknowledgements(connection, required);
}
