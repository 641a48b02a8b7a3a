import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { readSemiSync, requireAcknowledgements } from '#database/mysql/replication/semi-sync.ts';
import { changeAccounts } from '#database/mysql/sessions/change-accounts.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import type { SynchronousSet } from '#database/synchronous-set.ts';

/** Schema of what is noted about one server on that server: in no log, for it is each server's own. */
export const NOTES = 'imapcluster';

const NOBODY: Readonly<SynchronousSet> = { required: 0, members: [] };

export type Notes = {
  /**
   * For whom the commits of a primary were told to wait. The server itself knows how many replicas, and forgets even that when it is
   * started again; who they are it never knows.
   */
  readonly synchronous: Readonly<SynchronousSet>;
  /** See level.ts; empty: nothing was noted. */
  readonly level: string;
};

export async function readNotes(connection: MysqlConnection): Promise<Notes> {
  const [found] = await rowsOf<{ readonly n: number }>(connection, {
    name: 'has-notes',
    text: `SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = '${NOTES}' AND table_name = 'server_note'`,
  });
  if (found?.n !== 1) return { synchronous: NOBODY, level: '' };
  const rows = await rowsOf<{ readonly name: string; readonly value: string }>(connection, {
    name: 'notes',
    text: `SELECT name, value FROM ${NOTES}.server_note`,
  });
  const said = new Map(rows.map(({ name, value }) => [String(name), String(value)]));
  const set = said.get('synchronous');
  return {
    synchronous: set === undefined ? NOBODY : (JSON.parse(set) as SynchronousSet),
    level: said.get('level') ?? '',
  };
}

export const noteSet = (connection: MysqlConnection, { required, members }: SynchronousSet): Promise<void> =>
  writeNote(connection, 'synchronous', JSON.stringify({ required, members }));

export async function writeNote(connection: MysqlConnection, name: keyof Notes, value: string): Promise<void> {
  await changeAccounts(connection, [
    { name: 'notes-schema', text: `CREATE DATABASE IF NOT EXISTS ${NOTES}` },
    {
      name: 'notes-table',
      text: `CREATE TABLE IF NOT EXISTS ${NOTES}.server_note (
  name VARBINARY(64) NOT NULL PRIMARY KEY, value VARBINARY(16000) NOT NULL) ENGINE=InnoDB`,
    },
    {
      name: 'note',
      text: `REPLACE INTO ${NOTES}.server_note (name, value) VALUES (?, ?)`,
      values: [name, value],
    },
  ]);
}

/** Has commits wait again for whom they were told to, which a server forgets when it is started. For fewer than they wait for never. */
export async function remindOfSet(connection: MysqlConnection, { required }: SynchronousSet): Promise<void> {
  if ((await readSemiSync(connection)).required < required) await requireAcknowledgements(connection, required);
}
